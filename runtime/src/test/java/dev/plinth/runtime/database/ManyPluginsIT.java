package dev.plinth.runtime.database;

import static dev.plinth.runtime.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.bus.DatabaseClient;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.migration.MigrationPolicy;
import dev.plinth.runtime.database.migration.Migrator;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Eight instances with many plugins each at the same moment, on an empty server and then on what they made. */
@ExtendWith(PostgresExtension.class)
class ManyPluginsIT {

    private static final int INSTANCES = 8;
    private static final int PLUGINS = Boolean.getBoolean("plinth.thorough") ? 100 : 12;

    private final List<Vertx> instances = new ArrayList<>();

    @ParameterizedTest(name = "schemas: {0}, roles: {1}")
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void allComeUp(boolean schemas, boolean roles, Server server) throws Exception {
        String base = server.uniqueName("many");
        Function<String, DatabaseSettings> settings = plugin -> {
            PostgresSettings shared = Settings.postgres(
                    plugin,
                    server.port(),
                    "postgres",
                    "postgres",
                    schemas ? base : base + "_" + plugin,
                    schemas ? plugin : "",
                    PoolSettings.DEFAULT);
            return roles ? withRole(shared) : shared;
        };
        startAll(settings);
        startAll(settings);
    }

    private void startAll(Function<String, DatabaseSettings> settings) throws Exception {
        List<Future<DatabaseReply>> replies = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
            instances.add(vertx);
            Future<String> deployed = vertx.deployVerticle(verticle(vertx, settings));
            for (int plugin = 0; plugin < PLUGINS; plugin++) {
                DatabaseRequest request = request("plugin" + plugin);
                replies.add(deployed.compose(id -> new DatabaseClient(vertx).request(request)));
            }
        }
        Future.all(replies).toCompletionStage().toCompletableFuture().get(5, TimeUnit.MINUTES);
        assertThat(replies).allMatch(Future::succeeded);
        for (Vertx vertx : instances) {
            await(vertx.close());
        }
        instances.clear();
    }

    private static DatabaseVerticle verticle(Vertx vertx, Function<String, DatabaseSettings> settings) {
        DatabaseKind<PostgresSettings> postgres =
                new DatabaseKind<>(PostgresSettings.class, Settings.connector(vertx, Duration.ofSeconds(30)));
        return new DatabaseVerticle(
                plugin -> new Resolution(plugin, Optional.of(settings.apply(plugin)), List.of(), Map.of()),
                List.of(postgres),
                new Migrator(vertx, MigrationPolicy.WARN_WHEN_NEWER));
    }

    /** The second file fails when the first was run twice. */
    private static DatabaseRequest request(String plugin) {
        return new DatabaseRequest(
                plugin,
                List.of(
                        new MigrationFile("V1__item.sql", "CREATE TABLE item (id INT); INSERT INTO item VALUES (1)"),
                        new MigrationFile("V2__key.sql", "ALTER TABLE item ADD PRIMARY KEY (id)")),
                List.of());
    }

    private static PostgresSettings withRole(PostgresSettings settings) {
        return settings.copy()
                .isolationSecret(Optional.of(new Secret("a long random text")))
                .build();
    }
}
