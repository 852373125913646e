package dev.plinth.runtime.database;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.plinth.runtime.bus.DatabaseClient;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.database.migration.MigrationPolicy;
import dev.plinth.runtime.database.migration.Migrator;
import dev.plinth.runtime.database.pool.FailureCause;
import dev.plinth.runtime.database.pool.HistogramSnapshot;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.database.pool.PoolSnapshot;
import dev.plinth.runtime.database.pool.ServerSnapshot;
import dev.plinth.runtime.database.sqlite.SqliteConnector;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What can be seen of pools from outside, the same on both kinds of databases. */
@ExtendWith(PostgresExtension.class)
class PoolMonitorIT {

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    @Test
    void tellsWhatEachPluginAndServerDoes(Server server, @TempDir Path directory) throws Exception {
        Map<String, DatabaseSettings> settings = Map.of(
                "todo",
                Settings.postgres(server.port(), server.uniqueName("seen"), "todo"),
                "notes",
                new SqliteSettings(
                        "notes", Optional.of(directory.resolve("notes.sqlite")), true, PoolSettings.DEFAULT, false));
        DatabaseVerticle verticle = verticle(settings);
        await(vertx.deployVerticle(verticle));
        assertThat(await(verticle.pools()).pools()).isEmpty();

        DatabaseClient client = new DatabaseClient(vertx);
        for (String plugin : List.of("notes", "todo")) {
            use(await(client.request(new DatabaseRequest(plugin, List.of(), List.of())))
                    .pool());
        }

        List<PoolSnapshot> pools = await(verticle.pools()).pools();
        assertThat(pools).extracting(PoolSnapshot::pluginId).containsExactly("notes", "todo");
        for (PoolSnapshot pool : pools) {
            assertThat(pool.statements()).isEqualTo(4);
            assertThat(pool.failures())
                    .containsEntry(FailureCause.STATEMENT, 1L)
                    .containsEntry(FailureCause.OTHER, 0L);
            assertThat(pool.total()).isBetween(1, pool.max());
            assertThat(pool.inUse()).isEqualTo(1);
            assertThat(pool.waiting()).isZero();
            assertThat(pool.use().count()).isGreaterThanOrEqualTo(2);
            assertThat(pool.use().sum()).isPositive();
            assertThat(pool.acquire().buckets().stream()
                            .mapToLong(HistogramSnapshot.Bucket::count)
                            .sum())
                    .isEqualTo(pool.acquire().count())
                    .isPositive();
            assertThat(pool.holders()).singleElement().satisfies(holder -> {
                assertThat(holder.pluginId()).isEqualTo(pool.pluginId());
                assertThat(holder.lastStatement()).isEqualTo("SELECT 42");
                assertThat(holder.age()).isPositive();
            });
        }
        assertThat(pools.get(1).binds()).isPositive();
        assertThat(await(verticle.pools()).servers())
                .extracting(ServerSnapshot::server)
                .containsExactlyInAnyOrder(
                        "PostgreSQL at 127.0.0.1:" + server.port(), pools.get(0).server());
        assertThat(await(verticle.pools()).servers())
                .allSatisfy(seen -> assertThat(seen.total()).isBetween(1, seen.budget()));
    }

    @Test
    void reportsAConnectionThatIsNotGivenBackOnce(Server server) throws Exception {
        DatabaseVerticle verticle = new DatabaseVerticle(
                plugin -> new Resolution(
                        plugin,
                        Optional.of(Settings.postgres(server.port(), server.uniqueName("leak"), "")),
                        List.of(),
                        Map.of()),
                kinds(),
                new Migrator(vertx, MigrationPolicy.WARN_WHEN_NEWER),
                new LeakOptions(Optional.of(Duration.ofMillis(200)), true));
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(PluginPool.class);
        logger.addAppender(log);
        try {
            await(vertx.deployVerticle(verticle));
            Pool pool = await(new DatabaseClient(vertx).request(new DatabaseRequest("todo", List.of(), List.of())))
                    .pool();
            SqlConnection lease = await(pool.getConnection());
            await(lease.preparedQuery("SELECT $1::int").execute(Tuple.of(4711)));
            await(vertx.timer(700));
            await(lease.close());
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list).singleElement().satisfies(event -> assertThat(event.getFormattedMessage())
                .startsWith("plugin 'todo' took a connection ")
                .contains("last statement: SELECT $1::int;", "backend.database.leakThreshold", "PoolMonitorIT")
                .doesNotContain("4711"));
    }

    /** Two statements that work, one that does not, and one on a connection that is not given back. */
    private static void use(Pool pool) throws Exception {
        await(pool.query("SELECT 1").execute());
        await(pool.preparedQuery("SELECT 2").execute());
        failure(pool.preparedQuery("SELECT nonsense").execute());
        SqlConnection lease = await(pool.getConnection());
        await(lease.preparedQuery("SELECT 42").execute());
    }

    private DatabaseVerticle verticle(Map<String, DatabaseSettings> settings) {
        return new DatabaseVerticle(
                plugin -> new Resolution(plugin, Optional.ofNullable(settings.get(plugin)), List.of(), Map.of()),
                kinds(),
                new Migrator(vertx, MigrationPolicy.WARN_WHEN_NEWER));
    }

    private List<DatabaseKind<?>> kinds() {
        return List.of(
                new DatabaseKind<>(PostgresSettings.class, Settings.connector(vertx, Duration.ofSeconds(30))),
                new DatabaseKind<>(SqliteSettings.class, new SqliteConnector(vertx)));
    }
}
