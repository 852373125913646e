package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.settings;
import static dev.plinth.runtime.database.postgres.PgFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.TransactionPropagation;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a plugin may do with its pool, and what it cannot do to others. */
@ExtendWith(PostgresExtension.class)
class PluginPoolIT {

    private final Vertx vertx = Vertx.vertx();
    private final PgConnections connections =
            new PgConnections(vertx, PgCredentials.CONFIGURED, PgPoolOptions.of("test"));
    private final PostgresExtension.Server server;
    private String table;
    private ConnectionSource source;
    private PluginPool pool;

    PluginPoolIT(PostgresExtension.Server server) {
        this.server = server;
    }

    @BeforeEach
    void openPool() throws Exception {
        table = server.uniqueName("item");
        server.execute("postgres", "CREATE TABLE " + table + " (id int PRIMARY KEY, title text NOT NULL)");
        open(pool(10));
    }

    private void open(PoolSettings bounds) {
        PostgresSettings settings = settings(
                "todo", server.port(), "postgres", Optional.empty(), bounds, TlsSettings.DISABLED, Optional.empty());
        source = connections.open(settings);
        pool = new PluginPool(vertx, "todo", source);
    }

    @AfterEach
    void close() {
        await(source.close());
        await(connections.close());
        await(vertx.close());
    }

    @Test
    void runsStatementsWithAndWithoutParameters() {
        await(insert(1, "one"));
        await(pool.preparedQuery("INSERT INTO " + table + " VALUES ($1, $2)")
                .executeBatch(List.of(Tuple.of(2, "two"), Tuple.of(3, "three"))));

        assertThat(count()).isEqualTo(3L);
        assertThat(value(await(pool.preparedQuery("SELECT title FROM " + table + " WHERE id = $1")
                        .execute(Tuple.of(2)))))
                .isEqualTo("two");
    }

    @Test
    void opensNothingBeforeItIsUsed() {
        assertThat(pool.size()).isZero();
        await(pool.query("SELECT 1").execute());
        assertThat(pool.size()).isEqualTo(1);
    }

    @Test
    void commitsAndRollsBackTransactions() {
        await(pool.withTransaction(connection ->
                connection.query("INSERT INTO " + table + " VALUES (1, 'kept')").execute()));
        Throwable failure = failure(pool.withTransaction(connection -> connection
                .query("INSERT INTO " + table + " VALUES (2, 'lost')")
                .execute()
                .compose(rows -> Future.failedFuture("changed my mind"))));

        assertThat(failure).hasMessage("changed my mind");
        assertThat(count()).isEqualTo(1L);
    }

    @Test
    void carriesATransactionOnThroughTheContext() {
        Promise<Object> done = Promise.promise();
        vertx.runOnContext(
                nothing -> pool.withTransaction(TransactionPropagation.CONTEXT, outer -> pool.withTransaction(
                                        TransactionPropagation.CONTEXT, inner -> Future.succeededFuture(inner == outer))
                                .map(same -> (Object) same))
                        .onComplete(done));
        assertThat(await(done.future())).isEqualTo(true);
    }

