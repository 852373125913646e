package dev.plinth.runtime;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar is killed while several plugins are written to over HTTP, and started again on the same files. */
class KilledUnderLoadIT {

    private static final boolean THOROUGH = Boolean.getBoolean("plinth.thorough");
    private static final int CYCLES = THOROUGH ? 50 : 1;
    private static final int WRITERS_OF_EACH = 4;
    private static final List<String> NOTES = List.of("notes", "logs");

    @TempDir
    private Path directory;

    private final Map<String, Set<String>> acknowledged = new ConcurrentHashMap<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final AtomicInteger number = new AtomicInteger();

    @Test
    void losesNothingThatWasAcknowledged() throws Exception {
        Random random = new Random();
        Path plugins = directory.resolve("plugins");
        for (String id : NOTES) {
            notes(id).writeTo(plugins);
        }
        PlinthProcess.configure(
                directory,
                """
                backend:
                  pluginDirectories: [%s, %s]
                  database:
                    client: better-sqlite3
                    connection: {directory: data}
                """
                        .formatted(PlinthProcess.examplePlugins(), plugins));
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            int enough = total() + 1 + random.nextInt(THOROUGH ? 3000 : 300);
            try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
                everythingIsThere(plinth);
                writeUntilKilled(plinth, enough);
            }
            theFilesAreWhole();
        }
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            everythingIsThere(plinth);
        }
    }

    private static PluginJar notes(String id) {
        return PluginJar.of(id)
                .with("db/migration/V1__note.sql", "CREATE TABLE note (text TEXT NOT NULL UNIQUE);")
                .starting(
                        """
                        return context.database().onSuccess(pool -> {
                            context.router().post().handler(io.vertx.ext.web.handler.BodyHandler.create());
                            context.router().post("/items").respond(request -> pool
                                .preparedQuery("INSERT INTO note VALUES ($1) RETURNING text AS title")
                                .execute(Tuple.of(request.body().asJsonObject().getString("title")))
                                .map(Rows::toJson));
                            context.router().get("/items").respond(request ->
                                pool.query("SELECT text AS title FROM note").execute().map(Rows::toJson));
                        });
                        """);
    }

    private int total() {
        return acknowledged.values().stream().mapToInt(Set::size).sum();
    }

    private void writeUntilKilled(PlinthProcess plinth, int enough) throws InterruptedException {
        List<Thread> writers = new ArrayList<>();
        for (String id : List.of("todo", "notes", "logs")) {
            for (int i = 0; i < WRITERS_OF_EACH; i++) {
                Thread writer = new Thread(() -> write(plinth, id), "writer of " + id);
                writer.start();
                writers.add(writer);
            }
        }
        eventually(() -> total() >= enough || writers.stream().noneMatch(Thread::isAlive));
        plinth.kill();
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(refused).isEmpty();
        assertThat(total()).isGreaterThanOrEqualTo(enough);
    }

    /** Ends when the backend is gone. */
    private void write(PlinthProcess plinth, String id) {
        Set<String> known = acknowledged.computeIfAbsent(id, any -> ConcurrentHashMap.newKeySet());
        while (true) {
            String title = "t" + number.incrementAndGet();
            HttpResponse<String> response;
            try {
                response = plinth.post("/api/" + id + "/items", "{\"title\":\"" + title + "\"}");
            } catch (UncheckedIOException gone) {
                return;
            }
            if (response.statusCode() / 100 != 2) {
                refused.add(id + " answered " + response.statusCode() + " " + response.body() + "\n" + plinth.errors());
                return;
            }
            known.add(title);
        }
    }

    private void everythingIsThere(PlinthProcess plinth) {
        acknowledged.forEach((id, titles) -> {
            Set<String> found = new HashSet<>();
            new JsonArray(plinth.get("/api/" + id + "/items").body())
                    .forEach(item -> found.add(((JsonObject) item).getString("title")));
            assertThat(found).as(id).containsAll(titles);
        });
    }

    private void theFilesAreWhole() throws Exception {
        for (String id : List.of("todo", "notes", "logs")) {
            try (Connection file =
                            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("data/" + id + ".sqlite"));
                    Statement statement = file.createStatement();
                    ResultSet result = statement.executeQuery("PRAGMA integrity_check")) {
                assertThat(result.getString(1)).as(id).isEqualTo("ok");
            }
        }
    }
}
