package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.inSchema;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Plugins in schemas of one database share connections, and must never notice. */
@ExtendWith(PostgresExtension.class)
class SharedConnectionsIT {

    private static final String SLOW = "SELECT pg_sleep(0.2)";

    @AutoClose
    private final Pools pools = new Pools("one", 3);

    private final PostgresExtension.Server server;

    SharedConnectionsIT(PostgresExtension.Server server) {
        this.server = server;
    }

    /** A plugin with a table {@code me} that holds its number; every third has one more column in it. */
    private Plugin plugin(int number) {
        String schema = server.uniqueName("shared");
        try {
            String more = number % 3 == 0 ? ", extra text DEFAULT 'x'" : "";
            server.execute(
                    "postgres",
                    "CREATE SCHEMA " + schema,
                    "CREATE TABLE " + schema + ".me (number int" + more + ", noted int)",
                    "INSERT INTO " + schema + ".me (number) VALUES (" + number + ")");
        } catch (java.sql.SQLException e) {
            throw new AssertionError(e);
        }
        String id = "plugin" + number;
        return new Plugin(number, schema, pools.open(inSchema(id, server.port(), schema, pool(4))));
    }

    private record Plugin(int number, String schema, Pool pool) {

        Object session() {
            return value(await(pool.preparedQuery("SELECT pg_backend_pid()").execute()));
        }

        Object ask() {
            return value(await(pool.preparedQuery("SELECT number FROM me").execute()));
        }
    }

    @Test
    void answersOthersAfterABodyTookThePreparedStatementsAway() {
        List<Plugin> plugins = List.of(plugin(1), plugin(2));
        for (int round = 0; round < 3; round++) {
            plugins.forEach(plugin -> assertThat(plugin.ask()).isEqualTo(plugin.number()));
        }
        await(plugins.get(0)
                .pool()
                .query("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
                .execute());
        plugins.forEach(plugin -> assertThat(plugin.ask()).isEqualTo(plugin.number()));
    }

    @Test
    void eachSeesItsOwnSchemaOnOneConnection() {
        Plugin one = plugin(1);
        Plugin two = plugin(2);
        for (int i = 0; i < 3; i++) {
            assertThat(one.ask()).isEqualTo(1);
            assertThat(two.ask()).isEqualTo(2);
            assertThat(value(await(one.pool.query("SELECT number FROM me").execute())))
                    .isEqualTo(1);
            assertThat(value(await(two.pool.query("SELECT number FROM me").execute())))
                    .isEqualTo(2);
        }
        assertThat(one.pool.size()).isEqualTo(1);
        assertThat(two.pool.size()).isEqualTo(1);
    }

    @Test
    void manySlowStatementsOfOneLeaveAnotherAConnection() {
        Plugin busy = plugin(1);
        Plugin other = plugin(2);
        await(busy.pool.query(SLOW).execute());
        other.session();
        other.session();

        Future<?> slow = Future.all(
                Stream.generate(() -> busy.pool.query(SLOW).execute()).limit(12).toList());
        int answers = 0;
        while (!slow.isComplete()) {
            other.session();
            answers++;
        }
        // Behind slow ones it would be hardly more than they are.
        assertThat(answers).isGreaterThan(60);
    }

    @Test
    void theServerSeesWhichPluginAndInstanceIsServed() {
        Plugin one = plugin(1);
        Plugin two = plugin(2);
        String sql = "SELECT current_setting('application_name')";
        assertThat(value(await(one.pool.preparedQuery(sql).execute()))).isEqualTo("plinth_plugin_plugin1@one");
        assertThat(value(await(two.pool.preparedQuery(sql).execute()))).isEqualTo("plinth_plugin_plugin2@one");
    }

    @Test
    void aTransactionThatBeginsAfterTheBindingWasLostIsInThePluginsSchemaAndUndone() {
        Plugin one = plugin(1);
        one.ask();
        SqlConnection connection = await(one.pool.getConnection());
        await(connection.query("RESET search_path").execute());
        Transaction transaction = await(connection.begin());
        await(connection.preparedQuery("UPDATE me SET number = 2").execute());
        assertThat(value(await(connection.preparedQuery("SELECT number FROM me").execute())))
                .isEqualTo(2);
        await(transaction.rollback());
        await(connection.close());

        assertThat(one.ask()).isEqualTo(1);
    }

    @Test
    void resettingTheSearchPathLeadsIntoNobodysSchema() {
        Plugin one = plugin(1);
        Plugin two = plugin(2);
        one.ask();
        SqlConnection connection = await(two.pool.getConnection());
        await(connection.query("RESET search_path").execute());

        assertThat(failure(connection.query("SELECT number FROM me").execute()))
                .isInstanceOfSatisfying(DatabaseException.class, error -> assertThat(error.getSqlState())
                        .isEqualTo("42P01"));
        await(connection.close());
        assertThat(two.ask()).isEqualTo(2);
    }

    @Test
    void anErrorUndoesNoBindingOfAnother() {
        List<Plugin> plugins = List.of(plugin(1), plugin(2));
        for (Plugin plugin : plugins) {
            warm(plugin);
        }
        List<Future<?>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Plugin plugin = plugins.get(i % 2);
            // Division by zero undoes the binding that travelled with it.
            answers.add(failing(plugin));
            answers.add(checked(plugin));
        }
        await(Future.all(answers));
    }

