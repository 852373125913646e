package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fat jar with plugins that end or interrupt what all share: the process, Vert.x, threads. */
class MeddlingPluginsIT {

    @TempDir
    private Path directory;

    private Path plugins;

    @BeforeEach
    void aDirectoryForPlugins() throws IOException {
        plugins = PlinthProcess.configureForPlugins(directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"event-loop", "worker"})
    void namesThePluginThatEndsTheProcessAndWaitsForTheOthersOnly(String threading) throws Exception {
        PluginJar.of("bad")
                .starting(
                        """
                        context.router().get("/exit").handler(request -> System.exit(0));
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        PluginJar.of("good")
                .starting(
                        """
                        context.router().get("/slow").handler(request -> {
                            org.slf4j.LoggerFactory.getLogger("good").info("asked");
                            context.vertx().setTimer(1_000, late -> request.end("done"));
                        });
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        // What calls System.exit() waits for the end, so the plugin cannot be stopped.
        Map<String, String> settings = Map.of(
                "APP_CONFIG_backend_plugins_bad_threading", threading,
                "APP_CONFIG_backend_plugins_bad_stopTimeout", "10m",
                "APP_CONFIG_backend_lifecycle_shutdownTimeout", "10m");
        try (PlinthProcess plinth = PlinthProcess.start(directory, settings)) {
            CompletableFuture<HttpResponse<String>> slow =
                    CompletableFuture.supplyAsync(() -> plinth.get("/api/good/slow"));
            plinth.awaitError("asked");

            assertThat(plinth.get("/api/bad/exit").body()).contains("it called System.exit()");
            assertThat(slow.join().body()).isEqualTo("done");
            assertThat(plinth.exitCode()).isEqualTo(1);
            assertThat(plinth.errors())
                    .contains("System.exit() was called at bad.jar@")
                    .doesNotContain("Undeploy failed", "blocks its event loop");
        }
    }

    @Test
    void waitsForNoPluginThatEndsTheProcessInItsStart() throws Exception {
        PluginJar.of("bad").starting("System.exit(0); return null;").writeTo(plugins);
        Map<String, String> settings = Map.of("APP_CONFIG_backend_plugins_bad_stopTimeout", "10m");
        try (PlinthProcess plinth = PlinthProcess.run(directory, settings, "start", "--port", "0")) {
            assertThat(plinth.exitCode()).isEqualTo(1);
            assertThat(plinth.errors()).contains("System.exit() was called at bad.jar@");
        }
    }

    @Test
    void servesAndLogsOnThoughAPluginInterruptsAllThreads() throws Exception {
        PluginJar.of("bad")
                .starting(
                        """
                        context.router().get("/interrupt").handler(request -> {
                            Thread.getAllStackTraces().keySet().forEach(Thread::interrupt);
                            Thread.interrupted();
                            request.end("interrupted");
                        });
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        HostilePluginsIT.version("one").writeTo(plugins);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            plinth.get("/api/todo/version");
            plinth.awaitError("GET /api/todo/version 200");

            assertThat(plinth.get("/api/bad/interrupt").body()).isEqualTo("interrupted");
            plinth.awaitError("something has interrupted the thread 'main'");

            assertThat(plinth.get("/api/todo/version?again").body()).isEqualTo("one 1");
            plinth.awaitError("GET /api/bad/interrupt 200");
            plinth.order("/admin/plugins/todo/restart");
            assertThat(plinth.get("/api/todo/version").body()).isEqualTo("one 1");
            assertThat(plinth.terminate()).isZero();
        }
    }

    @Test
    void startsAndStopsInOrderThoughAPluginInterruptsThoseWhoWaitForIt() throws Exception {
        PluginJar.ofType(
                        "bad",
                        "BadPlugin",
                        """
                        public final class BadPlugin implements Plugin {
                            @Override public String id() { return "bad"; }
                            @Override public Future<?> start(PluginContext context) { return interrupted("main"); }
                            @Override public Future<?> stop() { return interrupted("plinth-shutdown"); }
                            private Future<?> interrupted(String name) {
                                Vertx vertx = Vertx.currentContext().owner();
                                vertx.setPeriodic(50, tick -> Thread.getAllStackTraces().keySet().stream()
                                    .filter(thread -> thread.getName().equals(name)).forEach(Thread::interrupt));
                                return vertx.timer(1, java.util.concurrent.TimeUnit.SECONDS);
                            }
                        }
                        """)
                .writeTo(plugins);
        HostilePluginsIT.version("one").writeTo(plugins);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            plinth.awaitError("something has interrupted the thread 'main'");
            assertThat(plinth.get("/api/todo/version").body()).isEqualTo("one 1");

            assertThat(plinth.terminate()).isZero();

            assertThat(plinth.errors())
                    .contains("something has interrupted the thread 'plinth-shutdown'")
                    .contains("\"stopped\"");
        }
    }

    @Test
    void refusesToCloseTheVertxOfARequestAndEndsWhenItIsClosedAnyhow() throws Exception {
        PluginJar.of("bad")
                .starting(
                        """
                        context.router().get("/close").respond(request -> request.vertx().close().map(closed -> "closed"));
                        context.router().get("/owner").respond(request -> Vertx.currentContext().owner().close());
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.get("/api/bad/close").statusCode()).isEqualTo(500);
            plinth.awaitError("plugin 'bad' must not close Vert.x");

            var unused = plinth.getLater("/api/bad/owner");

            assertThat(plinth.exitCode()).isEqualTo(1);
            assertThat(plinth.errors()).contains("the Vert.x that all plugins share was closed at bad.jar@");
        }
    }
}
