package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.SqliteSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** Opens a database's physical connections, and says what is wrong when that fails. Used by one thread at a time. */
final class SqliteOpener implements LazyConnections.Opener {

    private static final String IN_MEMORY = ":memory:";

    private static final List<String> SETUP = List.of(
            "PRAGMA foreign_keys = ON",
            "PRAGMA busy_timeout = 5000",
            // LIKE heeds case in PostgreSQL.
            "PRAGMA case_sensitive_like = ON",
            "PRAGMA temp_store = MEMORY");

    /** FULL: an acknowledged write survives the loss of power. */
    private static final List<String> FILE_SETUP = List.of("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL");

    private final SqliteSettings settings;
    private final Optional<DatabaseFile> file;
    private @Nullable Damage damage;

    SqliteOpener(SqliteSettings settings) {
        this.settings = settings;
        this.file = settings.file().map(path -> new DatabaseFile(settings, path));
    }

    /** Opens a database that nobody uses, and closes it. */
    static void tryInMemory() throws SQLException {
        NativeConnection.open(IN_MEMORY, SETUP).close();
    }

    @Override
    public LazyConnections.Connections open() {
        return file.map(this::openFile).orElseGet(this::openMemory);
    }

    private LazyConnections.Connections openMemory() {
        try {
            return new OpenConnections(NativeConnection.open(IN_MEMORY, SETUP), null, null);
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    private LazyConnections.Connections openFile(DatabaseFile opened) {
        opened.prepare();
        Damage known = damage;
        DatabaseFile.Stamp stamp = opened.stamp();
        if (known != null && known.isStill(stamp)) {
            throw known.failure();
        }
        DatabaseFile.Held held = opened.hold();
        try {
            NativeConnection main = openMain(opened, known != null);
            damage = null;
            return new OpenConnections(main, opened, held);
        } catch (SQLException e) {
            DatabaseUnavailableException failure = unavailable(e);
            releaseAfter(failure, held);
            if (SqliteErrors.isDamage(e)) {
                damage = new Damage(failure, stamp);
            }
            throw failure;
        }
    }

    /** @param doubtful whether all of it is to be read before anyone uses it */
    private static NativeConnection openMain(DatabaseFile opened, boolean doubtful) throws SQLException {
        NativeConnection main = NativeConnection.open(opened.uri(), FILE_SETUP);
        try {
            for (String statement : SETUP) {
                main.execute(statement);
            }
            if (doubtful) {
                main.check();
            }
            return main;
        } catch (SQLException e) {
            closeAfter(e, main);
            throw e;
        }
    }

    private static void closeAfter(SQLException failure, NativeConnection main) {
        try {
            main.close();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    private static void releaseAfter(DatabaseUnavailableException failure, DatabaseFile.Held held) {
        try {
            held.release();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public DatabaseUnavailableException unavailable(SQLException e) {
        SQLiteErrorCode code = SqliteErrors.code(e);
        String message = "plugin '" + settings.pluginId() + "': cannot use "
                + file.map(opened -> opened.path().toString()).orElse(IN_MEMORY) + ": " + SqliteErrors.detail(e) + "; ";
        return switch (SQLiteErrorCode.getErrorCode(code.code & 0xFF)) {
            case SQLITE_NOTADB, SQLITE_CORRUPT -> damaged(message, e);
            case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM ->
                new RetryableException(
                        message + "give the runtime's user write access to the file and its directory", e);
            case SQLITE_FULL -> new RetryableException(message + "make room on the disk", e);
            case SQLITE_BUSY, SQLITE_LOCKED ->
                new RetryableException(message + "close the other program that uses the file", e);
            default -> new RetryableException(message + "see that the disk is there and sound", e);
        };
    }

    private DatabaseUnavailableException damaged(String message, SQLException e) {
        DatabaseUnavailableException failure = new DatabaseUnavailableException(
                message + "put a backup in its place, or move it away and start the plugin again to begin anew", e);
        damage = new Damage(failure, null);
        return failure;
    }

    /**
     * What was found wrong with the file. Nobody opens it until it is another one, or whole after all: what is written into a damaged
     * file may be lost, and what is written while a backup is being copied over it would damage that.
     *
     * @param checked the file that was last read through; null before that
     */
    private record Damage(DatabaseUnavailableException failure, DatabaseFile.@Nullable Stamp checked) {

        boolean isStill(DatabaseFile.@Nullable Stamp now) {
            return checked != null && (now == null || now.equals(checked) || now.isFresh());
        }
    }

    /** The connections of an open database, and its file's lock. */
    private static final class OpenConnections implements LazyConnections.Connections {

        private final NativeConnection main;
        private final @Nullable DatabaseFile file;
        private final DatabaseFile.@Nullable Held held;
        private final boolean readOnly;
        private @Nullable NativeConnection reader;

        OpenConnections(NativeConnection main, @Nullable DatabaseFile file, DatabaseFile.@Nullable Held held) {
            this.main = main;
            this.file = file;
            this.held = held;
            this.readOnly = file != null && !Files.isWritable(file.path());
        }

        @Override
        public boolean isReadOnly() {
            return readOnly;
        }

        @Override
        public NativeConnection main() {
            return main;
        }

        @Override
        public @Nullable NativeConnection reader() throws SQLException {
            if (reader == null && file != null) {
                reader = NativeConnection.open(file.uri(), SETUP);
                reader.execute("PRAGMA query_only = ON");
            }
            return reader;
        }

        @Override
        public void checkFile() {
            if (file != null) {
                file.check();
            }
        }

        @Override
        public int count() {
            return reader == null ? 1 : 2;
        }

        @Override
        public void close() throws SQLException, IOException {
            try (main) {
                closeReader();
            } finally {
                if (held != null) {
                    held.release();
                }
            }
        }

        private void closeReader() throws SQLException {
            if (reader != null) {
                reader.close();
                reader = null;
            }
        }
    }
}
