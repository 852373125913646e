package dev.plinth.runtime.database.jdbc;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.testing.H2;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.jdbcclient.JDBCConnectOptions;
import io.vertx.jdbcclient.JDBCPool;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdbcConnectorTest {

    private static final String TABLE =
            "CREATE TABLE IF NOT EXISTS item (id BIGINT PRIMARY KEY, title VARCHAR(100) NOT NULL)";

    /** Compiles nothing, which alone may take longer than a statement may here. */
    private static final String NAP = "CREATE ALIAS nap FOR 'java.lang.Thread.sleep(long)'";

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

    private JdbcSettings settings(PoolSettings pool, String password) {
        return settings("jdbc:h2:" + directory.resolve("todo"), pool, password);
    }

    private JdbcSettings settings(String url, PoolSettings pool, String password) {
        return new JdbcSettings(
                "todo",
                new Secret(url),
                Optional.of("sa"),
                Optional.of(new Secret(password)),
                directory.resolve("drivers"),
                pool,
                false);
    }

    private static PoolSettings bounds(int max, Duration idle, Duration call, int maxWaiting) {
        Duration patience = Duration.ofSeconds(30);
        return new PoolSettings(0, max, patience, patience, idle, Optional.of(call), maxWaiting);
    }

    private Pool pool(PoolSettings settings) {
        return pool(connector.open(settings(settings, "right")));
    }

    private Pool pool(ConnectionSource source) {
        Pool pool = new PluginPool(vertx, "todo", source);
        await(pool.query(TABLE).execute());
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

    /** When this fails, the client has been cured, and our own end of transactions can go. */
    @Test
    void theClientByItselfWouldLoseIt() {
        JDBCConnectOptions options = new JDBCConnectOptions()
                .setJdbcUrl("jdbc:h2:" + directory.resolve("stock"))
                .setUser("sa")
                .setPassword("right");
        Pool pool = JDBCPool.pool(vertx, options, new PoolOptions().setMaxSize(2));
        await(pool.query(TABLE).execute());
        SqlConnection connection = await(pool.getConnection());
        await(connection.begin().compose(transaction -> insert(connection, 1).compose(done -> transaction.commit())));
        await(insert(connection, 2));
        assertThat(count(pool)).isEqualTo(1);
        await(connection.close().compose(closed -> pool.close()));
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
                .message()
                .matches("plugin 'todo': no connection within 2\\d\\d\\d ms \\(max 1, in use 1, waiting 0,"
                        + " longest holder plugin 'todo' for 2\\d\\d\\d ms\\);"
                        + " see backend.database.knexConfig.pool.max");
        await(connection.close());
        assertThat(count(pool)).isZero();
    }

    @Test
    void refusesAtOnceWhenTooManyWait() {
        Pool pool = pool(bounds(1, Duration.ofSeconds(30), Duration.ofSeconds(30), 0));
        SqlConnection connection = await(pool.getConnection());
        assertThat(failure(pool.query("SELECT 1").execute()))
                .isInstanceOf(PoolExhaustedException.class)
                .hasMessageStartingWith("plugin 'todo': too many requests wait for a connection (max 1, in use 1,")
                .hasMessageEndingWith("see backend.database.maxWaiting");
        await(connection.close());
    }

    @Test
    void cutsAStatementOffAtItsLimit() {
        Pool pool = pool(bounds(1, Duration.ofSeconds(30), Duration.ofMillis(300), 10));
        assertThat(failure(pool.query(
                                "SELECT count(*) FROM system_range(1, 100000) a, system_range(1, 100000) b WHERE a.x + b.x < 0")
                        .execute()))
                .isInstanceOf(StatementException.class)
                .hasMessageStartingWith("plugin 'todo': ")
                .hasMessageEndingWith("; see backend.database.callTimeout");
        assertThat(count(pool)).isZero();
    }

    @Test
    void doesNotWaitForADriverThatDoesNotGiveUp() {
        Pool pool = pool(bounds(1, Duration.ofSeconds(30), Duration.ofSeconds(1), 10));
        await(pool.query(NAP).execute());
        assertThat(failure(pool.query("CALL nap(2500)").execute()))
                .isInstanceOf(RetryableException.class)
                .hasMessageStartingWith("plugin 'todo': no answer within 1000 ms from jdbc:h2:")
                .hasMessageEndingWith("todo, see backend.database.callTimeout; the statement may have taken effect");
        assertThat(count(pool)).isZero();
    }

    @Test
    void closesConnectionsThatAreIdle() {
        ConnectionSource source =
                connector.open(settings(bounds(2, Duration.ofMillis(50), Duration.ofSeconds(30), 10), "right"));
        assertThat(count(pool(source))).isZero();
        eventually(() -> source.server().total() == 0);
        assertThat(count(pool(source))).isZero();
    }

    @Test
    void replacesAConnectionThatWasLost() throws Exception {
        Server server = server(0);
        String url = "jdbc:h2:tcp://localhost:" + server.getPort() + "/./todo";
        Pool pool = pool(
                connector.open(settings(url, bounds(1, Duration.ofSeconds(30), Duration.ofSeconds(30), 10), "right")));
        server.stop();
        assertThat(failure(pool.query("SELECT 1").execute())).isInstanceOf(StatementException.class);
        assertThat(failure(pool.query("SELECT 1").execute())).hasMessageContaining("cannot connect to");
        Server again = server(server.getPort());
        assertThat(count(pool)).isZero();
        await(connector.close());
        again.stop();
    }

    private Server server(int port) throws SQLException {
        return Server.createTcpServer(
                        "-tcpPort", String.valueOf(port), "-ifNotExists", "-baseDir", directory.toString())
                .start();
    }

    @Test
    void closesWhenConnectionsHaveDoneWhatTheyWereDoing() {
        Pool pool = pool();
        await(pool.query(NAP).execute());
        Future<?> nap = pool.query("CALL nap(300)").execute();
        await(connector.close());
        assertThat(nap.isComplete()).isTrue();
    }

    @Test
    void findsADriverThatWasPutThereLater() throws IOException {
        Files.delete(directory.resolve("drivers/h2.jar"));
        new JarOutputStream(Files.newOutputStream(directory.resolve("drivers/other.jar")), new Manifest()).close();
        assertThat(failure(connector.connect(settings(PoolSettings.DEFAULT, "right"))))
                .hasMessageContaining("(1 jar)");
        H2.installDriver(directory.resolve("drivers"));
        await(connector.connect(settings(PoolSettings.DEFAULT, "right")).compose(SqlConnection::close));
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
