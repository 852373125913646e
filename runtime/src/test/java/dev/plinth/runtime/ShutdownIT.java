package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar told to stop while it is at work. */
class ShutdownIT {

    private static final int REQUESTS = 20;
    private static final Executor THREADS = task -> new Thread(task).start();

    /** Answers after a second, and tells how many wait for that. */
    private static final String SLOW =
            """
            java.util.concurrent.atomic.AtomicInteger waiting = new java.util.concurrent.atomic.AtomicInteger();
            context.router().get("/waiting").handler(request -> request.end(String.valueOf(waiting.get())));
            context.router().get("/slow").handler(request -> {
                waiting.incrementAndGet();
                context.vertx().setTimer(1000, id -> request.end("done"));
            });
            return Future.succeededFuture();""";

    @TempDir
    private Path directory;

    @BeforeEach
    void aSlowPlugin() throws Exception {
        PlinthProcess.configure(
                directory,
                """
                backend:
                  pluginDirectories: [plugins]
                  lifecycle: {serverShutdownDelay: 500ms}
                """);
        PluginJar.of("slow").starting(SLOW).writeTo(directory.resolve("plugins"));
    }

    @Test
    void finishesTheRequestsThatItAccepted() throws Exception {
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, REQUESTS)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> plinth.get("/api/slow/slow"), THREADS))
                    .toList();
            plinth.getUntil("/api/slow/waiting", answer -> answer.body().equals(String.valueOf(REQUESTS)));

            CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(plinth::terminate, THREADS);
            plinth.getUntil("/health/ready", answer -> answer.statusCode() == 503);

            assertThat(answers)
                    .allSatisfy(answer -> assertThat(answer.join().body()).isEqualTo("done"));
            assertThat(exit.join()).isZero();
        }
    }

    @Test
    void endsAtOnceOnASecondSignal() throws Exception {
        try (PlinthProcess plinth =
                PlinthProcess.start(directory, Map.of(), "--set", "backend.lifecycle.serverShutdownDelay=10m")) {
            CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(plinth::terminate, THREADS);
            plinth.getUntil("/health/ready", answer -> answer.statusCode() == 503);

            plinth.terminate();

            assertThat(exit.join()).isEqualTo(1);
        }
    }
}
