package dev.plinth.runtime.database.sqlite;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there after the process was killed. */
class SqliteDurabilityTest {

    private static final int WRITERS = 16;
    private static final String ACKNOWLEDGED = "acknowledged ";

    @RepeatedTest(3)
    void losesNoAcknowledgedWriteWhenKilledUnderLoad(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("todo.sqlite");
        Process writer = startWriter(file);
        long lastAcknowledged = killAfter(writer, 500);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            assertThat(number(statement, "SELECT count(*) FROM item WHERE id <= " + lastAcknowledged))
                    .isEqualTo(lastAcknowledged);
            assertThat(number(statement, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"))
                    .isZero();
        }
    }

    private static Process startWriter(Path file) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @Test
    void refusesAFileThatAnotherProcessHoldsUntilThatIsKilled(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("todo.sqlite");
        Process writer = startWriter(file);
        Vertx vertx = Vertx.vertx();
        SqliteConnector connector = new SqliteConnector(vertx);
        SqliteSettings settings = new SqliteSettings("todo", Optional.of(file), true, PoolSettings.DEFAULT, false);
        try (BufferedReader lines = writer.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.startsWith(ACKNOWLEDGED)) {
                line = lines.readLine();
            }
            assertThatThrownBy(() -> connector.provision(settings).await(30, SECONDS))
                    .isInstanceOf(RetryableException.class)
                    .hasMessageContaining(
                            "plugin 'todo': " + file + " is in use by another process (process " + writer.pid() + ")");
        } finally {
            writer.destroyForcibly();
        }
        assertThat(writer.waitFor(30, SECONDS)).isTrue();
        connector.provision(settings).await(30, SECONDS);
        connector.close().await(30, SECONDS);
        vertx.close().await(30, SECONDS);
    }

    /** Reads acknowledged numbers, kills the process, and reads what it still had said. */
    private static long killAfter(Process writer, long acknowledged) throws IOException, InterruptedException {
        long last = 0;
        try (BufferedReader lines = writer.inputReader()) {
            String line = lines.readLine();
            while (line != null) {
                if (line.startsWith(ACKNOWLEDGED)) {
                    last = Long.parseLong(line.substring(ACKNOWLEDGED.length()));
                }
                if (last >= acknowledged) {
                    // Process.destroyForcibly() would also close the output that is still to be read.
                    writer.toHandle().destroyForcibly();
                }
                line = lines.readLine();
            }
        } finally {
            writer.destroyForcibly();
            assertThat(writer.waitFor(30, SECONDS)).isTrue();
        }
        assertThat(last).isGreaterThanOrEqualTo(acknowledged);
        return last;
    }

    private static long number(Statement statement, String sql) throws Exception {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Inserts 1, 2, 3, ... and says each time up to which number all are acknowledged. */
    static final class Writer {

        private final Pool pool;
        private final AtomicLong next = new AtomicLong();
        private final java.util.TreeSet<Long> acknowledged = new java.util.TreeSet<>();
        private long complete;

        private Writer(Pool pool) {
            this.pool = pool;
        }

        public static void main(String[] arguments) throws InterruptedException {
            Vertx vertx = Vertx.vertx();
            SqliteSettings settings =
                    new SqliteSettings("todo", Optional.of(Path.of(arguments[0])), true, PoolSettings.DEFAULT, false);
            Pool pool = new PluginPool(vertx, "todo", new SqliteConnector(vertx).open(settings));
            Writer writer = new Writer(pool);
            pool.query("CREATE TABLE item (id INTEGER PRIMARY KEY)").execute().onSuccess(created -> writer.start());
            Thread.currentThread().join();
        }

        private void start() {
            for (int i = 0; i < WRITERS; i++) {
                Future<?> first = i % 2 == 0 ? insert() : insertInTransaction();
                first.onFailure(Throwable::printStackTrace);
            }
        }

        private Future<?> insert() {
            long id = next.incrementAndGet();
            return pool.preparedQuery("INSERT INTO item (id) VALUES ($1)")
                    .execute(Tuple.of(id))
                    .onSuccess(done -> acknowledge(id))
                    .compose(done -> insert());
        }

        private Future<?> insertInTransaction() {
            long id = next.incrementAndGet();
            return pool.withTransaction(connection -> connection
                            .preparedQuery("INSERT INTO item (id) VALUES ($1)")
                            .execute(Tuple.of(id)))
                    .onSuccess(done -> acknowledge(id))
                    .compose(done -> insertInTransaction());
        }

        private synchronized void acknowledge(long id) {
            acknowledged.add(id);
            while (acknowledged.remove(complete + 1)) {
                complete++;
                System.out.println(ACKNOWLEDGED + complete);
            }
        }
    }
}
