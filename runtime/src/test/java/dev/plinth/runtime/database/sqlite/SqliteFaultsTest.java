package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with a file is told to its plugin, with the remedy, and heals when the cause is gone. */
class SqliteFaultsTest {

    private final Vertx vertx = Vertx.vertx();
    private final SqliteConnector connector = new SqliteConnector(vertx);

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        await(connector.close());
        await(vertx.close());
    }

    private SqliteSettings settings(Path file, boolean createsDirectory) {
        return new SqliteSettings("todo", Optional.of(file), createsDirectory, PoolSettings.DEFAULT, false);
    }

    private Pool pool(Path file) {
        return new PluginPool(vertx, "todo", connector.open(settings(file, true)));
    }

    @Test
    void tellsThatADirectoryIsMissing() {
        assertThat(failure(connector.provision(settings(directory.resolve("no/todo.sqlite"), false))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("plugin 'todo': cannot open")
                .hasMessageContaining("no such directory");
    }

    @Test
    void tellsThatAFileStandsWhereADirectoryShould() throws IOException {
        Files.createFile(directory.resolve("data"));
        assertThat(failure(connector.provision(settings(directory.resolve("data/todo.sqlite"), true))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("plugin 'todo'")
                .hasMessageContaining("is not a directory");
        assertThat(failure(connector.provision(settings(directory, true)))).hasMessageContaining("it is a directory");
    }

    @Test
    void tellsThatAFileIsNoDatabaseAndOpensItOnceItIsGone() throws IOException {
        Path file = directory.resolve("todo.sqlite");
        Files.writeString(file, "this is a letter, not a database ".repeat(100));
        assertThat(failure(connector.provision(settings(file, true))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("plugin 'todo': cannot use " + file)
                .hasMessageContaining("put a backup in its place");
        assertThat(file).content().startsWith("this is a letter");
        Files.writeString(file, "");
        // Not before it is sure that nobody writes it any more.
        eventually(() -> opens(file));
    }

    private boolean opens(Path file) {
        return await(
                connector.provision(settings(file, true)).map(true).recover(failure -> Future.succeededFuture(false)));
    }

    @Test
    void refusesWritesIntoAFileThatWasRemovedAndGoesOnWhenItIsBack() throws IOException {
        Path file = directory.resolve("todo.sqlite");
        Pool pool = pool(file);
        await(pool.query("CREATE TABLE item (id INTEGER)").execute());
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        move(file, elsewhere);
        assertThat(failure(pool.query("INSERT INTO item VALUES (1)").execute()))
                .isInstanceOf(RetryableException.class)
                .hasMessageContaining("plugin 'todo'")
                .hasMessageContaining("was removed or replaced");
        assertThat(failure(pool.query("SELECT * FROM item").execute())).hasMessageContaining("put it back");
        assertThat(file).doesNotExist();
        move(elsewhere.resolve("todo.sqlite"), directory);
        await(pool.query("INSERT INTO item VALUES (2)").execute());
    }

    private static void move(Path file, Path directory) throws IOException {
        for (String suffix : new String[] {"", "-wal", "-shm"}) {
            Path source = file.resolveSibling(file.getFileName() + suffix);
            if (Files.exists(source)) {
                Files.move(source, directory.resolve(source.getFileName()));
            }
        }
    }

    @Test
    void tellsThatAFileIsDamagedAndServesTheOthers() throws Exception {
        Path file = directory.resolve("todo.sqlite");
        Pool first = pool(file);
        await(first.query("CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT)")
                .execute());
        await(first.query("INSERT INTO item SELECT value, hex(randomblob(100)) FROM generate_series(1, 1000)")
                .execute()
                .recover(none -> first.query(
                                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
                                        + " INSERT INTO item SELECT i, hex(randomblob(100)) FROM n")
                        .execute()));
        await(connector.close());
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(4096);
            bytes.write(new byte[8192]);
        }
        SqliteConnector next = new SqliteConnector(vertx);
        Pool damaged = new PluginPool(vertx, "todo", next.open(settings(file, true)));
        Pool other = new PluginPool(vertx, "todo", next.open(settings(directory.resolve("other.sqlite"), true)));
        assertThat(failure(damaged.query("SELECT sum(length(title)) FROM item").execute()))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("plugin 'todo': cannot use " + file)
                .hasMessageContaining("malformed");
        await(other.query("CREATE TABLE item (id INTEGER)").execute());
        await(next.close());
    }

    @Test
    void tellsThatAnotherProgramHasLockedTheFileAndOpensItOnceItIsFree() throws Exception {
        Path file = directory.resolve("todo.sqlite");
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN EXCLUSIVE");
            assertThat(failure(connector.provision(settings(file, true))))
                    .isInstanceOf(RetryableException.class)
                    .hasMessageContaining("plugin 'todo': cannot use " + file)
                    .hasMessageContaining("database is locked; close the other program that uses the file");
            statement.execute("COMMIT");
        }
        await(connector.provision(settings(file, true)));
    }

    @Test
    void tellsThatAnotherProgramHasLockedTheFileOfAPluginThatServes() throws Exception {
        Path file = directory.resolve("todo.sqlite");
        Pool pool = pool(file);
        await(pool.query("CREATE TABLE item (id INTEGER)").execute());
        await(pool.query("PRAGMA user_version = 7").execute());
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            assertThat(failure(pool.query("INSERT INTO item VALUES (1)").execute()))
                    .isInstanceOf(RetryableException.class)
                    .hasMessage("plugin 'todo': cannot use " + file
                            + ": database is locked; close the other program that uses the file");
            statement.execute("COMMIT");
        }
        await(connector.tryToWrite(settings(file, true)));
        await(pool.query("INSERT INTO item VALUES (1)").execute());
        assertThat(await(pool.query("PRAGMA user_version").execute())
                        .iterator()
                        .next()
                        .getInteger(0))
                .isEqualTo(7);
    }

    @Test
    void tellsBeforeAStartWhatWouldKeepAFileFromBeingMade() throws IOException {
        assertThat(await(connector.inspect(settings(directory.resolve("new/todo.sqlite"), true)))
                        .problems())
                .isEmpty();
        assertThat(directory.resolve("new")).doesNotExist();
        assertThat(await(connector.inspect(settings(directory.resolve("new/todo.sqlite"), false)))
                        .problems())
                .singleElement()
                .asString()
                .contains("plugin 'todo': cannot open", "no such directory: " + directory.resolve("new"));
        Files.createFile(directory.resolve("data"));
        assertThat(await(connector.inspect(settings(directory.resolve("data/todo.sqlite"), true)))
                        .problems())
                .singleElement()
                .asString()
                .contains("plugin 'todo': cannot open", directory.resolve("data") + " is not a directory");
    }

    @Test
    void tellsThatTheDiskIsFullAndGoesOnWhenThereIsRoom() {
        Pool pool = pool(directory.resolve("todo.sqlite"));
        await(pool.query("CREATE TABLE item (v BLOB)").execute());
        await(pool.query("PRAGMA max_page_count = 10").execute());
        assertThat(failure(pool.query("INSERT INTO item VALUES (zeroblob(1000000))")
                        .execute()))
                .isInstanceOf(RetryableException.class)
                .hasMessageContaining("plugin 'todo': cannot use")
                .hasMessageContaining("full")
                .hasMessageContaining("make room on the disk");
        await(pool.query("INSERT INTO item VALUES (zeroblob(1000000))").execute());
    }

    /** In this one not even a superuser makes files. */
    @Test
    @EnabledIf("hasSys")
    void tellsThatNoFileCanBeMadeInADirectory() {
        assertThat(failure(connector.provision(settings(Path.of("/sys/kernel/todo.sqlite"), true))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageStartingWith("plugin 'todo': cannot open /sys/kernel/todo.sqlite: ")
                .satisfiesAnyOf(
                        error -> assertThat(error)
                                .hasMessageEndingWith(
                                        "permission denied: /sys/kernel/todo.sqlite; give the runtime's user"
                                                + " write access to it"),
                        error -> assertThat(error)
                                .hasMessageEndingWith(
                                        "; see that its directory exists, is a directory and can be written" + " to"));
    }

    static boolean hasSys() {
        return Files.isDirectory(Path.of("/sys/kernel"));
    }

    @Test
    void writesAsSoonAsTheFileMayBeWritten() throws IOException {
        Path file = directory.resolve("todo.sqlite");
        await(connector.provision(settings(file, true)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assumeFalse(Files.isWritable(file), "a superuser may write everywhere");
        Pool pool = pool(file);
        assertThat(failure(pool.query("CREATE TABLE item (id INTEGER)").execute()))
                .isInstanceOf(DatabaseUnavailableException.class);

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        await(pool.query("CREATE TABLE item (id INTEGER)").execute());
        await(pool.close());
    }

    @Test
    void tellsThatAFileOrItsDirectoryIsNotWritable() throws IOException {
        Path file = directory.resolve("todo.sqlite");
        await(connector.provision(settings(file, true)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assumeFalse(Files.isWritable(file), "a superuser may write everywhere");
        Pool pool = pool(file);
        assertThat(failure(pool.query("CREATE TABLE item (id INTEGER)").execute()))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("cannot use " + file)
                .hasMessageContaining("give the runtime's user write access");
        await(pool.close());
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-x------"));
        assertThat(failure(connector.provision(settings(directory.resolve("other.sqlite"), true))))
                .hasMessageContaining("plugin 'todo': cannot")
                .hasMessageContaining("give the runtime's user write access");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        await(connector.provision(settings(file, true)));
    }
}
