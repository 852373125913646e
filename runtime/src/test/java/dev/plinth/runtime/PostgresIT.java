package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import io.vertx.core.json.JsonArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar before a PostgreSQL: by configuration alone, and as several instances. */
@ExtendWith(PostgresExtension.class)
class PostgresIT {

    private static final int INSTANCES = Boolean.getBoolean("plinth.thorough") ? 8 : 4;

    @TempDir
    private Path directory;

    @Test
    void givesEachPluginADatabaseOfItsOwn(Server server) throws Exception {
        String prefix = server.uniqueName("own") + "_";
        configure(server, "prefix: " + prefix);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.post("/api/todo/items", "{\"title\":\"kept\"}").statusCode())
                    .isEqualTo(201);
            plinth.awaitError("2 plugins may ask for 20 connections, budget ");
        }
        assertThat(server.query(prefix + "todo", "SELECT title FROM public.item"))
                .containsExactly("kept");
        assertThat(server.query(prefix + "catalog", "SELECT count(*) FROM public.plinth_migration"))
                .hasSize(1);
    }

    @Test
    void givesEachPluginASchemaOfItsOwn(Server server) throws Exception {
        String database = server.uniqueName("shared");
        configure(server, "pluginDivisionMode: schema", database);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of(), "--set", "backend.database.budget=12")) {
            assertThat(plinth.post("/api/todo/items", "{\"title\":\"kept\"}").statusCode())
                    .isEqualTo(201);
            plinth.awaitError("2 plugins may ask for 20 connections, budget 12 as configured");
        }
        assertThat(server.query(database, "SELECT title FROM todo.item")).containsExactly("kept");
        assertThat(server.query(database, "SELECT count(*) FROM catalog.plinth_migration"))
                .hasSize(1);
    }

    @Test
    void startsAnyNumberOfInstancesAtOnceOnAnEmptyServerWithADatabaseEach(Server server) throws Exception {
        String prefix = server.uniqueName("many") + "_";
        configure(server, "prefix: " + prefix);
        startManyAtOnce();
        assertThat(server.query(prefix + "todo", "SELECT version FROM public.plinth_migration"))
                .containsExactly("1");
    }

    @Test
    void startsAnyNumberOfInstancesAtOnceOnAnEmptyServerWithASchemaEach(Server server) throws Exception {
        String database = server.uniqueName("crowd");
        configure(server, "pluginDivisionMode: schema", database);
        startManyAtOnce();
        assertThat(server.query(database, "SELECT version FROM todo.plinth_migration"))
                .containsExactly("1");
    }

    private void startManyAtOnce() throws Exception {
        List<PlinthProcess> instances = new ArrayList<>();
        try {
            for (int i = 0; i < INSTANCES; i++) {
                instances.add(PlinthProcess.run(directory, Map.of(), "start", "--port", "0"));
            }
            for (PlinthProcess instance : instances) {
                assertThat(instance.awaitReady()).endsWith("(2 plugins ready, 0 failed)");
            }
            instances.get(0).post("/api/todo/items", "{\"title\":\"seen by all\"}");
            for (PlinthProcess instance : instances) {
                assertThat(new JsonArray(instance.get("/api/todo/items").body()))
                        .hasSize(1);
            }
        } finally {
            for (PlinthProcess instance : instances) {
                instance.close();
            }
        }
    }

    private void configure(Server server, String setting) throws Exception {
        configure(server, setting, "ignored_in_this_mode");
    }

    private void configure(Server server, String setting, String database) throws Exception {
        PlinthProcess.configure(
                directory,
                """
                backend:
                  listen: 127.0.0.1:7007
                  pluginDirectories: [%s]
                  database:
                    client: pg
                    %s
                    connection:
                      host: 127.0.0.1
                      port: %d
                      user: postgres
                      password: postgres
                      database: %s
                """
                        .formatted(PlinthProcess.examplePlugins(), setting, server.port(), database));
    }
}
