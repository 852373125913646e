package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.ForwardingConnection;
import dev.plinth.runtime.database.pool.GuardedConnection;
import io.vertx.core.Completable;
import io.vertx.core.internal.ContextInternal;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import io.vertx.sqlclient.internal.command.CommandBase;

/** A connection outside every pool: closing it closes the physical connection. */
final class Dedicated extends ForwardingConnection {

    private final PgDialer.Line line;

    private Dedicated(PgDialer.Line line) {
        super(line.connection());
        this.line = line;
    }

    /** As its user sees it, on the user's context. Called on the connection's own. */
    static SqlConnection wrap(ContextInternal context, PostgresSettings settings, PgDialer.Line line) {
        return wrap(context, settings, line, new Dedicated(line));
    }

    /**
     * The same, with another way to close it.
     *
     * @param connection stands before the line's own
     */
    static SqlConnection wrap(
            ContextInternal context, PostgresSettings settings, PgDialer.Line line, Connection connection) {
        Connection guarded = new GuardedConnection(connection, new Owner(settings), context, System.nanoTime(), null);
        SqlConnectionInternal wrapped = PgDriver.INSTANCE.wrapConnection(context, line.factory(), guarded);
        guarded.init((Connection.Holder) wrapped);
        return wrapped;
    }

    /** Nobody lends this connection: who has it owns it. */
    private record Owner(PostgresSettings settings) implements GuardedConnection.Lender {

        @Override
        public void asked(CommandBase<?> command) {}

        @Override
        public Throwable translate(Throwable error) {
            return PgErrors.running(settings, error);
        }

        @Override
        public void returned(GuardedConnection connection) {}
    }

    /** A server that does not answer does not close its end either. */
    @Override
    public void close(Holder holder, Completable<Void> done) {
        long timer =
                line.context().setTimer(PgPoolOptions.CLOSE_TIMEOUT.toMillis(), id -> line.cut((nothing, error) -> {}));
        super.close(holder, (nothing, error) -> {
            line.context().owner().cancelTimer(timer);
            line.cut(done);
        });
    }
}
