package dev.plinth.runtime.database.jdbc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.testing.H2;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdbcConnectorTest {

    private final Vertx vertx = Vertx.vertx();
    private final JdbcConnector connector = new JdbcConnector(vertx);

    @TempDir
    private Path directory;

    @BeforeEach
    void installTheDriver() throws IOException {
        H2.installDriver(directory.resolve("drivers"));
    }

    @AfterEach
    void close() {
        await(connector.close());
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.await(30, SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static Throwable failure(Future<?> future) {
        return await(future.<Throwable>map(result -> new AssertionError("succeeded with " + result))
                .recover(Future::succeededFuture));
    }

    private JdbcSettings settings(PoolSettings pool, String password) {
        return new JdbcSettings(
                "todo",
                new Secret("jdbc:h2:" + directory.resolve("todo")),
                Optional.of("sa"),
                Optional.of(new Secret(password)),
                directory.resolve("drivers"),
                pool,
                false);
    }

    private Pool pool(PoolSettings settings) {
        Pool pool = new PluginPool(vertx, "todo", connector.open(settings(settings, "right")));
        await(pool.query("CREATE TABLE IF NOT EXISTS item (id BIGINT PRIMARY KEY, title VARCHAR(100) NOT NULL)")
                .execute());
        return pool;
    }

    private Pool pool() {
        return pool(PoolSettings.DEFAULT);
    }

    private static Future<RowSet<Row>> insert(SqlClient client, int id) {
        return client.preparedQuery("INSERT INTO item (id, title) VALUES ($1, $2)")
                .execute(Tuple.of(id, "t"));
    }

    private static long count(SqlClient client) {
        return await(client.query("SELECT count(*) FROM item").execute())
                .iterator()
                .next()
                .getLong(0);
    }

    @Test
    void keepsWhatIsWrittenAfterATransactionOnTheSameConnection() {
        Pool pool = pool();
        SqlConnection connection = await(pool.getConnection());
        await(connection.begin().compose(transaction -> insert(connection, 1).compose(done -> transaction.commit())));
        await(insert(connection, 2));
        assertThat(count(pool)).isEqualTo(2);
        await(connection.begin().compose(transaction -> insert(connection, 3).compose(done -> transaction.rollback())));
        await(insert(connection, 4));
        assertThat(count(pool)).isEqualTo(3);
        await(connection.close());
    }

    @Test
    void bindsPlaceholdersByTheirNumberOutsideOfTexts() {
        String sql = "SELECT $2 || '$1' || $1 || $2 /* $3 */ AS \"a$1\"";
        assertThat(text(await(pool().preparedQuery(sql).execute(Tuple.of("one", "two")))))
                .isEqualTo("two$1onetwo");
    }

    @Test
    void bindsPlaceholdersOfPreparedStatementsAndBatches() {
        Pool pool = pool();
        SqlConnection connection = await(pool.getConnection());
        String sql = "INSERT INTO item (title, id) VALUES ($2, $1)";
        await(connection.prepare(sql).compose(statement -> statement.query().execute(Tuple.of(1, "one"))));
        await(pool.preparedQuery(sql).executeBatch(List.of(Tuple.of(2, "two"), Tuple.of(3, "three"))));
        assertThat(text(await(pool.query("SELECT listagg(title, ',') WITHIN GROUP (ORDER BY id) FROM item")
                        .execute())))
                .isEqualTo("one,two,three");
        await(connection.close());
    }

    private static String text(RowSet<Row> rows) {
        return rows.iterator().next().getString(0);
    }

    @Test
    void refusesTooFewArguments() {
        assertThat(failure(pool().preparedQuery("SELECT $1 || $2").execute(Tuple.of("one"))))
                .isInstanceOf(StatementException.class)
                .hasMessageContaining("expected 2 arguments, got 1");
    }

    @Test
    void tellsSqlStatesOfPostgresWhereTheyAreKnown() {
        Pool pool = pool();
        await(insert(pool, 1));
        assertThat(state(insert(pool, 1))).isEqualTo("23505");
        assertThat(state(pool.query("SELECT 1 FROM nothing").execute())).isEqualTo("42P01");
        assertThat(state(pool.query("SELECT nothing FROM item").execute())).isEqualTo("42703");
    }

    private static String state(Future<?> future) {
        return ((StatementException) failure(future)).getSqlState();
    }

    @Test
    void takesBackALeaseWithoutItsTransaction() {
        Pool pool =
                pool(new PoolSettings(0, 1, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30)));
        SqlConnection connection = await(pool.getConnection());
        await(connection.begin().compose(transaction -> insert(connection, 1)));
        await(connection.close());
        assertThat(count(pool)).isZero();
        await(insert(pool, 2));
        assertThat(count(pool)).isEqualTo(1);
    }

    @Test
    void saysWhichBoundIsReachedWhenNoConnectionComesFree() {
        pool(); // The first connection takes longer than others.
        Pool pool = pool(new PoolSettings(0, 1, Duration.ofSeconds(2), Duration.ofSeconds(30), Duration.ofSeconds(30)));
        SqlConnection connection = await(pool.getConnection());
        assertThat(failure(pool.query("SELECT 1").execute()))
                .isInstanceOf(PoolExhaustedException.class)
                .hasMessage("plugin 'todo': no connection within 2000 ms (max 1, in use 1, waiting 0);"
                        + " see backend.database.knexConfig.pool.max");
        await(connection.close());
        assertThat(count(pool)).isZero();
    }

    @Test
    void staysOpenWhenThePluginClosesIt() {
        Pool pool = pool();
        await(pool.close());
        assertThat(count(pool)).isZero();
    }

    @Test
    void blocksThreadsOfItsOwnOnly() {
        Pool pool = pool();
        await(pool.query("CREATE ALIAS thread_name AS 'String name() { return Thread.currentThread().getName(); }'")
                .execute());
        assertThat(text(await(pool.query("SELECT thread_name()").execute()))).startsWith("plinth-jdbc-");
    }

    @Test
    void tellsWhereADriverIsMissing() {
        JdbcSettings elsewhere = new JdbcSettings(
                "todo",
                new Secret("jdbc:nothing://app:hidden@host/db?password=hidden"),
                Optional.empty(),
                Optional.empty(),
                directory.resolve("drivers"),
                PoolSettings.DEFAULT,
                false);
        assertThat(failure(connector.connect(elsewhere)))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessage("plugin 'todo': no JDBC driver for jdbc:nothing://host/db in "
                        + directory.resolve("drivers")
                        + " (1 jar); put the driver's jar there, or set backend.database.driverDirectory");
    }

    @Test
    void doesNotTellThePasswordThatIsWrong() {
        assertThat(count(pool())).isZero();
        assertThat(failure(connector.connect(settings(PoolSettings.DEFAULT, "wrong-secret"))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("plugin 'todo': cannot connect to jdbc:h2:")
                .hasMessageContaining("(28000)")
                .hasMessageNotContaining("wrong-secret");
    }
}
