package dev.plinth.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWatcherTest {

    private static final Duration INTERVAL = Duration.ofMillis(20);

    @TempDir
    private Path directory;

    private final BlockingQueue<String> todo = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> catalog = new LinkedBlockingQueue<>();
    private ConfigWatcher watcher;

    @BeforeEach
    void watch() throws IOException {
        write("app-config.yaml", "todo: {a: 1, secret: {$file: secret.txt}}\ncatalog: {$include: catalog.yaml}\n");
        write("secret.txt", "one");
        write("catalog.yaml", "b: 1\n");
        ConfigRequest request = Requests.in(directory);
        watcher = new ConfigWatcher(
                request, ConfigLoader.load(request), ConfigSchema.runtime(), List.of(), ConfigWatcherTest::noVertx);
        watcher.subscribe("todo", config -> todo.add(json(config)));
        watcher.subscribe("catalog", config -> catalog.add(json(config)));
    }

    @AfterEach
    void close() {
        watcher.close();
    }

    @Test
    void tellsOnlyThoseWhoseSectionChanged() throws Exception {
        watcher.start(INTERVAL);
        write("app-config.yaml", "todo: {a: 2, secret: {$file: secret.txt}}\ncatalog: {$include: catalog.yaml}\n");

        assertThat(next(todo)).isEqualTo("{\"a\":2,\"secret\":\"one\"}");
        assertThat(catalog).isEmpty();
    }

    @Test
    void watchesTheTargetsOfIncludesAndFiles() throws Exception {
        watcher.start(INTERVAL);
        write("secret.txt", "two");
        assertThat(next(todo)).isEqualTo("{\"a\":1,\"secret\":\"two\"}");

        write("catalog.yaml", "b: 2\n");
        assertThat(next(catalog)).isEqualTo("{\"b\":2}");
    }

    @Test
    void noticesAFileThatDidNotExist() throws Exception {
        watcher.start(INTERVAL);
        write("app-config.local.yaml", "catalog: {c: 3}\n");

        assertThat(next(catalog)).isEqualTo("{\"b\":1,\"c\":3}");
        Files.delete(directory.resolve("app-config.local.yaml"));
        assertThat(next(catalog)).isEqualTo("{\"b\":1}");
    }

    @Test
    void noticesWhatChangedBeforeItStarted() throws Exception {
        write("catalog.yaml", "b: 2\n");
        watcher.start(INTERVAL);

        assertThat(next(catalog)).isEqualTo("{\"b\":2}");
    }

    @Test
    void keepsTheLastGoodConfigurationAndGoesOnWatching() throws Exception {
        watcher.start(INTERVAL);
        write("catalog.yaml", "b: [\n");
        write("app-config.local.yaml", "todo: {a: 5}\ncatalog: {$include: not-yet.yaml}\n");
        write("not-yet.yaml", "b: 7\n");
        write("catalog.yaml", "b: 6\n");

        assertThat(next(catalog)).isIn("{\"b\":6}", "{\"b\":7}");
        assertThat(next(todo)).contains("\"a\":5");
    }

    @Test
    void refusesAValueOfTheWrongTypeAsABrokenEdit() throws Exception {
        watcher.start(INTERVAL);
        write("app-config.local.yaml", "backend: {listen: {port: many}}\ncatalog: {b: 2}\n");
        write("secret.txt", "two");
        write("app-config.local.yaml", "catalog: {b: 3}\n");

        assertThat(next(catalog)).isEqualTo("{\"b\":3}");
    }

    @Test
    void logsABrokenEditOnceAndKeepsTheLastGoodConfiguration() throws Exception {
        BlockingQueue<String> checked = new LinkedBlockingQueue<>();
        try (ConfigWatcher checking = noting(checked);
                Log log = Log.of(ConfigWatcher.class)) {
            checking.subscribe("todo", config -> todo.add(json(config)));
            write("app-config.local.yaml", "backend: {listen: {port: many}}\ntodo: {a: 5}\n");
            checking.start(INTERVAL);
            assertThat(next(checked)).isEqualTo("one");
            write("secret.txt", "two");
            while (!next(checked).equals("two")) {
                assertThat(todo).isEmpty();
            }
            write("app-config.local.yaml", "todo: {a: 6}\n");

            assertThat(next(todo)).isEqualTo("{\"a\":6,\"secret\":\"two\"}");
            assertThat(log.messages())
                    .filteredOn(message -> message.contains("expected"))
                    .hasSize(1)
                    .first()
                    .asString()
                    .startsWith("app-config.local.yaml:1:20 backend.listen.port: expected a whole number");
        }
    }

    @Test
    void asksAStoreAgainAndKeepsItsLastAnswerWhenItFails() throws Exception {
        write("store.json", "{\"catalog\": {\"b\": 2}}");
        write(
                "app-config.yaml",
                "config: {stores: [{type: file, optional: true, poll: 30ms, config: {path: "
                        + directory.resolve("store.json") + "}}]}\ntodo: {a: 1}\n");
        Vertx vertx = Vertx.vertx();
        ConfigRequest request = Requests.in(directory);
        try (ConfigWatcher polling = new ConfigWatcher(
                        request, ConfigLoader.load(request), ConfigSchema.runtime(), List.of(), () -> vertx);
                Log log = Log.of(KeptStores.class)) {
            polling.subscribe("catalog", config -> catalog.add(json(config)));
            polling.subscribe("todo", config -> todo.add(json(config)));
            polling.start(INTERVAL);
            write("store.json", "{\"catalog\": {\"b\": 3}}");
            assertThat(next(catalog)).isEqualTo("{\"b\":3}");

            write("store.json", "{");
            assertThat(log.next()).contains("config.stores[0] (file) cannot be read, what it said last stays");
            write("app-config.local.yaml", "todo: {a: 2}\n");
            assertThat(next(todo)).isEqualTo("{\"a\":2}");
            assertThat(catalog).isEmpty();

            write("store.json", "{\"catalog\": {\"b\": 4}}");
            assertThat(next(catalog)).isEqualTo("{\"b\":4}");
            assertThat(log.messages()).isEmpty();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    @Test
    void seesAFileReplacedBehindALink() throws Exception {
        Files.delete(directory.resolve("secret.txt"));
        Files.writeString(directory.resolve("v1"), "one");
        Files.writeString(directory.resolve("v2"), "two");
        Files.createSymbolicLink(directory.resolve("secret.txt"), Path.of("v1"));
        watcher.start(INTERVAL);
        Path next = Files.createSymbolicLink(directory.resolve("next"), Path.of("v2"));
        Files.move(next, directory.resolve("secret.txt"), StandardCopyOption.ATOMIC_MOVE);

        assertThat(next(todo)).isEqualTo("{\"a\":1,\"secret\":\"two\"}");
    }

    @Test
    void saysNothingWhenTheContentIsTheSame() throws Exception {
        watcher.start(INTERVAL);
        write("catalog.yaml", "b: 1 # the same\n");
        write("secret.txt", "two");

        assertThat(next(todo)).contains("two");
        assertThat(catalog).isEmpty();
    }

    @Test
    void doesNotCheckAgainWhatItBeganWith() throws Exception {
        BlockingQueue<String> checked = new LinkedBlockingQueue<>();
        try (ConfigWatcher checking = noting(checked)) {
            checking.subscribe("todo", config -> todo.add(json(config)));
            checking.start(INTERVAL);
            Thread.sleep(10 * INTERVAL.toMillis());
            write("secret.txt", "two");

            assertThat(next(todo)).contains("two");
            assertThat(checked).containsOnly("two");
        }
    }

    private void write(String name, String content) throws IOException {
        // As editors do: a half-written file is never seen.
        Path next = Files.writeString(directory.resolve(name + ".next"), content);
        Files.move(next, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Vertx noVertx() {
        throw new AssertionError("files need no Vert.x");
    }

    private static String next(BlockingQueue<String> queue) throws InterruptedException {
        String next = queue.poll(20, TimeUnit.SECONDS);
        assertThat(next).as("told in time").isNotNull();
        return next;
    }

    /** A watcher that notes the secret of each configuration that it checks. */
    private ConfigWatcher noting(BlockingQueue<String> checked) throws Exception {
        ConfigRequest request = Requests.in(directory);
        ConfigRule rule = root -> {
            checked.add(String.valueOf(root.at("todo.secret").toPlain()));
            return List.of();
        };
        return new ConfigWatcher(
                request, ConfigLoader.load(request), ConfigSchema.runtime(), List.of(rule), ConfigWatcherTest::noVertx);
    }

    private static String json(Config config) {
        return JsonWriter.compact(config.toPlain() == null ? Map.of() : config.toPlain());
    }
}
