package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.pool.SourceConnection;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.spi.DatabaseMetadata;
import java.time.Duration;
import java.util.function.Function;

/**
 * A connection as its borrower sees it: statements in order, one transaction at a time. It costs next to nothing, as sessions of
 * one database share the physical connections. Any thread.
 */
final class SqliteSession extends SourceConnection {

    private final SqliteDatabase database;
    private final ContextInternal context;
    private final SessionState state;
    private final Duration patience;
    private final Function<SqliteSession, Future<Void>> onClose;

    SqliteSession(
            SqliteDatabase database,
            ContextInternal context,
            String pluginId,
            String location,
            Duration patience,
            Function<SqliteSession, Future<Void>> onClose) {
        super("sqlite", location);
        this.database = database;
        this.context = context;
        this.state = new SessionState(pluginId);
        this.patience = patience;
        this.onClose = onClose;
    }

    @Override
    protected <R> void run(CommandBase<R> command, Completable<R> handler) {
        database.submit(new Job(state, false, patience, context, command, handler));
    }

    /**
     * Gives the session up; an open transaction is rolled back before the future completes. Told to whoever ends it: the borrower's
     * event loop may be blocked.
     */
    @Override
    protected Future<Void> end() {
        Promise<Void> ended = Promise.promise();
        ContextInternal here = context.owner().getContext();
        database.submit(
                new Job(state, false, patience, here == null ? context : here, new CloseSessionCommand(), ended));
        return ended.future().eventually(() -> onClose.apply(this));
    }

    @Override
    public DatabaseMetadata getDatabaseMetaData() {
        return SqliteMetadata.INSTANCE;
    }

    @Override
    public int pipeliningLimit() {
        return Integer.MAX_VALUE;
    }
}
