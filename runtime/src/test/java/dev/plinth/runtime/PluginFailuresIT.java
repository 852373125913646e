package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar with plugins that fail beside one that works. */
class PluginFailuresIT {

    private static final String WORKS =
            """
            context.router().get("/ping").handler(request -> request.end("pong"));
            return context.database().compose(pool -> pool.query("SELECT count(*) FROM thing").execute());""";

    @TempDir
    private Path directory;

    @BeforeEach
    void aPluginThatWorks() throws IOException {
        configure("");
        PluginJar.of("good")
                .starting(WORKS)
                .with("db/migration/V1__thing.sql", "CREATE TABLE thing (id BIGINT PRIMARY KEY);")
                .writeTo(directory.resolve("plugins"));
    }

    @Test
    void servesTheOthersAndTellsTheReasonWhateverFails() throws Exception {
        configure("plugins: {hangs: {startTimeout: 1s}}");
        Path plugins = directory.resolve("plugins");
        PluginJar.of("throws")
                .starting("throw new IllegalStateException(\"no token configured\");")
                .writeTo(plugins);
        PluginJar.of("hangs").starting("return Promise.promise().future();").writeTo(plugins);
        PluginJar.of("broken")
                .starting("return context.database();")
                .with("db/migration/V1__a.sql", "CREATE TABLE a (id BIGINT PRIMARY KEY);")
                .with("db/migration/V2__b.sql", "CREATE TABEL b (id BIGINT PRIMARY KEY);")
                .writeTo(plugins);
        Files.writeString(plugins.resolve("torn.jar"), "this is no jar");
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.awaitReady()).endsWith("(1 plugins ready, 3 failed)");
            assertThat(plinth.get("/api/good/ping").body()).isEqualTo("pong");
            assertThat(plinth.get("/api/nobody/ping").statusCode()).isEqualTo(404);
            assertThat(plinth.errors())
                    .containsPattern("plugin 'throws' .*no token configured")
                    .containsPattern("plugin 'hangs' .*backend\\.plugins\\.hangs\\.startTimeout")
                    .containsPattern("plugin 'broken' .*V2__b\\.sql")
                    .contains("torn.jar");
            JsonObject states = new JsonObject(plinth.get("/health/ready").body()).getJsonObject("plugins");
            assertThat(states.getJsonObject("good").getString("state")).isEqualTo("ready");
            for (String id : List.of("throws", "hangs", "broken")) {
                HttpResponse<String> failed = plinth.get("/api/" + id + "/anything");
                assertThat(failed.statusCode()).isEqualTo(503);
                assertThat(failed.headers().firstValue("content-type")).hasValue("application/problem+json");
                assertThat(states.getJsonObject(id).getString("state")).isEqualTo("failed");
            }
        }
    }

    @Test
    void servesTheOthersWhenAPluginBlocksItsEventLoopAndStopsAllTheSame() throws Exception {
        configure("plugins: {bad: {startTimeout: 1s, stopTimeout: 1s}}");
        PluginJar.of("bad")
                .starting("new java.util.concurrent.CountDownLatch(1).await(); return Future.succeededFuture();")
                .writeTo(directory.resolve("plugins"));
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.awaitReady()).endsWith("(1 plugins ready, 1 failed)");
            assertThat(plinth.get("/api/good/ping").body()).isEqualTo("pong");
            assertThat(plinth.get("/api/bad/anything").statusCode()).isEqualTo(503);
            assertThat(plinth.terminate()).isZero();
        }
    }

    @Test
    void exitsAtOnceWhenAPluginThatMayNotFailFails() throws Exception {
        // No load balancer is waited for: none has been told of it.
        configure("startup: {default: {onPluginBootFailure: abort}}\n  lifecycle: {serverShutdownDelay: 10m}");
        PluginJar.of("bad")
                .starting("throw new IllegalStateException(\"no token configured\");")
                .writeTo(directory.resolve("plugins"));
        try (PlinthProcess plinth = PlinthProcess.run(directory, Map.of(), "start", "--port", "0")) {
            assertThat(plinth.exitCode()).isEqualTo(1);
            assertThat(plinth.errors()).contains("no token configured", "onPluginBootFailure", "stopped");
        }
    }

    private void configure(String backend) throws IOException {
        PlinthProcess.configure(
                directory,
                """
                backend:
                  pluginDirectories: [plugins]
                  database: {client: sqlite, connection: {directory: data}}
                  %s
                """
                        .formatted(backend));
    }
}
