package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import dev.plinth.runtime.testing.ReservedPort;
import dev.plinth.runtime.testing.Verb;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar, run by one operator and looked at by another. */
class OperatorsIT {

    private static final String TOKEN = "PLANTED-token-of-the-operators";

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private ReservedPort admin;

    @BeforeEach
    void reservePort() throws IOException {
        admin = new ReservedPort();
    }

    @AfterEach
    void releasePort() throws IOException {
        admin.close();
    }

    @Test
    void theVerbsFindTheBackendOfTheSameConfiguration() throws Exception {
        configure("admin: {listen: " + admin.number() + "}");
        Verb before = plinth("status");
        assertThat(before.exitCode()).isEqualTo(69);
        assertThat(before.err()).contains("no running backend found").contains("plinth start");
        try (PlinthProcess running = PlinthProcess.start(directory, Map.of())) {
            Verb status = fatJar("status");
            assertThat(status.err()).isEmpty();
            assertThat(status.exitCode()).isZero();
            assertThat(status.out())
                    .contains("http://127.0.0.1:" + running.port())
                    .contains("2 ready")
                    .containsPattern("todo.sqlite, \\d+ of \\d+ connections in use")
                    .contains("nothing is wrong");

            assertThat(fatJar("plugin", "list").out())
                    .containsPattern("todo +ready")
                    .containsPattern("catalog +ready");
            assertThat(fatJar("db", "pools").out()).contains("data/todo.sqlite");
            assertThat(fatJar("plugin", "stop", "todo").out()).containsPattern("todo +stopped");
            assertThat(running.get("/api/todo/items").statusCode()).isEqualTo(503);
            assertThat(running.get("/api/catalog/entities").statusCode()).isEqualTo(200);
            assertThat(plinth("status").out()).contains("stopped").contains("todo (stopped by an operator)");
            assertThat(plinth("plugin", "start", "todo").out()).containsPattern("todo +ready");
            assertThat(plinth("plugin", "restart", "todo", "catalog").exitCode())
                    .isZero();
            assertThat(new JsonObject(fatJar("plugin", "reload", "todo", "--format", "json")
                                    .out())
                            .getJsonArray("plugins"))
                    .hasSize(2);
            assertThat(running.get("/api/todo/items").statusCode()).isEqualTo(200);

            assertThat(running.errors())
                    .contains("plugin 'todo' was stopped by an operator")
                    .contains("plugin 'todo' was started by an operator, and is ready now")
                    .contains("plugin 'catalog' was restarted by an operator");

            Verb unknown = plinth("plugin", "stop", "nix");
            assertThat(unknown.exitCode()).isEqualTo(1);
            assertThat(unknown.err()).isEqualTo("plinth: there is no plugin 'nix'\n");
            for (String verb : List.of("list", "stop todo")) {
                Verb elsewhere = plinth(("plugin " + verb + " --url http://127.0.0.1:" + running.port()).split(" "));
                assertThat(elsewhere.exitCode()).isEqualTo(69);
                assertThat(elsewhere.err()).contains("is no server for operators");
            }
            Verb some = plinth("plugin", "restart", "nix", "todo", "no such/../nix");
            assertThat(some.exitCode()).isEqualTo(1);
            assertThat(some.out()).containsPattern("todo +ready");
            assertThat(some.err())
                    .isEqualTo("plinth: there is no plugin 'nix'\nplinth: there is no plugin 'no such/../nix'\n");
        }
    }

