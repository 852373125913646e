package dev.plinth.runtime.contract;

import dev.plinth.runtime.database.pool.ConnectionSource;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.internal.SqlClientBase;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.spi.ConnectionFactory;
import io.vertx.sqlclient.spi.Driver;

/** The plainest pool over a source. */
public final class SourcePool extends SqlClientBase implements Pool {

    private final VertxInternal vertx;
    private final ConnectionSource source;

    public SourcePool(Vertx vertx, ConnectionSource source) {
        super(source.driver());
        this.vertx = (VertxInternal) vertx;
        this.source = source;
    }

    @Override
    protected ContextInternal context() {
        return vertx.getOrCreateContext();
    }

    @Override
    protected <T> PromiseInternal<T> promise() {
        return context().promise();
    }

    @Override
    public <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        source.execute(
                context(),
                command,
                (result, error) -> handler.complete(result, error == null ? null : source.translate(error)));
    }

    @Override
    public Future<SqlConnection> getConnection() {
        ContextInternal context = context();
        return source.acquire(context).map(connection -> wrap(source.driver(), context, connection));
    }

    @SuppressWarnings("unchecked")
    private <C extends io.vertx.sqlclient.SqlConnectOptions> SqlConnection wrap(
            Driver<C> driver, ContextInternal context, io.vertx.sqlclient.internal.Connection connection) {
        return driver.wrapConnection(context, (ConnectionFactory<C>) source.factory(), connection);
    }

    @Override
    public Future<Void> close() {
        return source.close();
    }

    @Override
    public int size() {
        return source.size();
    }
}