    private static void warm(Plugin plugin) {
        await(checked(plugin));
        await(failing(plugin));
    }

    private static Future<?> failing(Plugin plugin) {
        return plugin.pool
                .preparedQuery("SELECT 1 / (number - number) FROM me")
                .execute()
                .<Void>map(rows -> {
                    throw new AssertionError("divided by zero");
                })
                .recover(error -> error instanceof DatabaseException refused && "22012".equals(refused.getSqlState())
                        ? Future.succeededFuture()
                        : Future.failedFuture(error));
    }

    private static Future<?> checked(Plugin plugin) {
        return plugin.pool.preparedQuery("SELECT number FROM me").execute().map(rows -> {
            assertThat(rows.iterator().next().getInteger(0)).isEqualTo(plugin.number);
            return null;
        });
    }

    @Test
    void neverRunsAStatementInAnothersSchema() throws Exception {
        List<Plugin> plugins = IntStream.range(0, 12).mapToObj(this::plugin).toList();
        Random random = new Random(7);
        AtomicInteger cancelled = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        AtomicBoolean stop = new AtomicBoolean();
        Thread canceller = new Thread(() -> cancelAll(stop));
        canceller.start();
        for (int i = 0; i < 6000; i++) {
            running.add(work(plugins.get(random.nextInt(plugins.size())), random.nextInt(8))
                    .<Object>map(result -> result)
                    .otherwise(error -> passes(error, cancelled)));
            if (running.size() == 60) {
                await(Future.join(running));
                running.clear();
            }
        }
        stop.set(true);
        canceller.join();
        await(Future.join(running));

        for (Plugin plugin : plugins) {
            try (Connection connection = server.connect("postgres");
                    Statement statement = connection.createStatement()) {
                var rows = statement.executeQuery("SELECT count(*) FROM " + plugin.schema
                        + ".me WHERE noted IS NOT NULL AND noted <> " + plugin.number);
                rows.next();
                assertThat(rows.getInt(1))
                        .as("strange rows of " + plugin.number)
                        .isZero();
            }
        }
        assertThat(cancelled.get()).as("statements that were cancelled").isPositive();
    }

    /** Cancels whatever runs, so that bindings fail too. */
    private void cancelAll(AtomicBoolean stop) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            while (!stop.get()) {
                statement.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                        + " WHERE application_name LIKE '%@one' AND pid <> pg_backend_pid()");
            }
        } catch (java.sql.SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static Object passes(Throwable error, AtomicInteger cancelled) {
        boolean expected = error instanceof DatabaseException refused && "57014".equals(refused.getSqlState());
        if (!expected) {
            throw new AssertionError(error);
        }
        cancelled.incrementAndGet();
        return "";
    }

    private static Future<?> work(Plugin plugin, int kind) {
        String note = "INSERT INTO me (number, noted) VALUES ($1, $2)";
        Tuple values = Tuple.of(plugin.number, plugin.number);
        return switch (kind) {
            case 0 -> plugin.pool.preparedQuery(note).execute(values);
            case 1 -> plugin.pool.preparedQuery(note).executeBatch(List.of(values, values, values));
            case 2 ->
                plugin.pool.withTransaction(connection -> connection
                        .preparedQuery(note)
                        .execute(values)
                        .compose(rows ->
                                connection.query("SELECT number FROM me").execute())
                        .map(rows -> own(plugin, rows.iterator().next().getInteger(0))));
            case 3 ->
                plugin.pool
                        .query("SELECT number FROM me")
                        .execute()
                        .map(rows -> own(plugin, rows.iterator().next().getInteger(0)));
            case 4 -> plugin.pool.query("SET search_path TO pg_catalog").execute();
            case 5 -> failing(plugin);
            default ->
                plugin.pool
                        .preparedQuery("SELECT * FROM me")
                        .execute()
                        .map(rows -> own(plugin, rows.iterator().next().getInteger("number")));
        };
    }

    private static Object own(Plugin plugin, int number) {
        assertThat(number).isEqualTo(plugin.number);
        return "";
    }
}