    @Test
    void theDatabaseVerbsGoThroughTheBackendThatHoldsTheFiles() throws Exception {
        configure("admin: {listen: " + admin.number() + "}");
        try (PlinthProcess running = PlinthProcess.start(directory, Map.of())) {
            Verb status = fatJar("db", "status");
            assertThat(status.exitCode()).isZero();
            assertThat(status.out()).containsPattern("todo +1 +item +sql +applied");
            assertThat(plinth("db", "status", "--plugin", "todo").out()).doesNotContain("catalog");
            Verb check = fatJar("db", "check", "--plugin", "todo");
            assertThat(check.out())
                    .containsPattern("used by +the running backend")
                    .containsPattern("migrations +up to date");
            assertThat(check.exitCode()).isZero();
            assertThat(fatJar("db", "migrate", "--dry-run").out()).contains("-- todo: nothing to do");
            assertThat(new JsonObject(
                                    plinth("db", "migrate", "--format", "json").out())
                            .getJsonObject("plugins")
                            .fieldNames())
                    .containsExactlyInAnyOrder("todo", "catalog");
            Verb backup = fatJar("db", "backup", "copies");
            assertThat(backup.exitCode()).isZero();
            assertThat(directory.resolve("copies/todo.sqlite")).isNotEmptyFile();
            assertThat(running.terminate()).isZero();
        }
        assertThat(fatJar("db", "status").out()).containsPattern("todo +1 +item +sql +applied");
    }

    @Test
    void whoeverIsNotThisMachineNeedsTheToken() throws Exception {
        Path tokenFile = Files.writeString(directory.resolve("token"), TOKEN + "\n");
        configure("admin: {listen: '0.0.0.0:0', token: {$file: ../token}}");
        tokenFile.toFile().setReadable(false, false);
        tokenFile.toFile().setReadable(true, true);
        try (PlinthProcess running = PlinthProcess.start(directory, Map.of())) {
            String url = running.adminUrl();
            Verb without = plinth("status", "--url", url);
            assertThat(without.exitCode()).isEqualTo(1);
            assertThat(without.err()).contains("wants a token").contains("--token-file");
            Files.writeString(directory.resolve("wrong"), "wrong");
            assertThat(plinth("status", "--url", url, "--token-file", "wrong").err())
                    .contains("wants another token");
            assertThat(plinth("status", "--url", url, "--token-file", "token").exitCode())
                    .isZero();
            assertThat(get(url + "/metrics").statusCode()).isEqualTo(401);
            assertThat(running.errors()).doesNotContain(TOKEN);
        }
    }

    @Test
    void refusesToListenToOthersWithoutAToken() throws Exception {
        configure("admin: {listen: ':0'}");

        assertThat(plinth("config", "check").out()).contains("backend.admin.token");
        Verb start = plinth("start", "--port", "0");
        assertThat(start.exitCode()).isEqualTo(78);
        assertThat(start.err()).contains("conf/app-config.yaml").contains("backend.admin.token");
    }

    @Test
    void showsNothingOfItOnThePublicPort() throws Exception {
        configure("admin: {listen: 0}");
        try (PlinthProcess running = PlinthProcess.start(directory, Map.of())) {
            for (String path : List.of("/admin/plugins", "/metrics", "/admin/openapi.json", "/admin/config")) {
                assertThat(running.get(path).statusCode()).as(path).isEqualTo(404);
            }
        }
    }

    @Test
    @Tag("alone") // on the default port for operators, which backends of other tests may have for a while
    void aSecondBackendOnOneMachineStartsAndIsNotTakenForTheFirst() throws Exception {
        configure("");
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        PlinthProcess.configure(elsewhere, "backend: {pluginDirectories: [], listen: 0}\n");
        try (PlinthProcess first = PlinthProcess.start(directory, Map.of());
                PlinthProcess second = PlinthProcess.start(elsewhere, Map.of())) {
            assertThat(second.adminUrl()).isNotEqualTo(first.adminUrl());
            assertThat(second.errors()).contains("is taken").contains("--url");

            Verb status = Verb.run(elsewhere, Map.of(), "status");
            assertThat(status.exitCode()).isEqualTo(69);
            assertThat(status.err())
                    .contains("no backend of this configuration runs")
                    .contains("--url");
            assertThat(Verb.run(elsewhere, Map.of(), "status", "--url", second.adminUrl())
                            .exitCode())
                    .isZero();
        }
    }

