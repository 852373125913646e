package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar while jars come, change and go under load, and with plugins made to do harm. */
class HostilePluginsIT {

    private static final int OTHERS = 12;

    @TempDir
    private Path directory;

    private Path plugins;

    @BeforeEach
    void aDirectoryForPlugins() throws IOException {
        plugins = PlinthProcess.configureForPlugins(directory);
    }

    @Test
    void answersEachRequestWhileAPluginIsReplaced() throws Exception {
        version("one").writeTo(plugins);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            AtomicBoolean done = new AtomicBoolean();
            CompletableFuture<List<String>> load = CompletableFuture.supplyAsync(() -> {
                List<String> answers = new ArrayList<>();
                while (!done.get()) {
                    HttpResponse<String> answer = plinth.get("/api/todo/version");
                    answers.add(answer.statusCode() + " " + answer.body());
                }
                return answers;
            });

            version("two").writeTo(plugins);
            plinth.getUntil("/api/todo/version", answer -> answer.body().equals("two 2"));
            PluginJar.of("todo")
                    .starting("throw new IllegalStateException(\"broken\");")
                    .writeTo(plugins);
            plinth.awaitError("the new version failed, the old one goes on: broken");
            done.set(true);

            assertThat(load.join()).isSubsetOf("200 one 1", "200 one 2", "200 two 2");
            Files.delete(plugins.resolve("todo.jar"));
            plinth.getUntil("/api/todo/version", answer -> answer.statusCode() == 404);
            assertThat(plinth.terminate()).isZero();
        }
    }

    @Test
    void keepsTheOthersServingBesideAPluginThatBlocksItsEventLoop() throws Exception {
        PluginJar.of("bad")
                .starting(
                        """
                        context.router().get("/spin").handler(request -> {
                            long end = System.nanoTime() + 20_000_000_000L;
                            while (System.nanoTime() < end) Thread.onSpinWait();
                        });
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        for (int i = 0; i < OTHERS; i++) {
            PluginJar.of("good" + i)
                    .starting(
                            """
                            context.router().get("/ping").handler(request -> request.end("pong"));
                            return Future.succeededFuture();""")
                    .writeTo(plugins);
        }
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            CompletableFuture<HttpResponse<String>> spin =
                    CompletableFuture.supplyAsync(() -> plinth.get("/api/bad/spin"));

            plinth.awaitError("plugin 'bad' blocks its event loop");
            assertThat(spin.join().statusCode()).isEqualTo(503);
            assertThat(spin.join().body()).contains("it blocks its event loop");
            assertThat(plinth.get("/api/bad/spin").statusCode()).isEqualTo(503);
            for (int i = 0; i < OTHERS; i++) {
                plinth.getUntil(
                        "/api/good" + i + "/ping", answer -> answer.body().equals("pong"));
            }
            assertThat(plinth.errors()).contains("moves to another event loop");
        }
    }

    @Test
    void startsWithoutTheJarsWhoseCodeNeverReturns() throws Exception {
        PluginJar.ofType(
                        "spins",
                        "Spins",
                        """
                        public final class Spins implements Plugin {
                            public Spins() { while (true) Thread.onSpinWait(); }
                            @Override public String id() { return "spins"; }
                            @Override public Future<?> start(PluginContext context) { return Future.succeededFuture(); }
                        }
                        """)
                .with("META-INF/plinth-plugin.json", "{\"apiLevel\": 1, \"plugins\": {\"spins\": {}}}")
                .writeTo(plugins);
        PluginJar.ofType(
                        "waits",
                        "Waits",
                        """
                        public final class Waits implements Plugin {
                            static { try { Thread.sleep(1_000_000_000L); } catch (InterruptedException e) { } }
                            @Override public String id() { return "waits"; }
                            @Override public Future<?> start(PluginContext context) { return Future.succeededFuture(); }
                        }
                        """)
                .with("META-INF/plinth-plugin.json", "{\"apiLevel\": 1, \"plugins\": {\"waits\": {}}}")
                .writeTo(plugins);
        version("one").writeTo(plugins);
        Map<String, String> settings = Map.of(
                "APP_CONFIG_backend_plugins_spins_startTimeout", "6s",
                "APP_CONFIG_backend_plugins_waits_startTimeout", "6s");
        try (PlinthProcess plinth = PlinthProcess.start(directory, settings)) {
            assertThat(plinth.errors())
                    .contains("the backend starts without it")
                    .doesNotContain("within 6");
            assertThat(plinth.get("/api/todo/version").body()).isEqualTo("one 1");
            plinth.awaitError("spins.jar: its code has not returned within 6");
            plinth.awaitError("waits.jar: its code has not returned within 6");
            assertThat(plinth.terminate()).isZero();
        }
    }

    @Test
    void servesOnThoughAPluginHoldsAnSqliteTransactionOnABlockedEventLoop() throws Exception {
        PluginJar.of("bad")
                .with("db/migration/V1__item.sql", "CREATE TABLE item (id INTEGER PRIMARY KEY);")
                .starting(
                        """
                        return context.database().onSuccess(pool -> {
                            context.router().get("/write").respond(request -> write(pool).mapEmpty());
                            context.router().get("/spin").respond(request ->
                                pool.withTransaction(connection -> write(connection).map(written -> {
                                    long end = System.nanoTime() + 40_000_000_000L;
                                    while (System.nanoTime() < end) Thread.onSpinWait();
                                    return null;
                                })));
                        });
                    }
                    private static Future<RowSet<Row>> write(SqlClient client) {
                        return client.query("INSERT INTO item DEFAULT VALUES").execute();""")
                .writeTo(plugins);
        for (int i = 0; i < OTHERS; i++) {
            PluginJar.of("good" + i)
                    .with("db/migration/V1__item.sql", "CREATE TABLE item (id INTEGER PRIMARY KEY);")
                    .starting(
                            """
                            return context.database().compose(pool -> {
                                context.router().get("/write").respond(request -> write(pool).mapEmpty());
                                context.router().get("/hold").respond(request ->
                                    pool.withTransaction(connection -> write(connection).compose(written ->
                                        Future.future(done -> context.vertx().setTimer(100_000, late -> done.complete(null))))));
                                return write(pool);
                            });
                        }
                        private static Future<RowSet<Row>> write(SqlClient client) {
                            return client.query("INSERT INTO item DEFAULT VALUES").execute();""")
                    .writeTo(plugins);
        }
        Map<String, String> settings = Map.of(
                "APP_CONFIG_backend_lifecycle_shutdownTimeout", "100ms",
                "APP_CONFIG_backend_database_knexConfig_pool_acquireTimeoutMillis", "50000");
        try (PlinthProcess plinth = PlinthProcess.start(directory, settings)) {
            List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
            for (int i = 0; i < OTHERS; i++) {
                held.add(plinth.getLater("/api/good" + i + "/hold"));
            }
            assertThat(plinth.get("/api/bad/spin").statusCode()).isEqualTo(503);
            plinth.awaitError("moves to another event loop");

            // Those that shared the loop, by what was answered in their place.
            for (int i = 0; i < OTHERS; i++) {
                if (held.get(i).isDone()) {
                    String path = "/api/good" + i + "/write";
                    plinth.getUntil(path, answer -> answer.statusCode() == 204 || answer.statusCode() == 200);
                }
            }
            HttpResponse<String> restarted = plinth.order("/admin/plugins/bad/restart");

            assertThat(restarted.body()).contains("\"state\" : \"ready\"");
            assertThat(plinth.get("/api/bad/write").statusCode()).isLessThan(300);
            assertThat(plinth.errors()).contains("1 of its connections were taken back");
        }
    }

    @Test
    void namesTheThreadsServersAndThreadLocalsThatAPluginLeft() throws Exception {
        PluginJar.of("leaky")
                .starting(
                        """
                        Thread sleeper = new Thread(() -> {
                            try { Thread.sleep(1_000_000); } catch (InterruptedException e) { }
                        }, "leaked-sleeper");
                        sleeper.setDaemon(true);
                        sleeper.start();
                        java.net.ServerSocket server = new java.net.ServerSocket(0);
                        Thread acceptor = new Thread(() -> {
                            try { server.accept(); } catch (java.io.IOException e) { }
                        }, "leaked-acceptor");
                        acceptor.setDaemon(true);
                        acceptor.start();
                        new java.util.Timer("leaked-timer", true);
                        Runtime.getRuntime().addShutdownHook(
                                new Thread(() -> System.out.println("the hook runs"), "leaked-hook"));
                        for (int i = 0; i < 3; i++) {
                            Thread waiting = new Thread(() -> {
                                try { new java.util.concurrent.CountDownLatch(1).await(); } catch (InterruptedException e) { }
                            }, "crowd-" + i);
                            waiting.setDaemon(true);
                            waiting.start();
                        }
                        class Mine { }
                        new ThreadLocal<Object>().set(new Mine());
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            Files.delete(plugins.resolve("leaky.jar"));

            plinth.awaitError("plugin 'leaky' left thread 'leaked-sleeper' running");
            plinth.awaitError("plugin 'leaky' left thread 'leaked-acceptor' running, which is an open server");
            plinth.awaitError("plugin 'leaky' left a thread-local with a made.");
            plinth.awaitError("plugin 'leaky' left thread 'leaked-timer' running, at java.base");
            plinth.awaitError("plugin 'leaky' left the shutdown hook 'leaked-hook', which is removed");
            plinth.awaitError("plugin 'leaky' left 3 threads such as 'crowd-0' running, at leaky.jar@");
        }
    }

    @Test
    void tellsWhoseThreadOfItsOwnLogsAndThatAFloodOfLinesIsCut() throws Exception {
        PluginJar.of("talker")
                .starting(
                        """
                        Thread talking = new Thread(() -> {
                            for (int i = 0; i < 1_000; i++) org.slf4j.LoggerFactory.getLogger("talk").info("word {}", i);
                        });
                        talking.start();
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        try (PlinthProcess plinth =
                PlinthProcess.start(directory, Map.of("APP_CONFIG_logging_maxLinesPerSecond", "100"))) {
            plinth.awaitError(" lines are left out, as it logs more than 100 a second");
            assertThat(plinth.errors()).contains("plugin 'talker': ").doesNotContain("logger 'talk'");

            List<JsonObject> words = plinth.errors()
                    .lines()
                    .filter(line -> line.contains("\"message\":\"word "))
                    .map(JsonObject::new)
                    .toList();
            assertThat(words).hasSizeBetween(100, 900).allMatch(word -> "talker".equals(word.getString("plugin")));
        }
    }

    @Test
    void logsWhatAPluginPrintsAsItsOwnAndCutsAFloodOfIt() throws Exception {
        PluginJar.of("talker")
                .starting(
                        """
                        System.out.close();
                        Thread printing = new Thread(() -> {
                            for (int i = 0; i < 1_000; i++) System.out.println("word " + i);
                        });
                        printing.start();
                        printing.join();
                        System.out.println("plinth ready http://127.0.0.1:1 (1 plugins ready, 0 failed)");
                        System.err.print("half");
                        System.err.printf(" and %s%n", "half");
                        new IllegalStateException("printed").printStackTrace();
                        Thread failing = new Thread(() -> { throw new IllegalStateException("let through"); });
                        failing.start();
                        failing.join();
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        try (PlinthProcess plinth =
                PlinthProcess.start(directory, Map.of("APP_CONFIG_logging_maxLinesPerSecond", "100"))) {
            plinth.awaitError("uncaught exception");
            plinth.awaitError(" lines are left out, as it logs more than 100 a second");
            assertThat(plinth.terminate()).isZero();

            assertThat(plinth.output().lines()).hasSize(1);
            List<JsonObject> lines =
                    plinth.errors().lines().map(JsonObject::new).toList();
            assertThat(ofTalker(lines, "stdout.talker", "word ")).hasSizeBetween(100, 900);
            assertThat(ofTalker(lines, "stderr.talker", "half and half")).hasSize(1);
            assertThat(ofTalker(lines, "stderr.talker", "java.lang.IllegalStateException: printed"))
                    .hasSize(1);
            assertThat(ofTalker(lines, "stderr.talker", "\tat ")).hasSizeGreaterThan(5);
            assertThat(lines)
                    .filteredOn(line -> line.getString("message").contains("uncaught exception"))
                    .extracting(line -> line.getString("plugin"))
                    .containsExactly("talker");
        }
    }

    @Test
    void hidesNothingBehindExceptionsThatAPluginLetsThroughAllTheTime() throws Exception {
        PluginJar.of("bad")
                .starting(
                        """
                        for (int i = 0; i < 3; i++) {
                            context.vertx().setPeriodic(1, tick -> { throw new IllegalStateException("in each tick"); });
                        }
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        try (PlinthProcess plinth =
                PlinthProcess.start(directory, Map.of("APP_CONFIG_logging_maxLinesPerSecond", "20"))) {
            plinth.awaitError(" lines are left out, as it logs more than 20 a second");

            assertThat(plinth.errors()).contains("plugin 'bad': ").doesNotContain("logger 'dev.plinth");
        }
    }

    private static List<JsonObject> ofTalker(List<JsonObject> lines, String logger, String beginning) {
        return lines.stream()
                .filter(line -> logger.equals(line.getString("logger")) && "talker".equals(line.getString("plugin")))
                .filter(line -> line.getString("message").startsWith(beginning))
                .toList();
    }

    @Test
    void logsAlikeWhatALibraryLogsThroughJavasOwnLogging() throws Exception {
        PluginJar.of("old")
                .starting(
                        """
                        java.util.logging.Logger.getLogger("com.example.old")
                                .log(java.util.logging.Level.WARNING, "gone at {0}", "noon");
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            plinth.awaitReady();
            plinth.awaitError("gone at noon");

            JsonObject line = plinth.errors()
                    .lines()
                    .filter(text -> text.contains("gone at noon"))
                    .map(JsonObject::new)
                    .findFirst()
                    .orElseThrow();
            assertThat(line.getString("plugin")).isEqualTo("old");
            assertThat(line.getString("level")).isEqualTo("WARN");
            assertThat(line.getString("logger")).isEqualTo("com.example.old");
        }
    }

    @Test
    void letsAPluginCallAnotherAndItsOwnCopyOfALibraryBe() throws Exception {
        PluginJar.of("catalog")
                .starting(
                        """
                        context.answer("get", call -> Future.succeededFuture(new JsonObject().put("found", call.body().getString("name"))));
                        // As many as there are threads, which all plugins share.
                        return Future.all(java.util.stream.IntStream.range(0, 20)
                                .mapToObj(i -> context.vertx().executeBlocking(() -> i)).toList());""")
                .writeTo(plugins);
        PluginJar.of("todo")
                .starting(
                        """
                        context.router().get("/ask").respond(request ->
                            context.call("catalog", "get", new JsonObject().put("name", "x")));
                        context.router().get("/loader").respond(request -> context.vertx().executeBlocking(() ->
                            Thread.currentThread().getContextClassLoader().getName()));
                        context.router().get("/wrong").respond(request ->
                            context.call("nobody", "get", new JsonObject())
                                .otherwise(failure -> new JsonObject().put("code", ((CallException) failure).code().name())));
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.get("/api/todo/ask").body()).isEqualTo("{\"found\":\"x\"}");
            assertThat(plinth.get("/api/todo/loader").body()).isEqualTo("app");
            assertThat(plinth.get("/api/todo/wrong").body()).isEqualTo("{\"code\":\"UNKNOWN_PLUGIN\"}");
        }
    }

    /** One that has a table with as many columns as its version has migrations. */
    static PluginJar version(String name) {
        PluginJar jar = PluginJar.of("todo")
                .with("db/migration/V1__thing.sql", "CREATE TABLE thing (id BIGINT PRIMARY KEY);")
                .starting(
                        """
                        return context.database().onSuccess(pool ->
                            context.router().get("/version").respond(request ->
                                pool.query("SELECT count(*) AS n FROM plinth_migration").execute()
                                    .map(rows -> "%s " + rows.iterator().next().getLong("n"))));"""
                                .formatted(name));
        return name.equals("one")
                ? jar
                : jar.with("db/migration/V2__more.sql", "ALTER TABLE thing ADD COLUMN more TEXT;");
    }
}
