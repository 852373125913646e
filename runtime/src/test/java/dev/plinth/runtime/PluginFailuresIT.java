package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void runsAJarThatWasPutIntoThePluginDirectory() throws Exception {
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.get("/api/good/ping").body()).isEqualTo("pong");
            assertThat(plinth.get("/api/nobody/ping").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void servesTheOthersWhenAPluginThrows() throws Exception {
        PluginJar.of("bad")
                .starting("throw new IllegalStateException(\"no token configured\");")
                .writeTo(directory.resolve("plugins"));
        assertOthersServeAndTheReasonIsTold("no token configured");
    }

    @Test
    void servesTheOthersWhenAPluginHangs() throws Exception {
        configure("plugins: {bad: {startTimeout: 1s}}");
        PluginJar.of("bad").starting("return Promise.promise().future();").writeTo(directory.resolve("plugins"));
        assertOthersServeAndTheReasonIsTold("backend.plugins.bad.startTimeout");
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
    void servesTheOthersWhenAMigrationIsBroken() throws Exception {
        PluginJar.of("bad")
                .starting("return context.database();")
                .with("db/migration/V1__a.sql", "CREATE TABLE a (id BIGINT PRIMARY KEY);")
                .with("db/migration/V2__b.sql", "CREATE TABEL b (id BIGINT PRIMARY KEY);")
                .writeTo(directory.resolve("plugins"));
        assertOthersServeAndTheReasonIsTold("V2__b.sql");
    }

    @Test
    void servesTheOthersWhenAJarIsBroken() throws Exception {
        Files.writeString(directory.resolve("plugins/broken.jar"), "this is no jar");
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.get("/api/good/ping").body()).isEqualTo("pong");
            assertThat(plinth.errors()).contains("broken.jar");
        }
    }

    @Test
    void exitsWhenAPluginThatMayNotFailFails() throws Exception {
        configure("startup: {default: {onPluginBootFailure: abort}}");
        PluginJar.of("bad")
                .starting("throw new IllegalStateException(\"no token configured\");")
                .writeTo(directory.resolve("plugins"));
        try (PlinthProcess plinth = PlinthProcess.run(directory, Map.of(), "start", "--port", "0")) {
            assertThat(plinth.exitCode()).isEqualTo(1);
            assertThat(plinth.errors()).contains("no token configured").contains("onPluginBootFailure");
        }
    }

    @Test
    void waitsForNoLoadBalancerWhenTheStartHasFailed() throws Exception {
        configure("startup: {default: {onPluginBootFailure: abort}}\n  lifecycle: {serverShutdownDelay: 10m}");
        PluginJar.of("bad")
                .starting("throw new IllegalStateException(\"no token configured\");")
                .writeTo(directory.resolve("plugins"));
        try (PlinthProcess plinth = PlinthProcess.run(directory, Map.of(), "start", "--port", "0")) {
            assertThat(plinth.exitCode()).isEqualTo(1);
            assertThat(plinth.errors()).contains("stopped");
        }
    }

    private void assertOthersServeAndTheReasonIsTold(String reason) throws Exception {
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.awaitReady()).endsWith("(1 plugins ready, 1 failed)");
            assertThat(plinth.get("/api/good/ping").body()).isEqualTo("pong");
            assertThat(plinth.errors()).contains("plugin 'bad'").contains(reason);

            HttpResponse<String> failed = plinth.get("/api/bad/anything");
            assertThat(failed.statusCode()).isEqualTo(503);
            assertThat(failed.headers().firstValue("content-type")).hasValue("application/problem+json");

            JsonObject ready = new JsonObject(plinth.get("/health/ready").body());
            assertThat(ready.getJsonObject("plugins").getJsonObject("bad").getString("state"))
                    .isEqualTo("failed");
            assertThat(ready.getJsonObject("plugins").getJsonObject("good").getString("state"))
                    .isEqualTo("ready");
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