    @Test
    void listsWhyTheNewestVersionDoesNotRun() throws Exception {
        configure("admin: {listen: 0}");
        Path plugins = directory.resolve("plugins");
        PluginJar.of("mill")
                .starting("return io.vertx.core.Future.succeededFuture();")
                .writeTo(plugins);
        try (PlinthProcess running = PlinthProcess.start(directory, Map.of())) {
            PluginJar.of("mill")
                    .starting("return io.vertx.core.Future.failedFuture(\"the mill is flooded\");")
                    .writeTo(plugins);
            running.awaitError("plugin 'mill': the new version failed, the old one goes on: the mill is flooded");

            Verb list = plinth("plugin", "list", "--url", running.adminUrl());

            assertThat(list.out()).containsPattern("todo +ready .* 0\\.1\\.0 ");
            assertThat(list.out())
                    .containsPattern("mill +ready .*its newest version does not run: the mill is flooded");
        }
    }

    @Test
    void saysWhatIsWrongFirst() throws Exception {
        configure("admin: {listen: 0}");
        PluginJar.of("broken")
                .starting("return io.vertx.core.Future.failedFuture(\"the mill is flooded\");")
                .writeTo(directory.resolve("plugins"));
        try (PlinthProcess running = PlinthProcess.start(directory, Map.of())) {
            Verb status = plinth("status", "--url", running.adminUrl());

            assertThat(status.exitCode()).isEqualTo(1);
            assertThat(status.out())
                    .contains("2 ready, 1 failed")
                    .containsPattern("what is wrong:\n  broken: failed for .*the mill is flooded");
            Verb start = plinth("plugin", "start", "broken", "--url", running.adminUrl(), "--format", "json");
            assertThat(start.exitCode()).isEqualTo(1);
            assertThat(start.err()).contains("the mill is flooded").contains("order-refused");
        }
    }

