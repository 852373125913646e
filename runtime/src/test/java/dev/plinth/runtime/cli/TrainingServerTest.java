package dev.plinth.runtime.cli;

import static dev.plinth.runtime.testing.Futures.await;

import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.migration.MigrationPolicy;
import dev.plinth.runtime.database.migration.Migrator;
import dev.plinth.runtime.database.postgres.PostgresConnector;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a training must see to the end; when a start asks for something else, its server has to be taught. */
class TrainingServerTest {

    private final Vertx vertx = Vertx.vertx();
    private final PostgresConnector connector = Settings.connector(vertx, Duration.ofSeconds(30));
    private TrainingServer server;

    @BeforeEach
    void setUp() throws Exception {
        server = TrainingServer.start();
    }

    @AfterEach
    void tearDown() throws Exception {
        await(connector.close());
        await(vertx.close());
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"training,''", "training,training", "plinth_plugin_training,''"})
    void letsAPluginComeToItsTables(String database, String schema) throws Exception {
        PostgresSettings settings = Settings.postgres(
                "training", server.port(), "training", TrainingServer.PASSWORD, database, schema, PoolSettings.DEFAULT);
        DatabaseRequest request = new DatabaseRequest(
                "training", List.of(new MigrationFile("V1__item.sql", TrainingPlugin.MIGRATION)), List.of());
        Migrator migrator = new Migrator(vertx, MigrationPolicy.WARN_WHEN_NEWER);

        await(connector.prepare(settings).compose(prepared -> migrator.migrate(
                        prepared.connection(), request, prepared.migrations())
                .eventually(prepared.connection()::close)));
    }
}
