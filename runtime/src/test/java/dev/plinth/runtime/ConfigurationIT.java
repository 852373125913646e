package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar with a plugin that shows its configuration. */
class ConfigurationIT {

    @TempDir
    private Path directory;

    @BeforeEach
    void aPluginThatShowsItsConfiguration() throws IOException {
        PluginJar.of("shows")
                .starting(
                        """
                        var log = org.slf4j.LoggerFactory.getLogger("shows");
                        context.router().get("/config").handler(request -> {
                            log.debug("somebody asked");
                            request.json(context.config().toJson());
                        });
                        return Future.succeededFuture();""")
                .with(
                        "plinth-config.schema.json",
                        """
                        {"type": "object", "properties": {
                          "size": {"type": "integer", "default": 3},
                          "cache": {"type": "object", "properties": {"ttl": {"default": "5m"}}},
                          "title": {"type": "string", "default": "none"}}}""")
                .writeTo(directory.resolve("plugins"));
        PlinthProcess.configure(directory, "backend: {pluginDirectories: [plugins]}\nshows: {title: mine}\n");
    }

    @Test
    void aPluginsSectionHasTheDefaultsOfItsSchema() throws Exception {
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(new JsonObject(plinth.get("/api/shows/config").body()))
                    .isEqualTo(new JsonObject("{\"title\": \"mine\", \"size\": 3, \"cache\": {\"ttl\": \"5m\"}}"));
        }
    }

    @Test
    void anotherLogLevelTakesEffectWhileRunning() throws Exception {
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            plinth.get("/api/shows/config");
            assertThat(plinth.errors()).doesNotContain("somebody asked");

            Files.writeString(directory.resolve("conf/app-config.local.yaml"), "logging: {level: debug}\n");

            plinth.getUntil("/api/shows/config", answer -> plinth.errors().contains("somebody asked"));
        }
    }

    @Test
    void aVerboseStartSaysWhereItsTimeWent() throws Exception {
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of(), "--verbose")) {
            assertThat(plinth.errors())
                    .containsPattern(
                            "took:? +\\d+ ms: Java \\d+, configuration \\d+, finding plugins \\d+,"
                                    + " checking settings \\d+, waiting for Vert.x \\d+, listening \\d+, plugins with their databases \\d+");
        }
    }
}
