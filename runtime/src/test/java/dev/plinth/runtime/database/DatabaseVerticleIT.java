package dev.plinth.runtime.database;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.awaitAll;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.bus.DatabaseClient;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import dev.plinth.runtime.database.migration.MigrationPolicy;
import dev.plinth.runtime.database.migration.Migrator;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class DatabaseVerticleIT {

    private static final int INSTANCES = 8;

    private final Map<String, DatabaseSettings> settings = new HashMap<>();

    private Vertx vertx;
    private DatabaseClient client;

    @BeforeEach
    void setUp() {
        vertx = Vertx.vertx();
        client = new DatabaseClient(vertx);
    }

    @AfterEach
    void tearDown() throws Exception {
        await(vertx.close());
    }

    @Test
    void handsThePluginItsMigratedDatabase(Server server) throws Exception {
        await(vertx.deployVerticle(verticle(vertx)));
        settings.put("todo", Settings.postgres(server.port(), server.uniqueName("handed"), ""));
        DatabaseReply reply = await(client.request(request("todo", "CREATE TABLE item (id INT)")));
        assertThat(reply.dialect()).isEqualTo(Dialect.POSTGRESQL);
        assertThat(await(reply.pool().query("SELECT * FROM item").execute()).size())
                .isZero();
    }

    @Test
    void givesEveryAskerTheSamePool(Server server) throws Exception {
        await(vertx.deployVerticle(verticle(vertx)));
        settings.put("todo", Settings.postgres(server.port(), server.uniqueName("same"), ""));
        Future<DatabaseReply> first = client.request(request("todo", "CREATE TABLE item (id INT)"));
        Future<DatabaseReply> second = client.request(request("todo", "CREATE TABLE item (id INT)"));
        assertThat(await(first).pool()).isSameAs(await(second).pool());
        assertThat(await(client.request(request("todo", "CREATE TABLE item (id INT)")))
                        .pool())
                .isSameAs(await(first).pool());
    }

    @Test
    void canBeAskedAgainAfterAFailure(Server server) throws Exception {
        await(vertx.deployVerticle(verticle(vertx)));
        settings.put("todo", Settings.postgres(server.port(), server.uniqueName("again"), ""));
        assertThat(failure(client.request(request("todo", "CREATE TABEL item (id INT)"))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageStartingWith("plugin 'todo': migration V1__item.sql (version 1) failed in line 1: ");
        assertThat(await(client.request(request("todo", "CREATE TABLE item (id INT)"))))
                .isNotNull();
    }

    @Test
    void leavesNoLockBehindThatOtherInstancesWouldWaitFor(Server server) throws Exception {
        String database = server.uniqueName("unlocked");
        await(vertx.deployVerticle(verticle(vertx)));
        settings.put("todo", Settings.postgres(server.port(), database, ""));
        await(client.request(request("todo", "CREATE TABLE item (id INT)")));
        assertThat(server.count(
                        database,
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                                + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
                .isZero();
    }

    /** What a server's connections share stays where somebody first connects, which must be no event loop of plugins. */
    @Test
    void connectsEarlyOnItsOwnEventLoop(Server server) throws Exception {
        settings.put("todo", Settings.postgres(server.port(), server.uniqueName("early"), ""));
        List<Context> asked = new CopyOnWriteArrayList<>();
        DatabaseVerticle databases = verticle(vertx, id -> {
            asked.add(Vertx.currentContext());
            return resolve(id);
        });
        await(vertx.deployVerticle(databases));

        databases.prepareEarly("todo");

        eventually(() -> asked.size() == 1);
        assertThat(asked).containsExactly(databases.loops().get(0));
    }

    @Test
    void saysWhatIsWrongWithTheSettings() throws Exception {
        await(vertx.deployVerticle(verticle(vertx)));
        assertThat(failure(client.request(request("nobody", ""))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessage("no settings for nobody");
    }

    @Test
    void leavesMigrationsToThePluginWhenToldTo(Server server) throws Exception {
        await(vertx.deployVerticle(verticle(vertx)));
        settings.put("todo", skippingMigrations(Settings.postgres(server.port(), server.uniqueName("skipped"), "")));
        DatabaseReply reply = await(client.request(request("todo", "CREATE TABLE item (id INT)")));
        assertThat(failure(reply.pool().query("SELECT * FROM item").execute())).hasMessageContaining("42P01");
    }

    @Test
    void revokesAReleasedPoolAndHandsOutANewOne(Server server) throws Exception {
        await(vertx.deployVerticle(verticle(vertx)));
        settings.put("todo", Settings.postgres(server.port(), server.uniqueName("released"), ""));
        DatabaseReply old = await(client.request(request("todo", "")));
        await(client.release("todo", 0));
        assertThat(failure(old.pool().query("SELECT 1").execute())).isInstanceOf(DatabaseUnavailableException.class);
        DatabaseReply fresh = await(client.request(request("todo", "")));
        assertThat(await(fresh.pool().query("SELECT 1").execute()).size()).isOne();
    }

    @Test
    void stopsAndStartsAgain(Server server) throws Exception {
        settings.put("todo", Settings.postgres(server.port(), server.uniqueName("restarted"), ""));
        String deployment = await(vertx.deployVerticle(verticle(vertx)));
        DatabaseReply old = await(client.request(request("todo", "")));
        await(vertx.undeploy(deployment));
        assertThat(failure(old.pool().query("SELECT 1").execute())).isInstanceOf(DatabaseUnavailableException.class);
        assertThat(failure(client.request(request("todo", ""))))
                .hasMessage("plugin 'todo': the database side of this backend is not running");
        await(client.release("todo", 0));

        await(vertx.deployVerticle(verticle(vertx)));
        DatabaseReply fresh = await(client.request(request("todo", "")));
        assertThat(await(fresh.pool().query("SELECT 1").execute()).size()).isOne();
    }

    @Test
    void migratesOnceWhenManyInstancesStartAtOnce(Server server) throws Exception {
        settings.put("todo", Settings.postgres(server.port(), server.uniqueName("crowd"), "own"));
        List<Vertx> instances = new ArrayList<>();
        List<Future<DatabaseReply>> replies = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            Vertx instance = Vertx.vertx();
            instances.add(instance);
            replies.add(instance.deployVerticle(verticle(instance)).compose(deployed -> new DatabaseClient(instance)
                    .request(request("todo", "CREATE TABLE item (id INT); INSERT INTO item VALUES (1)"))));
        }
        awaitAll(replies);
        DatabaseReply any = await(replies.get(0));
        assertThat(await(any.pool().query("SELECT * FROM item").execute()).size())
                .isOne();
        awaitAll(instances.stream().map(Vertx::close).toList());
    }

    @Test
    void waitsForAServerThatIsAwayAndServesWhenItIsThere(Server server) throws Exception {
        DatabaseVerticle verticle = verticle(vertx);
        await(vertx.deployVerticle(verticle));
        NetServer door = vertx.createNetServer();
        int port = closedPort();
        List<Future<DatabaseReply>> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String plugin = "plugin" + i;
            settings.put(
                    plugin,
                    Settings.postgres(
                            plugin, port, "postgres", "postgres", server.uniqueName("late"), "", PoolSettings.DEFAULT));
            waiting.add(client.request(request(plugin, "CREATE TABLE item (id INT)")));
        }
        awaitTrouble(verticle, "plugin9", "connection refused");
        assertThat(waiting).noneMatch(Future::isComplete);

        open(door, port, server.port());
        awaitAll(waiting);
        assertThat(await(verticle.check()).values()).allMatch(DatabaseHealth.State::up);
    }

    @Test
    void tellsThoseWhoWaitWhenItStops(Server server) throws Exception {
        String deployment = await(vertx.deployVerticle(verticle(vertx)));
        settings.put("todo", Settings.postgres(closedPort(), server.uniqueName("never"), ""));
        Future<DatabaseReply> waiting = client.request(request("todo", ""));
        await(vertx.undeploy(deployment));
        assertThat(failure(waiting))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessage("plugin 'todo': the backend is stopping");
    }

    @Test
    void tellsHowEachPluginsDatabaseIs(Server server) throws Exception {
        DatabaseVerticle verticle = verticle(vertx);
        await(vertx.deployVerticle(verticle));
        settings.put("good", Settings.postgres(server.port(), server.uniqueName("good"), ""));
        settings.put("bad", Settings.postgres(server.port(), server.uniqueName("bad"), ""));
        await(client.request(request("good", "")));
        failure(client.request(request("bad", "SELEKT 1")));
        Map<String, DatabaseHealth.State> states = await(verticle.check());
        assertThat(states.get("good").up()).isTrue();
        assertThat(states.get("bad").up()).isFalse();
        assertThat(states.get("bad").reason()).contains("V1__item.sql");
    }

    @Test
    void asksNoDatabaseThatIsNotThereHowItsServerIs(Server server) throws Exception {
        DatabaseVerticle verticle = verticle(vertx);
        await(vertx.deployVerticle(verticle));
        List<String> greetings = new CopyOnWriteArrayList<>();
        int port = await(vertx.createNetServer()
                        .connectHandler(socket -> forward(socket, server.port(), greetings))
                        .listen(0, "127.0.0.1"))
                .actualPort();
        String there = server.uniqueName("there");
        settings.put("there", Settings.postgres(port, there, ""));
        String createsNothing = server.uniqueName("creates_nothing");
        server.execute("postgres", "CREATE ROLE " + createsNothing + " LOGIN PASSWORD 'x'");
        settings.put(
                "missing",
                Settings.postgres(
                        "missing", port, createsNothing, "x", server.uniqueName("missing"), "", PoolSettings.DEFAULT));
        await(client.request(request("there", "")));
        failure(client.request(request("missing", "")));
        assertThat(greetings).anyMatch(greeting -> greeting.contains("missing"));
        greetings.clear();

        assertThat(await(verticle.check()).get("there").up()).isTrue();

        assertThat(greetings)
                .anyMatch(greeting -> greeting.contains(there))
                .noneMatch(greeting -> greeting.contains("missing"));
    }

    private void forward(NetSocket client, int port, List<String> sent) {
        client.pause();
        vertx.createNetClient().connect(port, "127.0.0.1").onSuccess(server -> {
            server.pipeTo(client);
            client.handler(data -> {
                sent.add(data.toString("ISO-8859-1"));
                server.write(data);
            });
            client.resume();
        });
    }

    /** A port that refuses connections now, and may be opened later. */
    private int closedPort() throws Exception {
        NetServer taken =
                await(vertx.createNetServer().connectHandler(NetSocket::close).listen(0, "127.0.0.1"));
        await(taken.close());
        return taken.actualPort();
    }

    private void open(NetServer door, int port, int target) throws Exception {
        await(door.connectHandler(socket -> forward(socket, target)).listen(port, "127.0.0.1"));
    }

    private void forward(NetSocket client, int port) {
        client.pause();
        vertx.createNetClient().connect(port, "127.0.0.1").onSuccess(server -> {
            client.pipeTo(server);
            server.pipeTo(client);
        });
    }

    private static void awaitTrouble(DatabaseVerticle verticle, String plugin, String reason) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!await(verticle.check()).get(plugin).reason().contains(reason)) {
            assertThat(System.nanoTime()).as("trouble is seen").isLessThan(deadline);
        }
    }

    private DatabaseVerticle verticle(Vertx vertx) {
        return verticle(vertx, this::resolve);
    }

    private static DatabaseVerticle verticle(Vertx vertx, Function<String, Resolution> plan) {
        DatabaseKind<PostgresSettings> postgres =
                new DatabaseKind<>(PostgresSettings.class, Settings.connector(vertx, Duration.ofSeconds(30)));
        return new DatabaseVerticle(plan, List.of(postgres), new Migrator(vertx, MigrationPolicy.WARN_WHEN_NEWER));
    }

    private Resolution resolve(String pluginId) {
        DatabaseSettings found = settings.get(pluginId);
        if (found == null) {
            throw new IllegalArgumentException("no settings for " + pluginId);
        }
        return new Resolution(pluginId, Optional.of(found), List.of(), Map.of());
    }

    private static DatabaseRequest request(String pluginId, String sql) {
        return new DatabaseRequest(pluginId, List.of(new MigrationFile("V1__item.sql", sql)), List.of());
    }

    private static PostgresSettings skippingMigrations(PostgresSettings settings) {
        return settings.copy().skipMigrations(true).build();
    }
}
