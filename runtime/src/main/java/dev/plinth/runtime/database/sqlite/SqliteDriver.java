package dev.plinth.runtime.database.sqlite;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.net.NetClientOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnectOptions;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.spi.ConnectionFactory;
import io.vertx.sqlclient.spi.Driver;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the SQL client needs to know of SQLite. Databases are opened by {@link SqliteConnector}, not by options. */
final class SqliteDriver implements Driver<SqlConnectOptions> {

    static final SqliteDriver INSTANCE = new SqliteDriver();

    private SqliteDriver() {}

    @Override
    public int appendQueryPlaceholder(StringBuilder query, int index, int current) {
        query.append('$').append(1 + index);
        return index;
    }

    @Override
    public Pool newPool(
            Vertx vertx,
            Supplier<Future<SqlConnectOptions>> databases,
            PoolOptions options,
            NetClientOptions transportOptions,
            Handler<SqlConnection> connectHandler,
            CloseFuture closeFuture) {
        throw new UnsupportedOperationException("a SQLite database is opened through its connector");
    }

    @Override
    public ConnectionFactory<SqlConnectOptions> createConnectionFactory(
            Vertx vertx, NetClientOptions transportOptions) {
        throw new UnsupportedOperationException("a SQLite database is opened through its connector");
    }

    @Override
    public @Nullable SqlConnectOptions parseConnectionUri(String uri) {
        return null;
    }

    @Override
    public boolean acceptsOptions(SqlConnectOptions options) {
        return false;
    }

    @Override
    public SqlConnectOptions downcast(SqlConnectOptions options) {
        return options;
    }
}
