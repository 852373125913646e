package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.inSchema;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.testing.FreezableProxy;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A hundred plugins under load, while the server or the way to it fails: all are back soon after, by themselves. */
class RecoveryIT {

    private static final boolean THOROUGH = Boolean.getBoolean("plinth.thorough");
    private static final int PLUGINS = THOROUGH ? 100 : 20;
    private static final Duration FAULT = THOROUGH ? Duration.ofSeconds(5) : Duration.ofSeconds(1);
    /** On a machine of its own; beside other tests it takes longer. */
    private static final Duration SOON = Duration.ofSeconds(THOROUGH ? 3 : 6);

    private static OwnServer server;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        server = new OwnServer(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private final Vertx vertx = Vertx.vertx();
    private final PgConnections connections =
            new PgConnections(vertx, PgCredentials.CONFIGURED, PgPoolOptions.of("recovery"));
    private final List<ConnectionSource> sources = new ArrayList<>();

    @AfterEach
    void close() {
        sources.forEach(source -> await(source.close()));
        await(connections.close());
        await(vertx.close());
    }

    private List<Pool> plugins(int port) {
        PoolSettings bounds =
                new PoolSettings(0, 10, Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofSeconds(30));
        List<Pool> pools = new ArrayList<>();
        for (int i = 0; i < PLUGINS; i++) {
            ConnectionSource source = connections.open(inSchema("plugin" + i, port, "public", bounds));
            sources.add(source);
            pools.add(new PluginPool(vertx, "plugin" + i, source));
        }
        return pools;
    }

    /** All kinds of work that a plugin does. */
    private Load load(List<Pool> pools) {
        int[] turn = new int[1];
        return new Load(vertx, pools, 4, pool -> switch (turn[0]++ % 4) {
            case 0 -> pool.query("SELECT 1").execute();
            case 1 ->
                pool.withTransaction(
                        connection -> connection.preparedQuery("SELECT 2").execute());
            default -> pool.preparedQuery("SELECT 3").execute();
        });
    }

    interface Fault {
        void run() throws Exception;
    }

    private void recovers(Load load, Fault fault, Fault cure) throws Exception {
        load.awaitAnswers(PLUGINS * 10);
        fault.run();
        Thread.sleep(FAULT.toMillis());
        cure.run();
        long cured = System.nanoTime();
        if (THOROUGH) {
            Thread.sleep(SOON.toMillis());
        } else {
            load.awaitAnswersOfAll(cured, SOON);
        }
        List<Load.Call> calls = load.stop(Duration.ofSeconds(10));

        assertThat(calls)
                .filteredOn(call -> call.failed() && call.end() - cured > SOON.toNanos())
                .as("errors later than %s after the cure", SOON)
                .isEmpty();
        assertThat(calls)
                .filteredOn(call -> call.end() - Math.max(call.start(), cured) > SOON.toNanos())
                .as("calls that took longer than %s after the cure", SOON)
                .isEmpty();
        assertThat(calls)
                .filteredOn(call -> !call.failed() && call.end() > cured)
                .extracting(Load.Call::plugin)
                .as("plugins that are back")
                .containsAll(IntStream.range(0, PLUGINS).boxed().toList());
    }

    @Test
    void afterTheServerWasKilled() throws Exception {
        recovers(load(plugins(server.port())), server::kill, server::startAgain);
    }

    @Test
    @EnabledIfSystemProperty(named = "plinth.thorough", matches = ".*")
    void afterTheServerWasStopped() throws Exception {
        recovers(load(plugins(server.port())), server::stop, server::startAgain);
    }

    @Test
    @EnabledIfSystemProperty(named = "plinth.thorough", matches = ".*")
    void afterTheServerWasFrozen() throws Exception {
        recovers(load(plugins(server.port())), server::freeze, server::thaw);
    }

    @Test
    @EnabledIfSystemProperty(named = "plinth.thorough", matches = ".*")
    void afterSingleSessionsWereKilled() throws Exception {
        recovers(load(plugins(server.port())), this::killSessions, this::killSessions);
    }

    @Test
    @EnabledIfSystemProperty(named = "plinth.thorough", matches = ".*")
    void afterAllSocketsWereCut() throws Exception {
        try (FreezableProxy proxy = new FreezableProxy(server.port())) {
            recovers(load(plugins(proxy.port())), proxy::cutAll, proxy::cutAll);
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "plinth.thorough", matches = ".*")
    void afterAllSocketsOnlyLookedOpen() throws Exception {
        try (FreezableProxy proxy = new FreezableProxy(server.port())) {
            recovers(load(plugins(proxy.port())), () -> {}, proxy::freezeAll);
        }
    }

    @Test
    void afterConnectingWasABlackHole() throws Exception {
        try (FreezableProxy proxy = new FreezableProxy(server.port())) {
            recovers(
                    load(plugins(proxy.port())),
                    () -> {
                        proxy.blackHole(true);
                        proxy.cutAll();
                    },
                    () -> proxy.blackHole(false));
        }
    }

    @Test
    void afterNothingWasForwarded() throws Exception {
        try (FreezableProxy proxy = new FreezableProxy(server.port())) {
            recovers(
                    load(plugins(proxy.port())),
                    () -> {
                        proxy.blackHole(true);
                        proxy.freezeAll();
                    },
                    () -> proxy.blackHole(false));
        }
    }

    /** A server that starts up answers with the same code. */
    @Test
    void aServerThatShutsDownIsWaitedFor() throws Exception {
        PostgresConnector connector = Settings.connector(vertx, Duration.ofSeconds(30));
        PostgresSettings settings = PgFixture.settings("todo", server.port());
        try (Connection session = server.connect()) {
            assertThat(session.isValid(5)).isTrue();
            server.stopSmartly();
            Throwable refused = PgFixture.failure(connector.probe(settings));
            while (!refused.getMessage().contains("shutting down")) {
                refused = PgFixture.failure(connector.probe(settings));
            }
            assertThat(refused)
                    .isInstanceOf(RetryableException.class)
                    .hasMessage("plugin 'todo': cannot connect to postgres@127.0.0.1:" + server.port()
                            + "/postgres: the database system is shutting down (57P03); it is tried again by itself");
        }
        server.stop();
        server.startAgain();
        await(connector.probe(settings));
        await(connector.close());
    }

    private void killSessions() throws Exception {
        server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%@recovery'");
    }
}
