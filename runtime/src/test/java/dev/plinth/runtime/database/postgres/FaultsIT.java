package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.inSchema;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.value;
import static dev.plinth.runtime.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.testing.FreezableProxy;
import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The server, or the way to it, fails; the pool comes back by itself. */
@ExtendWith(PostgresExtension.class)
class FaultsIT {

    /** Less than it takes without what is tested, and more than a busy machine needs. */
    private static final Duration ENOUGH = Duration.ofSeconds(15);

    @AutoClose
    private final Pools pools = new Pools("faults", 8);

    private final PostgresExtension.Server server;

    FaultsIT(PostgresExtension.Server server) {
        this.server = server;
    }

    private Pool open(int port, Duration acquire) {
        return open(port, pool(8, acquire));
    }

    private Pool open(int port, PoolSettings bounds) {
        return pools.open(inSchema("todo", port, "public", bounds));
    }

    private static Future<?> ask(Pool pool) {
        return pool.preparedQuery("SELECT 1").execute();
    }

    @Test
    void killedSessionsAreReplaced() throws Exception {
        Pool pool = open(server.port(), Duration.ofSeconds(10));
        for (int i = 0; i < 10; i++) {
            List<Future<?>> hit = new ArrayList<>();
            for (int j = 0; j < 20; j++) {
                hit.add(ask(pool));
            }
            kill("application_name LIKE '%@faults'");
            await(Future.join(hit).otherwiseEmpty());
            hit.stream().filter(Future::failed).forEach(future -> assertThat(future.cause())
                    .hasMessageContaining("may have taken effect"));
            await(ask(pool));
        }
    }

    @Test
    void aStatementKilledBeforeItHadAnEffectIsRepeatedOnAnotherConnection() throws Exception {
        Pool pool = open(server.port(), Duration.ofSeconds(10));
        String sql = "SELECT 5 FROM pg_advisory_xact_lock(4711)";
        try (Connection holder = server.connect("postgres");
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(4711)");
            Future<RowSet<Row>> waiting = pool.preparedQuery(sql).execute();
            while (kill("wait_event = 'advisory' AND application_name LIKE '%@faults'") == 0) {
                assertThat(waiting.isComplete()).isFalse();
            }
            statement.execute("SELECT pg_advisory_unlock(4711)");
            assertThat(value(await(waiting))).isEqualTo(5);
        }
    }

    private int kill(String which) throws SQLException {
        return server.count("postgres", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE " + which);
    }

    @Test
    void aStatementKilledInATransactionSaysThatItMayHaveTakenEffect() throws Exception {
        Pool pool = open(server.port(), Duration.ofSeconds(10));
        SqlConnection connection = await(pool.getConnection());
        Object process = value(await(connection.query("SELECT pg_backend_pid()").execute()));
        Future<?> sleeping = connection.query("SELECT pg_sleep(20)").execute();
        server.execute("postgres", "SELECT pg_terminate_backend(" + process + ")");

        assertThat(failure(sleeping))
                .isInstanceOf(RetryableException.class)
                .hasMessageContaining("plugin 'todo'")
                .hasMessageContaining("may have taken effect");
        assertThat(failure(connection.query("SELECT 1").execute())).hasMessageContaining("did not run");
        await(connection.close());
        assertThat(value(await(pool.query("SELECT 1").execute()))).isEqualTo(1);
    }

    @Test
    void aConnectionIsNotDeadWhileALargeValueIsUnderWay() {
        try (FreezableProxy proxy = new FreezableProxy(server.port())) {
            Pool pool = open(proxy.port(), Duration.ofSeconds(10));
            await(ask(pool));
            proxy.slowDown();
            String large = "x".repeat(20_000_000);
            assertThat(value(await(pool.preparedQuery("SELECT length($1::text)").execute(Tuple.of(large)))))
                    .isEqualTo(large.length());
        }
    }

    @Test
    void connectionsThatOnlyLookOpenAreFoundOutAndReplaced() {
        try (FreezableProxy proxy = new FreezableProxy(server.port())) {
            Pool pool = open(proxy.port(), Duration.ofSeconds(10));
            await(Future.all(IntStream.range(0, 50).mapToObj(i -> ask(pool)).toList()));
            List<Future<?>> underWay = new ArrayList<>();
            proxy.freezeAll();
            for (int i = 0; i < 50; i++) {
                underWay.add(ask(pool));
            }

            long start = System.nanoTime();
            await(Future.join(underWay).otherwiseEmpty());
            await(Future.all(IntStream.range(0, 50).mapToObj(i -> ask(pool)).toList()));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(ENOUGH);
            underWay.stream().filter(Future::failed).forEach(future -> assertThat(future.cause())
                    .isInstanceOf(RetryableException.class));
        }
    }

    @Test
    void aSlowStatementIsNotTakenForADeadConnection() {
        Pool pool = open(server.port(), Duration.ofSeconds(10));
        assertThat(value(await(pool.query("SELECT 7 FROM pg_sleep(4)").execute())))
                .isEqualTo(7);
    }

    @Test
    void waitsNoLongerThanItsDeadlineForAServerThatNeverAnswers() {
        try (FreezableProxy proxy = new FreezableProxy(server.port())) {
            proxy.blackHole(true);
            Pool pool = open(proxy.port(), Duration.ofSeconds(2));
            long start = System.nanoTime();
            assertThat(failure(ask(pool))).isInstanceOf(PoolExhaustedException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(ENOUGH);

            proxy.blackHole(false);
            Pool later = open(proxy.port(), Duration.ofSeconds(20));
            await(ask(later));
        }
    }

    @Test
    void cutsTheSocketOfALoginThatTakesTooLong() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Duration limit = Duration.ofMillis(300);
            Pool pool = open(silent.getLocalPort(), new PoolSettings(0, 1, limit, limit, Duration.ofSeconds(30)));
            Future<?> asked = ask(pool);
            try (Socket socket = silent.accept()) {
                assertThat(failure(asked)).isInstanceOf(DatabaseUnavailableException.class);
                eventually(() -> isReset(socket));
            }
        }
    }

