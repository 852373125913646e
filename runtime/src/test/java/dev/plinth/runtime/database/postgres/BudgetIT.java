package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.PluginPool;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.sqlclient.Pool;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Far more plugins than a server with its default of 100 connections could serve, had each a pool of its own. */
class BudgetIT {

    private static final boolean THOROUGH = Boolean.getBoolean("plinth.thorough");
    private static final Duration IDLE = THOROUGH ? Duration.ofSeconds(30) : Duration.ofSeconds(1);
    private static final int EACH = 4;

    private static OwnServer server;
    private static java.sql.Connection observer;

    private final List<Vertx> instances = new ArrayList<>();
    private final List<PgConnections> connections = new ArrayList<>();
    private final List<ConnectionSource> sources = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        server = new OwnServer(directory);
        observer = server.connect();
        server.execute("CREATE ROLE app LOGIN PASSWORD 'postgres'");
    }

    @AfterAll
    static void stop() throws Exception {
        observer.close();
        server.close();
    }

    @AfterEach
    void close() {
        sources.forEach(source -> await(source.close()));
        connections.forEach(all -> await(all.close()));
        instances.forEach(vertx -> await(vertx.close()));
    }

    static Stream<Arguments> loads() {
        Stream<Arguments> quick = Stream.of(Arguments.of(4, 20, true), Arguments.of(4, 20, false));
        Stream<Arguments> many = Stream.of(
                Arguments.of(1, 100, true),
                Arguments.of(1, 100, false),
                Arguments.of(4, 100, true),
                Arguments.of(4, 100, false));
        return THOROUGH ? Stream.concat(quick, many) : quick;
    }

    @ParameterizedTest(name = "{0} instances with {1} plugins, schemas: {2}")
    @MethodSource("loads")
    void allAreServedWithinTheBudget(int count, int plugins, boolean schemas) throws Exception {
        List<Pool> pools = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pools.addAll(instance(PgPoolOptions.of("budget" + i), plugins, schemas));
        }
        List<Future<?>> asked = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            pools.forEach(pool -> asked.add(
                    pool.preparedQuery("SELECT count(*) FROM pg_class").execute()));
        }
        Future<?> all = Future.join(asked);
        Map<String, Integer> most = new HashMap<>();
        while (!all.isComplete()) {
            open().forEach((name, now) -> most.merge(name, now, Math::max));
        }

        assertThat(asked).filteredOn(Future::failed).extracting(Future::cause).isEmpty();
        // A share of the 97 that are for all, at most half, the two included that the instance keeps for itself; at no
        // moment
        // more, though the instances did not know of each other when they started.
        assertThat(most.values())
                .allSatisfy(connections -> assertThat(connections).isLessThanOrEqualTo(97 / Math.max(2, count)));

        long quiet = System.nanoTime();
        Map<String, Integer> left = open();
        while (!isAtRest(left, count)
                && System.nanoTime() - quiet < IDLE.plusSeconds(5).toNanos()) {
            Thread.sleep(50);
            left = open();
        }
        assertThat(left.values())
                .as("connections of each instance 5 s after idle ones may go")
                .hasSize(count)
                .containsOnly(1);
    }

    @Test
    void sharesShrinkWhenInstancesComeAndGrowWhenTheyLeave() throws Exception {
        instance(PgPoolOptions.of("budget0"), 1, true);
        awaitLimit(limit -> limit == 97 / 2 - 2);
        instance(PgPoolOptions.of("budget1"), 1, true);
        instance(PgPoolOptions.of("budget2"), 1, true);
        awaitLimit(limit -> limit == 97 / 3 - 2);
        await(connections.remove(2).close());
        await(connections.remove(1).close());
        awaitLimit(limit -> limit == 97 / 2 - 2);
    }

    /** Each instance keeps one, which it may be about to open again. */
    private static boolean isAtRest(Map<String, Integer> left, int instances) {
        return left.size() == instances && left.values().stream().allMatch(each -> each == 1);
    }

    /** Others have all connections: nobody hears of it who can still be served in time. */
    @Test
    void aFullServerIsWaitedFor() throws Exception {
        int budget = 20;
        List<java.sql.Connection> others = fill();
        List<Pool> pools = instance(new PgPoolOptions("full", Optional.of(budget)), 20, true);
        List<Future<?>> asked = new ArrayList<>();
        pools.forEach(pool -> asked.add(pool.query("SELECT 1").execute()));
        awaitLimit(limit -> limit < budget);
        assertThat(asked).noneMatch(Future::isComplete);

        for (java.sql.Connection other : others) {
            other.close();
        }
        await(Future.all(asked));
        if (THOROUGH) {
            awaitLimit(limit -> limit == budget);
        }
    }

    @Test
    void aPluginKeepsTheConnectionThatItJustUsedWhileAnotherOneWantsAll() {
        List<Pool> pools = instance(new PgPoolOptions("kept", Optional.of(3)), 2, false);
        int session = session(pools.get(0));

        List<Future<?>> slow = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            slow.add(pools.get(1).query("SELECT pg_sleep(0.05)").execute());
        }

        slow.forEach(each -> {
            assertThat(session(pools.get(0))).isEqualTo(session);
            await(each);
        });
    }

    private static int session(Pool pool) {
        return await(pool.preparedQuery("SELECT pg_backend_pid()").execute())
                .iterator()
                .next()
                .getInteger(0);
    }

    private static List<java.sql.Connection> fill() throws Exception {
        List<java.sql.Connection> others = new ArrayList<>();
        String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres";
        try {
            while (true) {
                others.add(DriverManager.getConnection(url, "app", "postgres"));
            }
        } catch (SQLException full) {
            assertThat(full.getSQLState()).isEqualTo("53300");
        }
        return others;
    }

    private void awaitLimit(IntPredicate wanted) throws Exception {
        long start = System.nanoTime();
        while (!wanted.test(sources.get(0).server().budget())) {
            assertThat(System.nanoTime() - start)
                    .isLessThan(Duration.ofSeconds(20).toNanos());
            Thread.sleep(20);
        }
    }

    private List<Pool> instance(PgPoolOptions options, int plugins, boolean schemas) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        PgConnections own = new PgConnections(vertx, PgCredentials.CONFIGURED, options);
        instances.add(vertx);
        connections.add(own);
        PoolSettings bounds = new PoolSettings(0, 10, Duration.ofSeconds(60), Duration.ofSeconds(30), IDLE);
        List<Pool> pools = new ArrayList<>();
        for (int i = 0; i < plugins; i++) {
            ConnectionSource source = own.open(PgFixture.settings(
                    "plugin" + i,
                    server.port(),
                    "app",
                    schemas ? Optional.of("schema" + i) : Optional.empty(),
                    bounds,
                    TlsSettings.DISABLED,
                    Optional.empty()));
            sources.add(source);
            pools.add(new PluginPool(vertx, "plugin" + i, source));
        }
        return pools;
    }

    /** How many connections each instance has now, by its name. */
    private static Map<String, Integer> open() throws Exception {
        try (Statement statement = observer.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT substring(application_name from 'budget[0-9]+'), count(*)"
                                + " FROM pg_stat_activity WHERE usename = 'app' GROUP BY 1")) {
            Map<String, Integer> open = new HashMap<>();
            while (rows.next()) {
                open.put(String.valueOf(rows.getString(1)), rows.getInt(2));
            }
            return open;
        }
    }
}
