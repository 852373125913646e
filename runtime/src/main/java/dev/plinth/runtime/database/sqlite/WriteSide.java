package dev.plinth.runtime.database.sqlite;

import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The one transaction that a database can have open, and whose it is. Used only by the thread that runs the database. */
final class WriteSide {

    private final LazyConnections connections;
    private final Runnable freed;
    private @Nullable SessionState holder;
    private long heldSince;
    private boolean tablesChanged;

    /** @param freed called after each end of a transaction */
    WriteSide(LazyConnections connections, Runnable freed) {
        this.connections = connections;
        this.freed = freed;
    }

    @Nullable
    SessionState holder() {
        return holder;
    }

    boolean isHeldBy(SessionState session) {
        return holder == session;
    }

    boolean isHeldByAnother(SessionState session) {
        return holder != null && holder != session;
    }

    /** Whether the transaction can end in nothing but a rollback. */
    boolean isDoomed(SessionState session) {
        return holder == session && (session.failed || session.doomed);
    }

    boolean isAborted(SessionState session) {
        return holder == session && session.failed;
    }

    /** For people who wait for it. */
    String heldBy(long now) {
        return holder == null
                ? "others were served first"
                : "a transaction of plugin '" + holder.pluginId + "' has held it for "
                        + Duration.ofNanos(now - heldSince).toMillis() + " ms";
    }

    /** Inside a transaction PostgreSQL only warns, and so does nothing. */
    void begin(SessionState session) throws SQLException {
        if (holder == session) {
            return;
        }
        connections.main().execute("BEGIN IMMEDIATE");
        holder = session;
        heldSince = System.nanoTime();
        session.failed = false;
        session.doomed = false;
        session.begunByClient = false;
    }

    void commit(Job job) {
        end(job, false);
    }

    void rollback(Job job) {
        end(job, true);
    }

    /** A commit that fails, for a deferred constraint say, rolls back. */
    private void end(Job job, boolean rollback) {
        SessionState session = job.session;
        if (holder != session) {
            return;
        }
        NativeConnection main = connections.main();
        try {
            if (rollback) {
                main.rollback();
            } else {
                main.execute("COMMIT");
            }
        } catch (SQLException e) {
            job.fail(connections.translate(e));
            rollbackAfter(e, main);
        }
        holder = null;
        session.failed = false;
        session.cursors.clear();
        try {
            forgetChangedTables();
        } catch (SQLException e) {
            job.fail(connections.translate(e));
        }
        freed.run();
    }

    private static void rollbackAfter(SQLException cause, NativeConnection main) {
        try {
            main.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** The connections are closed, and with them the transaction. */
    void drop() {
        holder = null;
        freed.run();
    }

    /** What was compiled before is no longer true. */
    void tablesChanged() throws SQLException {
        tablesChanged = true;
        connections.forgetStatements();
    }

    /** A rollback takes back what compiled statements may have seen already. */
    void forgetChangedTables() throws SQLException {
        if (tablesChanged) {
            tablesChanged = false;
            connections.forgetStatements();
        }
    }
}
