package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The physical connections of one database, opened when they are needed first, and again after the file has failed. Used only by the
 * thread that runs the database.
 */
final class LazyConnections {

    /** How often a file that is only read is looked for. */
    private static final long CHECK_NANOS = 100_000_000;

    private final Opener opener;
    private @Nullable Connections connections;
    private boolean broken;
    private long lastChecked;

    /** Opens the physical connections of a database. */
    interface Opener {

        Connections open();

        /** What a failure of the file or its disk means to the plugin. */
        DatabaseUnavailableException unavailable(SQLException error);
    }

    /** The physical connections of a database that is open. */
    interface Connections {

        NativeConnection main();

        /** A connection that reads the last committed state while {@link #main} is in a transaction; null in memory. */
        @Nullable
        NativeConnection reader() throws SQLException;

        int count();

        /** Whether the file is still the one that was opened; fails when it is gone. */
        void checkFile();

        /** Whether the file could not be written when it was opened, and so cannot be by these. */
        boolean isReadOnly();

        void close() throws SQLException, IOException;
    }

    LazyConnections(Opener opener) {
        this.opener = opener;
    }

    int count() {
        return connections == null ? 0 : connections.count();
    }

    NativeConnection main() {
        return open().main();
    }

    private Connections open() {
        Connections open = connections;
        if (open == null) {
            open = opener.open();
            connections = open;
            // To be opened again as soon as no one is in it: it may be writable by then.
            broken |= open.isReadOnly();
        }
        return open;
    }

    /** Reads beside another session's transaction; {@link #main} where that is not possible. */
    NativeConnection beside() throws SQLException {
        NativeConnection reader = open().reader();
        return reader == null ? main() : reader;
    }

    boolean canReadBeside() {
        try {
            return connections != null && connections.reader() != null;
        } catch (SQLException e) {
            return false;
        }
    }

    void forgetStatements() throws SQLException {
        Connections open = connections;
        if (open != null) {
            open.main().forgetStatements();
            NativeConnection reader = open.count() > 1 ? open.reader() : null;
            if (reader != null) {
                reader.forgetStatements();
            }
        }
    }

    /** What is wrong with the file by now: null when it is the one that was opened. One that was only read is looked for seldom. */
    @Nullable
    DatabaseUnavailableException lost(boolean wrote) {
        long now = System.nanoTime();
        Connections open = connections;
        if (open == null || (!wrote && now - lastChecked < CHECK_NANOS)) {
            return null;
        }
        lastChecked = now;
        try {
            open.checkFile();
            return null;
        } catch (DatabaseUnavailableException e) {
            broken = true;
            return e;
        }
    }

    /** A failure of the file or its disk asks for the operator; the file is opened again as soon as no one is in it. */
    RuntimeException translate(SQLException error) {
        if (SqliteErrors.isDiskFault(error)) {
            broken = true;
            return opener.unavailable(error);
        }
        return SqliteErrors.isHeldElsewhere(error) ? opener.unavailable(error) : SqliteErrors.translate(error);
    }

    void closeIfBroken() {
        if (!broken) {
            return;
        }
        broken = false;
        try {
            close();
        } catch (SQLException e) {
            // It was broken before: what it had to say was said to those who used it.
            connections = null;
        }
    }

    /** Closes what is open; the next job opens it again. */
    void close() throws SQLException {
        Connections open = connections;
        if (open == null) {
            return;
        }
        connections = null;
        try {
            open.close();
        } catch (IOException e) {
            throw new SQLException(e);
        }
    }
}
