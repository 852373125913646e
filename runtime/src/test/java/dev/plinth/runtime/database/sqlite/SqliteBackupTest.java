package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup is the database as it was at one moment, and can be put in its place. */
class SqliteBackupTest {

    private final Vertx vertx = Vertx.vertx();
    private final SqliteConnector connector = new SqliteConnector(vertx);

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        await(connector.close());
        await(vertx.close());
    }

    private static SqliteSettings settings(Optional<Path> file) {
        return new SqliteSettings("todo", file, true, PoolSettings.DEFAULT, false);
    }

    private Pool pool(SqliteSettings settings) {
        return new PluginPool(vertx, "todo", connector.open(settings));
    }

    private SqliteSettings inFile() {
        return settings(Optional.of(directory.resolve("data/todo.sqlite")));
    }

    private static long sum(Pool pool) {
        return await(pool.query("SELECT sum(n) AS total FROM account").execute())
                .iterator()
                .next()
                .getLong("total");
    }

    private static Future<?> moveMoney(Pool pool, int times) {
        return times == 0
                ? Future.succeededFuture()
                : pool.withTransaction(connection -> connection
                                .query("UPDATE account SET n = n - 1 WHERE id = 1")
                                .execute()
                                .compose(done -> connection
                                        .query("UPDATE account SET n = n + 1 WHERE id = 2")
                                        .execute()))
                        .compose(done -> moveMoney(pool, times - 1));
    }

    private void copiesOneMoment(SqliteSettings settings) throws IOException {
        Pool pool = pool(settings);
        await(pool.query("CREATE TABLE account (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);"
                        + " INSERT INTO account VALUES (1, 1000), (2, 1000)")
                .execute());
        Future<?> moving = moveMoney(pool, 200);
        Path backup = await(connector.backup(settings, directory.resolve("backup")));
        await(moving);
        assertThat(backup).isEqualTo(directory.resolve("backup/todo.sqlite"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup.getParent())))
                .isEqualTo("rwx------");
        assertThat(backup.getParent()).isDirectoryNotContaining("glob:**.part");
        assertThat(sum(pool(settings(Optional.of(backup))))).isEqualTo(2000);
    }

    @Test
    void copiesAFileWhileItIsWrittenTo() throws IOException {
        copiesOneMoment(inFile());
    }

    @Test
    void copiesWhatIsInMemory() throws IOException {
        copiesOneMoment(settings(Optional.empty()));
    }

    @Test
    void copiesAFileThatNoneHasOpenAndIsRestoredByPuttingItBack() throws IOException {
        SqliteSettings settings = inFile();
        SqliteConnector first = new SqliteConnector(vertx);
        await(new PluginPool(vertx, "todo", first.open(settings))
                .query("CREATE TABLE account (n INTEGER); INSERT INTO account VALUES (7)")
                .execute());
        await(first.close());
        Path backup = await(connector.backup(settings, directory));
        Path file = settings.file().orElseThrow();
        Files.delete(file);
        Files.copy(backup, file);
        assertThat(sum(pool(settings))).isEqualTo(7);
    }

    @Test
    void waitsForNoTransaction() {
        Pool pool = pool(inFile());
        await(pool.query("CREATE TABLE account (n INTEGER)").execute());
        await(pool.withTransaction(connection -> connection
                .query("INSERT INTO account VALUES (1)")
                .execute()
                .compose(done -> connector.backup(inFile(), directory))));
    }

    @Test
    void keepsABackupThatIsThere() throws IOException {
        Pool pool = pool(inFile());
        await(pool.query("CREATE TABLE account (n INTEGER)").execute());
        Files.writeString(directory.resolve("todo.sqlite"), "older");
        assertThat(failure(connector.backup(inFile(), directory)))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("plugin 'todo': cannot write the backup " + directory.resolve("todo.sqlite"))
                .hasMessageContaining("there is a backup already");
        assertThat(directory.resolve("todo.sqlite")).hasContent("older");
    }

    @Test
    void leavesNothingWhereItCannotBeWritten() throws IOException {
        Pool pool = pool(inFile());
        await(pool.query("CREATE TABLE account (n INTEGER)").execute());
        Path taken = Files.writeString(directory.resolve("taken"), "a file");
        assertThat(failure(connector.backup(inFile(), taken))).hasMessageContaining("is not a directory");
    }

    @Test
    void makesNoDatabaseToCopy() {
        assertThat(failure(connector.backup(inFile(), directory))).hasMessageContaining("there is no file");
        assertThat(directory.resolve("data")).doesNotExist();
        assertThat(failure(connector.backup(settings(Optional.empty()), directory)))
                .hasMessageContaining("in memory without a running backend");
    }
}
