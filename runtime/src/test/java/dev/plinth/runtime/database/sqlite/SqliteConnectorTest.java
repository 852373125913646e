package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.PluginPool;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteConnectorTest {

    private final Vertx vertx = Vertx.vertx();
    private final SqliteConnector connector = new SqliteConnector(vertx);

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        await(connector.close());
        await(vertx.close());
    }

    private SqliteSettings file(String name) {
        return file(name, Duration.ofSeconds(30));
    }

    private SqliteSettings file(String name, Duration acquireTimeout) {
        PoolSettings pool = new PoolSettings(0, 10, acquireTimeout, Duration.ofSeconds(30), Duration.ofSeconds(30));
        return new SqliteSettings("todo", Optional.of(directory.resolve(name)), true, pool, false);
    }

    private static SqliteSettings memory(String pluginId) {
        return new SqliteSettings(pluginId, Optional.empty(), false, PoolSettings.DEFAULT, false);
    }

    private static SqliteSettings memory(int min, int max, Duration idleTimeout) {
        PoolSettings pool = new PoolSettings(min, max, Duration.ofSeconds(30), Duration.ofSeconds(30), idleTimeout);
        return new SqliteSettings("todo", Optional.empty(), false, pool, false);
    }

    private Pool pool(SqliteSettings settings) {
        return new PluginPool(vertx, settings.pluginId(), connector.open(settings));
    }

    private static long number(Pool pool, String sql) {
        return await(pool.query(sql).execute()).iterator().next().getLong(0);
    }

    private static void run(Pool pool, String sql) {
        await(pool.query(sql).execute());
    }

    @Test
    void answersAStatementThatIsTooDeepToBeRead() {
        Pool pool = pool(memory("todo"));
        String deep = "SELECT 1 " + "ORDER BY (SELECT 1 ".repeat(20_000);

        assertThat(failure(pool.query(deep).execute())).isNotInstanceOf(TimeoutException.class);

        assertThat(number(pool, "SELECT 1")).isEqualTo(1);
    }

    @Test
    void failsTheCommitOfATransactionThatClosingCutOff() {
        SqlConnection migrating = await(connector.connect(file("todo.sqlite")));
        Transaction transaction = await(migrating.begin());
        await(migrating.query("CREATE TABLE half (id INTEGER)").execute());
        Future<?> slow = pool(file("slow.sqlite"))
                .query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)"
                        + " SELECT count(*) FROM n")
                .execute();

        Future<Void> closed = connector.close();
        Future<?> other = migrating.query("CREATE TABLE other (id INTEGER)").execute();
        Future<Void> committed = transaction.commit();

        assertThat(failure(other)).isInstanceOf(DatabaseUnavailableException.class);
        assertThat(failure(committed)).isInstanceOf(DatabaseUnavailableException.class);
        await(slow);
        await(closed);
    }

    @Test
    void isThereThoughATransactionKeepsItBusy() {
        SqliteSettings settings = memory("todo");
        SqlConnection busy = await(connector.connect(settings));
        await(busy.begin());

        assertThat(await(connector.probe(settings))).isNull();

        await(busy.close());
    }

    @Test
    void makesDirectoryAndFileForTheirOwnerAlone() throws IOException {
        await(connector.provision(file("data/todo.sqlite")));
        run(pool(file("data/todo.sqlite")), "CREATE TABLE item (id INTEGER)");
        assertThat(permissions("data")).isEqualTo("rwx------");
        for (String name : List.of("todo.sqlite", "todo.sqlite-wal", "todo.sqlite-shm", "todo.sqlite.lock")) {
            assertThat(permissions("data/" + name)).as(name).isEqualTo("rw-------");
        }
    }

    private String permissions(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
    }

    @Test
    void takesNoPartOfAFileNameForASetting() {
        run(pool(file("a b?journal_mode=OFF#%41.sqlite")), "CREATE TABLE item (id INTEGER)");
        assertThat(directory.resolve("a b?journal_mode=OFF#%41.sqlite")).exists();
    }

    @Test
    void opensNothingBeforeItIsUsedAndClosesWithTheLastUser() {
        ConnectionSource first = connector.open(file("todo.sqlite"));
        ConnectionSource second = connector.open(file("todo.sqlite"));
        assertThat(directory.resolve("todo.sqlite")).doesNotExist();
        Pool pool = new PluginPool(vertx, "todo", first);
        run(pool, "CREATE TABLE item (id INTEGER)");
        assertThat(first.usage().total()).isEqualTo(1);
        await(first.close());
        assertThat(second.usage().total()).isEqualTo(1);
        assertThat(failure(pool.query("SELECT 1").execute()))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("plugin 'todo'")
                .hasMessageContaining("closed");
        await(second.close());
        assertThat(second.usage().total()).isZero();
        assertThat(number(pool(file("todo.sqlite")), "SELECT count(*) FROM item"))
                .isZero();
    }

    @Test
    void refusesAFileThatAnotherRuntimeHolds() {
        run(pool(file("todo.sqlite")), "CREATE TABLE item (id INTEGER)");
        SqliteConnector other = new SqliteConnector(vertx);
        assertThat(failure(other.provision(file("todo.sqlite"))))
                .isInstanceOf(RetryableException.class)
                .hasMessageContaining("plugin 'todo'")
                .hasMessageContaining("todo.sqlite is in use by");
        await(connector.close());
        await(other.provision(file("todo.sqlite")));
        await(other.close());
    }

    @Test
    void keepsADatabaseInMemoryWhateverThePoolSettings() {
        for (SqliteSettings settings : List.of(
                memory(0, 1, Duration.ofMillis(1)),
                memory(0, 50, Duration.ofMillis(1)),
                memory(5, 50, Duration.ofMillis(50)),
                memory(0, 10, Duration.ofHours(1)))) {
            Pool pool = pool(settings);
            run(pool, "CREATE TABLE IF NOT EXISTS item (id INTEGER)");
            await(Future.join(IntStream.range(0, 100)
                    .mapToObj(i -> pool.withTransaction(session -> session.preparedQuery("INSERT INTO item VALUES ($1)")
                            .execute(Tuple.of(i))))
                    .toList()));
            await(vertx.timer(100));
            long before = number(pool, "SELECT count(*) FROM item");
            await(pool.close());
            assertThat(number(pool(settings), "SELECT count(*) FROM item"))
                    .isEqualTo(before)
                    .isPositive();
        }
        assertThat(number(pool(memory("todo")), "SELECT count(*) FROM item")).isEqualTo(400);
    }

    @Test
    void keepsADatabaseInMemoryForEachPluginAsLongAsItself() {
        SqlConnection migrations = await(connector.connect(memory("todo")));
        await(migrations.query("CREATE TABLE item (id INTEGER)").execute());
        await(migrations.close());
        ConnectionSource source = connector.open(memory("todo"));
        run(new PluginPool(vertx, "todo", source), "INSERT INTO item VALUES (1)");
        await(source.close());
        assertThat(number(pool(memory("todo")), "SELECT count(*) FROM item")).isEqualTo(1);
        assertThat(failure(pool(memory("catalog")).query("SELECT * FROM item").execute()))
                .hasMessageContaining("does not exist");
    }

    @Test
    void readersOfAFileSeeTheLastCommittedStateAndDoNotWait() {
        Pool pool = pool(file("todo.sqlite"));
        run(pool, "CREATE TABLE item (id INTEGER)");
        SqlConnection writer = await(pool.getConnection());
        await(writer.begin());
        await(writer.query("INSERT INTO item VALUES (1)").execute());
        assertThat(number(pool, "SELECT count(*) FROM item")).isZero();
        await(writer.transaction().commit());
        assertThat(number(pool, "SELECT count(*) FROM item")).isEqualTo(1);
        await(writer.close());
    }

    @Test
    void writersWaitForATransactionAndTellWhoHoldsIt() {
        Pool pool = pool(file("todo.sqlite", Duration.ofMillis(200)));
        run(pool, "CREATE TABLE item (id INTEGER)");
        SqlConnection holder = await(pool.getConnection());
        await(holder.begin());
        assertThat(failure(pool.query("INSERT INTO item VALUES (1)").execute()))
                .isInstanceOf(PoolExhaustedException.class)
                .hasMessageContaining("plugin 'todo'")
                .hasMessageContaining("not free within 200 ms")
                .hasMessageContaining("a transaction of plugin 'todo' has held it for")
                .hasMessageContaining("acquireTimeoutMillis");
        Future<?> waiting = pool.query("INSERT INTO item VALUES (2)").execute();
        await(holder.transaction().rollback());
        await(waiting);
        assertThat(number(pool, "SELECT id FROM item")).isEqualTo(2);
    }

    @Test
    void oneFailureAmongWritesThatAreCommittedTogetherLeavesTheOthersAlone() {
        Pool pool = pool(file("todo.sqlite"));
        run(pool, "CREATE TABLE item (id INTEGER PRIMARY KEY, parent INTEGER)");
        // Every tenth has a number that is there already.
        List<Future<?>> writes = sendTogether(100, i -> insert(pool, i % 10 == 9 ? 0 : i, null));
        assertThat(writes.stream().filter(SqliteConnectorTest::isKept)).hasSize(90);
        assertThat(number(pool, "SELECT count(*) FROM item")).isEqualTo(90);
    }

    @Test
    void aBatchThatFailsAmongOtherWritesLeavesNothingBehind() {
        Pool pool = pool(file("todo.sqlite"));
        run(pool, "CREATE TABLE item (id INTEGER PRIMARY KEY, parent INTEGER)");
        List<Future<?>> writes = sendTogether(
                30,
                i -> i % 3 == 1
                        ? pool.preparedQuery("INSERT INTO item (id) VALUES ($1)")
                                .executeBatch(List.of(Tuple.of(1000 + i), Tuple.of(2000 + i), Tuple.of(0)))
                        : insert(pool, i, null));
        assertThat(writes.stream().filter(SqliteConnectorTest::isKept)).hasSize(20);
        assertThat(number(pool, "SELECT count(*) FROM item")).isEqualTo(20);
        assertThat(number(pool, "SELECT max(id) FROM item")).isEqualTo(29);
    }

    @Test
    void aWriteThatFailsOnlyAtTheCommitLeavesTheOthersAlone() {
        Pool pool = pool(file("todo.sqlite"));
        run(
                pool,
                "CREATE TABLE item (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES item (id)"
                        + " DEFERRABLE INITIALLY DEFERRED)");
        List<Future<?>> writes = sendTogether(100, i -> insert(pool, i, i % 25 == 24 ? -1 : null));
        assertThat(writes.stream().filter(SqliteConnectorTest::isKept)).hasSize(96);
        assertThat(number(pool, "SELECT count(*) FROM item")).isEqualTo(96);
    }

    private static Future<?> insert(Pool pool, int id, Integer parent) {
        return pool.preparedQuery("INSERT INTO item (id, parent) VALUES ($1, $2)")
                .execute(Tuple.of(id, parent));
    }

    /** Sends work from one event loop turn, so that much of it is queued when the database begins. */
    private List<Future<?>> sendTogether(int count, IntFunction<Future<?>> work) {
        Promise<List<Future<?>>> sent = Promise.promise();
        vertx.getOrCreateContext().runOnContext(go -> {
            List<Future<?>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                futures.add(work.apply(i));
            }
            sent.complete(futures);
        });
        return await(sent.future());
    }

    private static boolean isKept(Future<?> write) {
        Throwable failure = failure(write);
        if (failure instanceof StatementException refused) {
            assertThat(refused.getSqlState()).isIn("23505", "23503");
            return false;
        }
        return true;
    }

    @Test
    void aSessionThatIsGivenUpWaitsForNothing() {
        Pool pool = pool(memory("todo"));
        SqlConnection holder = await(pool.getConnection());
        await(holder.begin());
        SqlConnection other = await(pool.getConnection());
        Future<?> waiting = other.query("CREATE TABLE item (id INTEGER)").execute();
        await(other.close());
        assertThat(failure(waiting)).isInstanceOf(ClosedConnectionException.class);
        await(holder.close());
    }

    @Test
    void tellsConstraintTableAndColumn() {
        Pool pool = pool(memory("todo"));
        run(pool, "CREATE TABLE item (title TEXT NOT NULL UNIQUE, n INTEGER CONSTRAINT n_positive CHECK (n > 0))");
        run(pool, "INSERT INTO item (title) VALUES ('a')");
        StatementException missing = (StatementException)
                failure(pool.query("INSERT INTO item (n) VALUES (1)").execute());
        assertThat(missing.table()).contains("item");
        assertThat(missing.column()).contains("title");
        StatementException wrong = (StatementException)
                failure(pool.query("INSERT INTO item VALUES ('b', 0)").execute());
        assertThat(wrong.constraint()).contains("n_positive");
    }

    @Test
    void aHundredIdleDatabasesHoldNoThreads() {
        int before = threads();
        for (int i = 0; i < 100; i++) {
            run(
                    pool(new SqliteSettings(
                            "p" + i, Optional.of(directory.resolve(i + ".sqlite")), true, PoolSettings.DEFAULT, false)),
                    "CREATE TABLE item (id INTEGER)");
        }
        assertThat(threads() - before).isLessThanOrEqualTo(8);
    }

    private static int threads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("plinth-sqlite-"))
                .count();
    }

    @Test
    void answersOnTheCallersContext() {
        Pool pool = pool(memory("todo"));
        Promise<Boolean> same = Promise.promise();
        Context context = vertx.getOrCreateContext();
        context.runOnContext(go ->
                pool.query("SELECT 1").execute().onSuccess(rows -> same.complete(Vertx.currentContext() == context)));
        assertThat(await(same.future())).isTrue();
    }
}