    /** Who said goodbye and waits for the other end to do so still takes what is sent. */
    private static boolean isReset(Socket socket) {
        try {
            socket.getOutputStream().write(0);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void everyPluginIsBackAfterTheServerStoppedAndStarted(@TempDir Path directory) throws Exception {
        try (OwnServer server = new OwnServer(directory)) {
            List<Pool> plugins = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                plugins.add(pools.open(inSchema("plugin" + i, server.port(), "public", pool(2))));
            }
            await(Future.all(plugins.stream().map(FaultsIT::ask).toList()));

            server.stop();
            List<? extends Future<?>> away = plugins.stream().map(FaultsIT::ask).toList();
            await(Future.join(away).otherwiseEmpty());
            away.forEach(future -> assertThat(future.cause()).isInstanceOf(RetryableException.class));

            server.startAgain();
            await(Future.all(plugins.stream().map(FaultsIT::ask).toList()));
        }
    }

    @Test
    void aStatementEndsAtThePluginsOwnLimitOnTheServerAndWhereNothingAnswers() {
        PoolSettings bounds = callLimit(Optional.of(Duration.ofSeconds(1)));
        try (FreezableProxy proxy = new FreezableProxy(server.port())) {
            Pool pool = open(proxy.port(), bounds);
            long start = System.nanoTime();
            assertThat(failure(pool.query("SELECT pg_sleep(20)").execute()))
                    .isInstanceOf(StatementException.class)
                    .hasMessageContaining("statement timeout (57014); see backend.database.callTimeout");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(ENOUGH);

            await(ask(pool));
            proxy.freezeAll();
            proxy.blackHole(true);
            start = System.nanoTime();
            assertThat(failure(ask(pool)))
                    .isInstanceOf(RetryableException.class)
                    .hasMessageContaining("no answer within 1083 ms, see backend.database.callTimeout")
                    .hasMessageContaining("may have taken effect");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(ENOUGH);
        }
    }

    @Test
    void aPluginMayLiftTheLimitOfItsStatements() {
        Pool pool = open(server.port(), callLimit(Optional.empty()));
        assertThat(value(await(pool.query("SHOW statement_timeout").execute()))).isEqualTo("0");
        Pool usual = open(server.port(), Duration.ofSeconds(10));
        assertThat(value(await(usual.query("SHOW statement_timeout").execute())))
                .isEqualTo("30s");
    }

    private static PoolSettings callLimit(Optional<Duration> limit) {
        Duration ten = Duration.ofSeconds(10);
        return new PoolSettings(0, 8, ten, ten, ten, limit, 100);
    }

    @Test
    void writesGoToTheNewPrimaryAfterAFailover() throws Exception {
        String table = table();
        Pool pool = open(server.port(), Duration.ofSeconds(10));
        withoutWrites(() -> {
            await(Future.all(IntStream.range(0, 20).mapToObj(i -> ask(pool)).toList()));
            assertThat(failure(insert(pool, table))).hasMessageContaining("(25006)");
        });
        eventually(() -> await(insert(pool, table).map(true).otherwise(false)));
        await(Future.all(
                IntStream.range(0, 20).mapToObj(i -> insert(pool, table)).toList()));
    }

    @Test
    void oneRefusedTransactionIsEnoughToFindOutThatOtherConnectionsTakeWrites() throws Exception {
        String table = table();
        Pool pool = open(server.port(), Duration.ofSeconds(10));
        withoutWrites(() -> await(Future.all(IntStream.range(0, 8)
                .mapToObj(i -> pool.getConnection().compose(SqlConnection::close))
                .toList())));
        Set<Integer> refusing = sessions(pool);
        assertThat(refusing).hasSizeGreaterThan(3);
        assertThat(failure(insertInTransaction(pool, table))).hasMessageContaining("(25006)");
        eventually(() -> Collections.disjoint(sessions(pool), refusing));
        await(Future.all(IntStream.range(0, 8)
                .mapToObj(i -> insertInTransaction(pool, table))
                .toList()));
    }

    @Test
    void connectionsAreReplacedAfterAFailoverBeforeTheNextWrite() throws Exception {
        String table = table();
        Pool pool = open(server.port(), Duration.ofSeconds(10));
        Set<Integer> refusing = new HashSet<>();
        withoutWrites(() -> {
            assertThat(failure(insertInTransaction(pool, table))).hasMessageContaining("(25006)");
            refusing.addAll(sessions(pool));
        });
        eventually(() -> Collections.disjoint(sessions(pool), refusing));
        await(insertInTransaction(pool, table));
    }

    @Test
    void aServerThatTakesNoWritesIsReadFromOverTheSameConnections() throws Exception {
        String table = table();
        Pool pool = open(server.port(), Duration.ofSeconds(10));
        withoutWrites(() -> {
            Set<Integer> before = sessions(pool);
            for (int i = 0; i < 5; i++) {
                assertThat(failure(insert(pool, table))).hasMessageContaining("(25006)");
                assertThat(failure(insertInTransaction(pool, table))).hasMessageContaining("(25006)");
            }
            assertThat(sessions(pool)).isEqualTo(before);
        });
    }

    /** Sessions that begin meanwhile take no writes for good, later ones do: as after a failover, when the old primary became a standby. */
    private void withoutWrites(ThrowingRunnable during) throws Exception {
        server.execute("postgres", "ALTER ROLE postgres SET default_transaction_read_only = on");
        try {
            during.run();
        } finally {
            server.execute(
                    "postgres",
                    "SET default_transaction_read_only = off",
                    "ALTER ROLE postgres RESET default_transaction_read_only");
        }
    }

    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    private String table() throws Exception {
        String table = server.uniqueName("failover");
        server.execute("postgres", "CREATE TABLE " + table + " (id int)");
        return table;
    }

    /** The server's processes behind all connections that the pool can lend at once. */
    private static Set<Integer> sessions(Pool pool) {
        List<SqlConnection> lent = await(Future.all(IntStream.range(0, 8)
                        .mapToObj(i -> pool.getConnection())
                        .toList()))
                .list();
        Set<Integer> sessions = lent.stream()
                .map(connection -> PgConnection.cast(connection).processId())
                .collect(Collectors.toSet());
        await(Future.all(lent.stream().map(SqlConnection::close).toList()));
        return sessions;
    }

    private static Future<?> insertInTransaction(Pool pool, String table) {
        return pool.withTransaction(connection ->
                connection.preparedQuery("INSERT INTO " + table + " VALUES (1)").execute());
    }

    private static Future<?> insert(Pool pool, String table) {
        return pool.preparedQuery("INSERT INTO " + table + " VALUES (1)").execute();
    }

    @Test
    void saysWhyNoConnectionCanBeMade() {
        Pool refused = open(1, Duration.ofSeconds(5));
        assertThat(failure(ask(refused)))
                .isInstanceOf(RetryableException.class)
                .hasMessageContaining("plugin 'todo': cannot connect to postgres@127.0.0.1:1/postgres")
                .hasMessageContaining("refused");
        assertThat(failure(pools.connections.connect(PgFixture.settings("todo", 1))))
                .isInstanceOf(DatabaseUnavailableException.class);
    }
}
