package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.List;

/**
 * The copy of a plugin's database. It is written beside its place and moved there when it is whole and on disk, so that no half
 * of one is ever taken for a backup. Blocks.
 */
final class BackupFile {

    private final String pluginId;
    private final Path file;
    private final Path part;

    BackupFile(String pluginId, Path directory) {
        this.pluginId = pluginId;
        this.file = directory.toAbsolutePath().normalize().resolve(pluginId + ".sqlite");
        this.part = file.resolveSibling(file.getFileName() + ".part");
    }

    Path file() {
        return file;
    }

    /** Where the copy is written first: an empty file that only its owner can read. */
    Path prepare() {
        try {
            Files.createDirectories(file.getParent(), DatabaseFile.OWNER_ONLY_DIRECTORY);
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString(), null, "there is a backup already");
            }
            Files.deleteIfExists(part);
            return Files.createFile(part, DatabaseFile.OWNER_ONLY_FILE);
        } catch (IOException e) {
            throw failed(DatabaseFile.reason(e), e);
        }
    }

    /** What makes SQLite write the copy. */
    static String statement(Path file) {
        return "VACUUM INTO '" + file.toString().replace("'", "''") + "'";
    }

    /** Reads the last committed state of a database while others use it. */
    void copyFrom(DatabaseFile database) {
        try (NativeConnection source = NativeConnection.open(database.uri(), List.of("PRAGMA busy_timeout = 5000"))) {
            source.execute(statement(part));
        } catch (SQLException e) {
            throw failed(SqliteErrors.detail(e), e);
        }
    }

    /** Makes the copy what it is to be, once it is whole. */
    Path complete() {
        try (FileChannel written = FileChannel.open(part, StandardOpenOption.WRITE)) {
            written.force(true);
        } catch (IOException e) {
            throw failed(DatabaseFile.reason(e), e);
        }
        try (FileChannel directory = FileChannel.open(file.getParent())) {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            directory.force(true);
            return file;
        } catch (IOException e) {
            throw failed(DatabaseFile.reason(e), e);
        }
    }

    /** Removes what was begun; says so when even that fails. */
    void discard(Throwable cause) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private DatabaseUnavailableException failed(String what, Exception cause) {
        return new DatabaseUnavailableException(
                "plugin '" + pluginId + "': cannot write the backup " + file + ": " + what
                        + "; name a directory that can be written to and has room",
                cause);
    }
}
