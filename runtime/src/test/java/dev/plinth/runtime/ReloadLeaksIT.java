package dev.plinth.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar while a plugin that uses all there is, is replaced again and again; what is left is counted from outside. */
@ExtendWith(PostgresExtension.class)
class ReloadLeaksIT {

    private static final int RELOADS = Boolean.getBoolean("plinth.thorough") ? 300 : 10;
    /** Threads of pools come and go; one for each reload would be more. */
    private static final int SOME = 8;

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();

    /** What a process holds. */
    private record Held(long loaders, long threads, long files, long connections) {}

    @Test
    void leavesNothingBehindOnSqlite() throws Exception {
        leavesNothingBehind("{client: sqlite, connection: {directory: data}}", () -> 0L);
    }

    @Test
    void leavesNothingBehindOnPostgres(Server server) throws Exception {
        String prefix = server.uniqueName("reload") + "_";
        leavesNothingBehind(
                "{client: pg, prefix: %s, connection: {host: localhost, port: %d, user: postgres, password: postgres}}"
                        .formatted(prefix, server.port()),
                () -> connections(server, prefix));
    }

    private interface Count {
        long now() throws SQLException;
    }

    private void leavesNothingBehind(String database, Count connections) throws Exception {
        PlinthProcess.configure(
                directory,
                "backend: {pluginDirectories: [plugins], watchPlugins: false, database: " + database + "}\n");
        Path plugins = Files.createDirectories(directory.resolve("plugins"));
        plugin().writeTo(plugins);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            reload(plinth, 2);
            awaitOneLoader(plinth, connections);
            Held before = held(plinth, connections);

            reload(plinth, RELOADS);

            awaitOneLoader(plinth, connections);
            Held after = held(plinth, connections);
            assertThat(after.threads()).isLessThan(before.threads() + SOME);
            assertThat(after.files()).isLessThan(before.files() + SOME);
            assertThat(after.connections()).isLessThanOrEqualTo(before.connections());
            assertThat(plinth.errors()).doesNotContain("LeakWatch");
        }
    }

    private static PluginJar plugin() {
        return PluginJar.of("todo")
                .with("db/migration/V1__thing.sql", "CREATE TABLE thing (id BIGINT PRIMARY KEY);")
                .starting(
                        """
                        context.answer("get", call -> Future.succeededFuture(new JsonObject()));
                        context.subscribe("todo.event", event -> {});
                        context.health("fine", Future::succeededFuture);
                        context.vertx().eventBus().consumer("todo.raw", message -> {});
                        context.vertx().setPeriodic(10, timer -> context.publish("todo.event", new JsonObject()));
                        context.router().get("/count").respond(request -> context.database()
                            .compose(pool -> pool.query("SELECT count(*) AS n FROM thing").execute())
                            .map(rows -> new JsonObject().put("n", rows.iterator().next().getLong("n"))));
                        // As many as there are threads for files, so that all of them are there from the first start on.
                        return Future.all(java.util.stream.IntStream.range(0, 20)
                                .mapToObj(i -> context.vertx().fileSystem().exists("/" + i)).toList())
                            .compose(all -> context.vertx().executeBlocking(() -> 1))
                            .compose(one -> context.database())
                            .compose(pool -> pool.withTransaction(connection ->
                                connection.query("SELECT 1").execute()));""");
    }

    private void reload(PlinthProcess plinth, int times) throws IOException, InterruptedException {
        for (int i = 0; i < times; i++) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(plinth.adminUrl() + "/admin/plugins/todo/reload"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(plinth.get("/api/todo/count").body()).isEqualTo("{\"n\":0}");
        }
    }

    private void awaitOneLoader(PlinthProcess plinth, Count connections) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (held(plinth, connections).loaders() > 1) {
            assertThat(System.nanoTime())
                    .as(() -> "loaders: " + loaders(plinth))
                    .isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    private static Held held(PlinthProcess plinth, Count connections) throws Exception {
        Path process = Path.of("/proc", String.valueOf(plinth.pid()));
        return new Held(
                loaders(plinth), threads(process.resolve("task")), entries(process.resolve("fd")), connections.now());
    }

    /** Without those of the pool that all share, which has a bound of its own and grows up to it. */
    private static long threads(Path tasks) throws IOException {
        try (Stream<Path> all = Files.list(tasks)) {
            return all.filter(task -> !nameOf(task).startsWith("vert.x-worker-"))
                    .count();
        }
    }

    private static String nameOf(Path task) {
        try {
            return Files.readString(task.resolve("comm"));
        } catch (IOException ended) {
            return "";
        }
    }

    private static long entries(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }

    /** Those that are still there after a collection. */
    private static long loaders(PlinthProcess plinth) {
        try {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            String.valueOf(plinth.pid()),
                            "GC.class_histogram")
                    .redirectErrorStream(true)
                    .start();
            String histogram = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
            return histogram
                    .lines()
                    .filter(line -> line.endsWith(" dev.plinth.runtime.plugin.PluginClassLoader"))
                    .mapToLong(line -> Long.parseLong(line.replaceFirst("^ *\\d+: +(\\d+) .*$", "$1")))
                    .sum();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long connections(Server server, String prefix) throws SQLException {
        return server.count("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE '" + prefix + "%'");
    }
}