    @Test
    void refusesATransactionOfAContextWhereThereIsNone() {
        assertThat(failure(
                        pool.withTransaction(TransactionPropagation.CONTEXT, connection -> Future.succeededFuture())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("plugin 'todo'")
                .hasMessageContaining("context");
    }

    /** The driver itself would end the connection, and what follows on it would fail for as long as that takes. */
    @Test
    void failsNothingButTheStatementWhoseValueCannotBeRead() {
        open(pool(1));
        for (int i = 0; i < 20; i++) {
            Future<?> before = pool.query("SELECT 1").execute();
            Future<?> unreadable = pool.preparedQuery(
                            "SELECT CASE n WHEN 3 THEN time '24:00' ELSE '23:00' END FROM generate_series(1, 9) n")
                    .execute();
            Future<?> simple = pool.query("SELECT '24:00:00'::time; SELECT 2").execute();
            Future<RowSet<Row>> after = pool.preparedQuery("SELECT $1 + 1").execute(Tuple.of(i));
            await(before);
            assertThat(failure(unreadable))
                    .isInstanceOf(StatementException.class)
                    .hasMessageStartingWith("plugin 'todo': a value of the result cannot be read: ")
                    .hasMessageEndingWith("; cast it to text (22008)")
                    .extracting(error -> ((StatementException) error).getSqlState())
                    .isEqualTo("22008");
            assertThat(failure(simple)).hasMessageContaining("cannot be read");
            assertThat(value(await(after))).isEqualTo(i + 1);
        }
        RowSet<Row> kept = await(pool.withTransaction(connection -> connection
                .query("INSERT INTO " + table + " VALUES (1, 'kept')")
                .execute()
                .compose(inserted -> connection.query("SELECT time '24:00'").execute())
                .recover(unreadable ->
                        connection.preparedQuery("SELECT title FROM " + table).execute())));
        assertThat(value(kept)).isEqualTo("kept");
        assertThat(count()).isEqualTo(1L);
    }

    @Test
    void ignoresThatAPluginClosesIt() {
        await(pool.close());
        assertThat(value(await(pool.query("SELECT 1").execute()))).isEqualTo(1);
    }

    @Test
    void failsWithPluginAndStateAfterTheRuntimeRevokedIt() {
        await(pool.revoke());

        assertThat(failure(pool.query("SELECT 1").execute()))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessage("plugin 'todo' has stopped, and its pool with it");
        assertThat(failure(pool.getConnection())).isInstanceOf(DatabaseUnavailableException.class);
    }

    @Test
    void takesLeasesBackWhenRevokedAndRollsThemBack() {
        SqlConnection connection = await(pool.getConnection());
        await(connection.begin());
        await(connection.query("INSERT INTO " + table + " VALUES (1, 'never')").execute());
        assertThat(pool.leases()).singleElement().satisfies(lease -> assertThat(lease.lastStatement())
                .startsWith("INSERT"));

        await(pool.revoke());

        assertThat(pool.leases()).isEmpty();
        assertThat(failure(connection.query("SELECT 1").execute())).hasMessageContaining("has stopped");
        PluginPool next = new PluginPool(vertx, "todo", source);
        assertThat(value(await(next.query("SELECT count(*) FROM " + table).execute())))
                .isEqualTo(0L);
    }

    @Test
    void countsForHowLongAConnectionWasHeldThoughNothingWasSentOnIt() {
        Duration held = Duration.ofMillis(50);
        Promise<Void> done = Promise.promise();
        vertx.runOnContext(nothing -> pool.withConnection(connection ->
                        vertx.timer(held.toMillis(), TimeUnit.MILLISECONDS).<Void>mapEmpty())
                .onComplete(done));
        await(done.future());

        assertThat(pool.snapshot().use().sum()).isGreaterThanOrEqualTo(held);
    }

    @Test
    void refusesWorkOnAReleasedConnection() {
        SqlConnection connection = await(pool.getConnection());
        PreparedStatement statement = await(connection.prepare("SELECT 1"));
        await(connection.close());

        assertThat(failure(connection.query("SELECT 1").execute()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("given back");
        assertThat(failure(statement.query().execute())).hasMessageContaining("given back");
    }

    @Test
    void closingAConnectionTwiceGivesItBackOnce() {
        SqlConnection connection = await(pool.getConnection());
        await(connection.close());
        await(connection.close());
        await(Future.all(
                IntStream.range(0, 10).mapToObj(i -> pool.getConnection()).toList()));
        assertThat(pool.size()).isEqualTo(10);
    }

    @Test
    void rollsBackARawBeginWhenTheConnectionComesBack() {
        SqlConnection connection = await(pool.getConnection());
        await(connection.query("BEGIN").execute());
        await(connection.query("INSERT INTO " + table + " VALUES (1, 'never')").execute());
        await(connection.close());

        assertThat(count()).isEqualTo(0L);
    }

    @Test
    void namesConstraintTableAndSqlStateOfARefusedStatement() {
        await(insert(1, "one"));

        assertThat(failure(insert(1, "again"))).isInstanceOfSatisfying(StatementException.class, error -> {
            assertThat(error.getSqlState()).isEqualTo("23505");
            assertThat(error.constraint()).contains(table + "_pkey");
            assertThat(error.table()).contains(table);
            assertThat(error).hasMessageStartingWith("plugin 'todo': duplicate key value");
        });
        assertThat(failure(insert(2, null))).isInstanceOfSatisfying(StatementException.class, error -> {
            assertThat(error.getSqlState()).isEqualTo("23502");
            assertThat(error.column()).contains("title");
        });
    }

    @Test
    void findsOutAParametersTypeFromItsValueWhereTheServerCannot() {
        assertThat(value(await(pool.preparedQuery("SELECT $1").execute(Tuple.of("text")))))
                .isEqualTo("text");
        Object concatenated = await(pool.withConnection(connection -> connection
                .prepare("SELECT CONCAT('x', $1)")
                .compose(statement -> statement.query().execute(Tuple.of("y")))
                .map(PgFixture::value)));
        assertThat(concatenated).isEqualTo("xy");
    }

    @Test
    void saysWhatIsExhaustedAndWhichSettingToRaise() {
        open(pool(1, Duration.ofSeconds(3)));
        SqlConnection connection = await(pool.getConnection());

        assertThat(failure(pool.getConnection()))
                .isInstanceOf(PoolExhaustedException.class)
                .hasMessageContaining("plugin 'todo'")
                .hasMessageContaining("max 1, in use 1")
                .hasMessageContaining("backend.database.knexConfig.pool.max");
        await(connection.close());
        assertThat(value(await(pool.query("SELECT 1").execute()))).isEqualTo(1);
    }

    @Test
    void namesWhoHasHeldAConnectionForTheLongestTimeAndRefusesWhenTooManyWait() {
        Duration second = Duration.ofSeconds(1);
        open(new PoolSettings(0, 1, second, second, second, Optional.empty(), 1));
        SqlConnection connection = await(pool.getConnection());
        Future<SqlConnection> waits = pool.getConnection();

        assertThat(failure(pool.getConnection()))
                .isInstanceOf(PoolExhaustedException.class)
                .hasMessageContaining(
                        "plugin 'todo': too many requests wait for a connection (max 1, in use 1, waiting 1,")
                .hasMessageContaining("see backend.database.maxWaiting");
        assertThat(failure(waits))
                .hasMessageContaining("plugin 'todo': no connection within 1")
                .hasMessageContaining(", longest holder plugin 'todo' for 1");
        await(connection.close());
    }

    @Test
    void tellsWhereAConnectionWasTakenWhenAsked() {
        PluginPool traced = new PluginPool(vertx, "todo", source, true, failure -> {});
        SqlConnection connection = await(traced.getConnection());
        assertThat(traced.leases()).singleElement().satisfies(lease -> assertThat(lease.takenAt())
                .hasValueSatisfying(stack -> assertThat(stack)
                        .contains("PluginPoolIT.tellsWhereAConnectionWasTakenWhenAsked(PluginPoolIT.java:")));
        await(connection.close());
    }

    @Test
    void tellsHowMuchOfTheServerItsShareIs() {
        open(pool(1, Duration.ofSeconds(6))); // others may be coming too in the first three
        SqlConnection connection = await(pool.getConnection());
        // 97 of 100 are for everyone; never more than half of them, less one to count by and one to look after silent
        // ones.
        assertThat(failure(pool.getConnection())).hasMessageContaining("of 46");
        assertThat(value(await(connection
                        .query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'plinth:test'")
                        .execute())))
                .isEqualTo(1L);
        await(connection.close());
    }

    @Test
    void worksInTheRoleOfItsSettingsAndReturnsToIt() throws Exception {
        String role = server.uniqueName("worker");
        server.execute("postgres", "CREATE ROLE " + role);
        source = connections.open(settings(
                "todo", server.port(), "postgres", Optional.empty(), pool(1), TlsSettings.DISABLED, Optional.of(role)));
        pool = new PluginPool(vertx, "todo", source);
        String who = "SELECT current_user::text";
        assertThat(value(await(pool.query(who).execute()))).isEqualTo(role);
        await(pool.query("RESET ROLE").execute());
        assertThat(value(await(pool.query(who).execute()))).isEqualTo(role);
    }

    private Future<?> insert(int id, String title) {
        return pool.preparedQuery("INSERT INTO " + table + " VALUES ($1, $2)").execute(Tuple.of(id, title));
    }

    private Object count() {
        return value(await(pool.query("SELECT count(*) FROM " + table).execute()));
    }
}