    @Test
    void tellsWhichJarsWereLeftOutAndWhichChecksFail() throws Exception {
        configure("admin: {listen: 0}\n  plugins: {pinned: {sha256: '" + "0".repeat(64) + "'}}");
        Path plugins = Files.createDirectories(directory.resolve("plugins"));
        PluginJar.of("sick")
                .starting(
                        """
                        context.health("disk", () -> Future.failedFuture("it is full"));
                        context.health("queue", () -> Future.succeededFuture());
                        return Future.succeededFuture();""")
                .writeTo(plugins);
        Files.copy(plugins.resolve("sick.jar"), plugins.resolve("twice.jar"));
        PluginJar.of("pinned").writeTo(plugins);
        PluginJar.of("modern")
                .with("META-INF/plinth-plugin.json", "{\"apiLevel\": 99, \"plugins\": {\"modern\": {}}}")
                .writeTo(plugins);
        Files.setPosixFilePermissions(
                PluginJar.of("open").writeTo(plugins), PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.write(plugins.resolve("torn.jar"), new byte[100]);
        try (PlinthProcess running = PlinthProcess.start(directory, Map.of())) {
            String url = running.adminUrl();
            Verb status = plinth("status", "--url", url);

            assertThat(status.exitCode()).isEqualTo(1);
            assertThat(status.out())
                    .containsPattern("sick: degraded for .*: disk: it is full\n")
                    .containsPattern(
                            "\n  plugins/twice.jar: left out for .*: holds plugin 'sick', and plugins/sick.jar has a plugin 'sick' already")
                    .containsPattern("pinned.jar: left out for [^:]*: has the SHA-256 ")
                    .containsPattern("modern.jar: left out for .*: .* needs level 99 of the plugin API")
                    .containsPattern("open.jar: left out for .*: may be changed by everybody")
                    .containsPattern("torn.jar: left out for .*: is no complete jar \\(");
            Verb check = plinth("config", "check");
            assertThat(check.exitCode()).isEqualTo(78);
            assertThat(check.out())
                    .contains("\nplugins/torn.jar is no complete jar (")
                    .contains("\nplugins/pinned.jar has the SHA-256 ");
            Verb list = plinth("plugin", "list", "--url", url);
            assertThat(list.exitCode()).isZero();
            assertThat(list.out())
                    .containsPattern("sick +degraded .* 1 of 2 pass +disk: it is full\n")
                    .containsPattern("LEFT OUT +FOR +WHY\nplugins/modern.jar ");
            JsonObject document = new JsonObject(
                    plinth("plugin", "list", "--url", url, "--format", "json").out());
            assertThat(document.getJsonArray("leftOut")).hasSize(5);
            assertThat(new JsonObject(get(url + "/admin/plugins/sick").body()).getJsonArray("checks"))
                    .isEqualTo(new JsonArray()
                            .add(new JsonObject()
                                    .put("name", "disk")
                                    .put("passes", false)
                                    .put("failure", "it is full"))
                            .add(new JsonObject()
                                    .put("name", "queue")
                                    .put("passes", true)
                                    .put("failure", "")));
        }
    }

    @Test
    void everyAnswerIsAsTheOpenApiDocumentSays() throws Exception {
        configure("admin: {listen: 0, token: " + TOKEN + "}");
        try (PlinthProcess running = PlinthProcess.start(directory, Map.of())) {
            String url = running.adminUrl();
            JsonObject api = new JsonObject(get(url + "/admin/openapi.json").body());
            List<String> wrong = new ArrayList<>();
            api.getJsonObject("paths").forEach(path -> {
                String concrete = path.getKey()
                        .replace("{id}", "todo")
                        .replace("{name}", "root")
                        .replace("{plugin}", "todo")
                        .replace("{method}", "get")
                        .replace("{address}", "todo.done");
                ((JsonObject) path.getValue()).forEach(operation -> {
                    HttpResponse<String> response = send(operation.getKey(), url + concrete);
                    JsonObject described = ((JsonObject) operation.getValue())
                            .getJsonObject("responses")
                            .getJsonObject(String.valueOf(response.statusCode()), new JsonObject())
                            .getJsonObject("content", new JsonObject());
                    String type = response.headers()
                            .firstValue("Content-Type")
                            .orElse("")
                            .split(";", 2)[0];
                    if (response.statusCode() != 200 || !described.containsKey(type)) {
                        wrong.add(operation.getKey() + " " + concrete + ": " + response.statusCode() + " " + type);
                    } else if (type.equals("application/json")) {
                        new Shape(api, wrong)
                                .check(
                                        concrete,
                                        described.getJsonObject(type).getJsonObject("schema"),
                                        new JsonObject(response.body()));
                    }
                    assertThat(response.body()).as(concrete).doesNotContain(TOKEN);
                });
            });
            assertThat(wrong).isEmpty();
        }
    }

    @Test
    void metricsTellOfEveryPart() throws Exception {
        configure("admin: {listen: 0}");
        try (PlinthProcess running = PlinthProcess.start(directory, Map.of())) {
            running.get("/api/todo/items");
            running.get("/api/todo/nowhere");
            // Once the server answers another, those before it are counted.
            running.get("/health/live");

            String metrics = get(running.adminUrl() + "/metrics").body();

            assertThat(metrics)
                    .contains("plinth_http_requests_total{method=\"GET\",plugin=\"todo\","
                            + "route=\"/api/todo/items\",status=\"200\"} 1.0")
                    .contains(
                            "plinth_http_requests_total{method=\"GET\",plugin=\"todo\",route=\"\",status=\"404\"} 1.0")
                    .contains("plinth_plugins{state=\"ready\"} 2.0")
                    .contains("plinth_migrations_total{plugin=\"todo\",result=\"applied\"} 1.0")
                    .contains("plinth_pool_statements_total{plugin=\"todo\"}")
                    .contains("plinth_server_budget{server=\"data/todo.sqlite\"}")
                    .contains("plinth_event_loop_lag_seconds{loop=\"vert.x-eventloop-thread-")
                    .contains("jvm_memory_used_bytes");
            assertDocumented(metrics);
        }
    }

    /** Every name on the page is in the table, and the other way round. */
    private static void assertDocumented(String metrics) throws IOException {
        String page = Files.readString(Path.of(System.getProperty("plinth.root"), "docs/operations.md"));
        String section = page.substring(page.indexOf("## Metrics"));
        assertThat(names("(?m)^# TYPE (plinth_\\w+) ", metrics)).isEqualTo(names("`(plinth_\\w+)`", section));
    }

    private static Set<String> names(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Compares an answer with its schema, which must have every property of it. */
    private record Shape(JsonObject api, List<String> wrong) {

        void check(String at, JsonObject given, Object value) {
            JsonObject schema = given.containsKey("$ref")
                    ? api.getJsonObject("components")
                            .getJsonObject("schemas")
                            .getJsonObject(given.getString("$ref").replaceAll(".*/", ""))
                    : given;
            if (schema.containsKey("enum") && !schema.getJsonArray("enum").contains(value)) {
                wrong.add(at + ": " + value + " is none of " + schema.getJsonArray("enum"));
            }
            if (schema.containsKey("type") && !types(schema).contains(typeOf(value))) {
                wrong.add(at + ": " + value + " is not " + schema.getValue("type"));
            }
            if (value instanceof JsonObject object) {
                checkObject(at, schema, object);
            } else if (value instanceof JsonArray array && schema.containsKey("items")) {
                array.forEach(item -> check(at + "[]", schema.getJsonObject("items"), item));
            }
        }

        private void checkObject(String at, JsonObject schema, JsonObject object) {
            JsonObject properties = schema.getJsonObject("properties", new JsonObject());
            schema.getJsonArray("required", new JsonArray()).stream()
                    .filter(name -> !object.containsKey((String) name))
                    .forEach(name -> wrong.add(at + ": " + name + " is missing"));
            for (Map.Entry<String, Object> entry : object) {
                String name = at + "." + entry.getKey();
                if (properties.containsKey(entry.getKey())) {
                    check(name, properties.getJsonObject(entry.getKey()), entry.getValue());
                } else if (schema.getValue("additionalProperties") instanceof JsonObject any) {
                    check(name, any, entry.getValue());
                } else if (!properties.isEmpty() && !schema.containsKey("additionalProperties")) {
                    wrong.add(name + " is not described");
                }
            }
        }

        private static List<Object> types(JsonObject schema) {
            Object type = schema.getValue("type");
            return type instanceof JsonArray several ? several.stream().toList() : List.of(type);
        }

        private static String typeOf(Object value) {
            if (value == null) {
                return "null";
            }
            return value instanceof JsonObject
                    ? "object"
                    : value instanceof JsonArray
                            ? "array"
                            : value instanceof String
                                    ? "string"
                                    : value instanceof Boolean
                                            ? "boolean"
                                            : value instanceof Integer || value instanceof Long ? "integer" : "number";
        }
    }

    private void configure(String admin) throws IOException {
        PlinthProcess.configure(
                directory,
                """
                backend:
                  listen: 0
                  pluginDirectories: [%s, plugins]
                  database: {client: better-sqlite3, connection: {directory: data}}
                  %s
                """
                        .formatted(PlinthProcess.examplePlugins(), admin));
        Files.createDirectories(directory.resolve("plugins"));
    }

    private Verb plinth(String... arguments) {
        return Verb.run(directory, Map.of(), arguments);
    }

    /** A verb of the fat jar, in a process of its own. */
    private Verb fatJar(String... arguments) throws Exception {
        try (PlinthProcess process = PlinthProcess.run(directory, Map.of(), arguments)) {
            int exitCode = process.exitCode();
            return new Verb(exitCode, process.output(), process.errors());
        }
    }

    private HttpResponse<String> get(String url) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("Authorization", "Bearer " + (url.endsWith("/metrics") ? "wrong" : TOKEN))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String url) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Bearer " + TOKEN);
        request.method(
                method.toUpperCase(java.util.Locale.ROOT),
                method.equals("get")
                        ? BodyPublishers.noBody()
                        : BodyPublishers.ofString(order(url).encode()));
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(url, e);
        }
    }

    private JsonObject order(String url) {
        JsonObject order = new JsonObject();
        if (url.contains("/loggers/")) {
            return order.put("level", "info");
        }
        if (url.contains("/calls/")) {
            return order.put("caller", "catalog").put("patience", 10_000).put("body", new JsonObject());
        }
        return url.endsWith("/backup")
                ? order.put("directory", directory.resolve("copies").toString())
                : order;
    }
}
