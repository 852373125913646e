package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.ReservedPort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar before a PostgreSQL that comes and goes. */
class DatabaseAwayIT {

    @TempDir
    private Path directory;

    @TempDir
    private Path data;

    @Test
    void waitsForADatabaseThatIsAwayAtStartAndRecoversFromItsRestart() throws Exception {
        try (ReservedPort port = new ReservedPort();
                PlinthProcess plinth = startPlinth(port)) {
            assertThat(plinth.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(plinth.errors()).contains("127.0.0.1:" + port.number());
            assertThat(plinth.get("/api/todo/items").statusCode()).isEqualTo(503);

            try (EmbeddedPostgres postgres = startPostgres(port)) {
                assertThat(postgres.getPort()).isEqualTo(port.number());
                plinth.getUntil("/api/todo/items", answer -> answer.statusCode() == 200);
                assertThat(plinth.post("/api/todo/items", "{\"title\":\"before\"}")
                                .statusCode())
                        .isEqualTo(201);
            }
            assertThat(plinth.get("/api/todo/items").statusCode()).isEqualTo(503);

            try (EmbeddedPostgres postgres = startPostgres(port)) {
                assertThat(postgres.getPort()).isEqualTo(port.number());
                plinth.getUntil(
                        "/api/todo/items",
                        answer -> answer.statusCode() == 200 && answer.body().contains("before"));
                plinth.getUntil("/api/catalog/entities", answer -> answer.statusCode() == 200);
            }
        }
    }

    private EmbeddedPostgres startPostgres(ReservedPort port) throws IOException {
        return EmbeddedPostgres.builder()
                .setPort(port.number())
                .setDataDirectory(data.resolve("pg"))
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofSeconds(60))
                .start();
    }

    private PlinthProcess startPlinth(ReservedPort port) throws Exception {
        PlinthProcess.configure(
                directory,
                """
                backend:
                  pluginDirectories: [%s]
                  lifecycle: {startupRequestPauseTimeout: 100ms}
                  database:
                    client: pg
                    knexConfig: {pool: {acquireTimeoutMillis: 2000}}
                    connection: {host: 127.0.0.1, port: %d, user: postgres, password: postgres}
                """
                        .formatted(PlinthProcess.examplePlugins(), port.number()));
        return PlinthProcess.start(directory, Map.of());
    }
}
