package dev.plinth.runtime.http.admin;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.http.ListenSettings;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class AdminServerTest {

    private static final ListenSettings ANY_PORT = new ListenSettings("127.0.0.1", 0);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    @Test
    void letsProgramsOfThisMachineInWithoutAToken() throws Exception {
        ListenSettings at = start(Optional.empty());

        assertThat(get(at, "/admin/pools").body()).contains("\"pools\"");
    }

    @Test
    void wantsTheTokenOnEveryPath() throws Exception {
        ListenSettings at = start(Optional.of("open sesame"));

        for (String path : new String[] {"/admin/pools", "/metrics", "/admin/openapi.json", "/nowhere"}) {
            assertThat(get(at, path).statusCode()).as(path).isEqualTo(401);
            assertThat(get(at, path, "Authorization", "Bearer wrong").statusCode())
                    .isEqualTo(401);
            assertThat(get(at, path, "Authorization", "Basic open sesame").statusCode())
                    .isEqualTo(401);
        }
        HttpResponse<String> refused = get(at, "/admin/pools");
        assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"plinth\"");
        assertThat(new JsonObject(refused.body()).getInteger("status")).isEqualTo(401);
        assertThat(new JsonObject(refused.body()).getString("detail"))
                .isEqualTo("the token of backend.admin.token is needed, in the header Authorization: Bearer TOKEN");
        assertThat(get(at, "/admin/pools", "Authorization", "bearer open sesame")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void asksForARenewedTokenAndNeverForNone() throws Exception {
        AdminServer server = server(new AdminSettings(ANY_PORT, true, Optional.of(new Secret("old"))));
        ListenSettings at = await(server.start());
        assertThat(get(at, "/admin/pools", "Authorization", "Bearer old").statusCode())
                .isEqualTo(200);

        server.configChanged(Configs.of(new JsonObject("{\"backend\": {\"admin\": {\"token\": \"new\"}}}")));
        assertThat(get(at, "/admin/pools", "Authorization", "Bearer old").statusCode())
                .isEqualTo(401);
        assertThat(get(at, "/admin/pools", "Authorization", "Bearer new").statusCode())
                .isEqualTo(200);

        server.configChanged(Configs.of(new JsonObject()));
        assertThat(get(at, "/admin/pools").statusCode()).isEqualTo(401);
        assertThat(get(at, "/admin/pools", "Authorization", "Bearer new").statusCode())
                .isEqualTo(200);
    }

    @Test
    void refusesAPageWhoseNameWasMadeToLeadHere() throws Exception {
        ListenSettings at = start(Optional.empty());

        assertThat(raw(at, "GET /admin/config HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw(at, "GET /admin/pools HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void takesNoOrdersFromAPageInABrowser() throws Exception {
        ListenSettings at = start(Optional.empty());

        HttpResponse<String> response = send(HttpRequest.newBuilder(uri(at, "/admin/plugins/todo/stop"))
                .header("Origin", "http://127.0.0.1:8080")
                .POST(BodyPublishers.noBody()));

        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.body()).contains("browser");
    }

    @Test
    void tellsWhatIsWrongAsProblemDetails() throws Exception {
        ListenSettings at = start(Optional.empty());

        JsonObject unknown = new JsonObject(get(at, "/admin/plugins/nix").body());
        assertThat(unknown.getInteger("status")).isEqualTo(404);
        assertThat(unknown.getString("detail")).isEqualTo("there is no plugin 'nix'");
        assertThat(unknown.getString("requestId")).isNotEmpty();
        assertThat(get(at, "/nowhere").statusCode()).isEqualTo(404);
        assertThat(post(at, "/admin/pools", "").statusCode()).isEqualTo(405);
        HttpResponse<String> broken = get(at, "/admin/databases");
        assertThat(broken.statusCode()).isEqualTo(500);
        assertThat(broken.body()).doesNotContain("secret inside");
        assertThat(post(at, "/admin/databases/migrations", "[1]").statusCode()).isEqualTo(400);
        assertThat(post(at, "/admin/databases/migrations", "{").statusCode()).isEqualTo(400);
        assertThat(post(at, "/admin/databases/migrations", "{\"dryRun\": 1}").statusCode())
                .isEqualTo(400);
        assertThat(post(at, "/admin/databases/backup", "{\"directory\": \"relative\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(post(at, "/admin/databases/migrations", "x".repeat(70_000)).statusCode())
                .isEqualTo(413);
    }

    @Test
    void changesTheLevelOfALoggerWhileRunning() throws Exception {
        ListenSettings at = start(Optional.empty());
        var logger = LoggerFactory.getLogger("some.logger.of.AdminServerTest");

        HttpResponse<String> changed = put(at, "/admin/loggers/some.logger.of", "{\"level\": \"DEBUG\"}");

        assertThat(new JsonObject(changed.body()))
                .isEqualTo(new JsonObject().put("level", "debug").put("effective", "debug"));
        assertThat(logger.isDebugEnabled()).isTrue();
        JsonObject all = new JsonObject(get(at, "/admin/loggers?all=true").body()).getJsonObject("loggers");
        assertThat(all.getJsonObject("some.logger.of.AdminServerTest").getValue("level"))
                .isNull();
        JsonObject own = new JsonObject(get(at, "/admin/loggers").body()).getJsonObject("loggers");
        assertThat(own.fieldNames())
                .contains("root", "some.logger.of")
                .doesNotContain("some.logger.of.AdminServerTest");
        put(at, "/admin/loggers/some.logger.of", "{\"level\": null}");
        assertThat(logger.isDebugEnabled())
                .isEqualTo(LoggerFactory.getLogger("other").isDebugEnabled());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"level\": \"loud\"}", "{\"level\": 1}", "[]"})
    void refusesALevelThatIsNone(String body) throws Exception {
        ListenSettings at = start(Optional.empty());

        assertThat(put(at, "/admin/loggers/some", body).statusCode()).isEqualTo(400);
    }

    @Test
    void showsWhatThreadsDo() throws Exception {
        ListenSettings at = start(Optional.empty());

        JsonObject dump = new JsonObject(get(at, "/admin/threads").body());

        assertThat(dump.getJsonArray("threads").stream().map(thread -> ((JsonObject) thread).getString("name")))
                .anyMatch(name -> name.startsWith("vert.x-eventloop-thread"));
        assertThat(dump.encode()).contains("ThreadDump.document");
    }

    @Test
    void givesWayWhenTheDefaultPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ListenSettings wanted = new ListenSettings("127.0.0.1", taken.getLocalPort());

            ListenSettings at = await(
                    server(new AdminSettings(wanted, false, Optional.empty())).start());

            assertThat(at.port()).isPositive().isNotEqualTo(wanted.port());
            assertThat(get(at, "/admin/pools").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void saysWhatAPathTakes() throws Exception {
        ListenSettings at = start(Optional.empty());

        HttpResponse<String> response =
                send(HttpRequest.newBuilder(uri(at, "/admin/loggers/root")).DELETE());

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, PUT");
        assertThat(new JsonObject(response.body()).getString("detail")).isEqualTo("this path takes GET, PUT");
        assertThat(new JsonObject(
                                put(at, "/admin/loggers/", "{\"level\": null}").body())
                        .getString("detail"))
                .isEqualTo("this path takes GET");
    }

    @Test
    void refusesAMemberThatItDoesNotKnow() throws Exception {
        ListenSettings at = start(Optional.empty());

        HttpResponse<String> response = post(at, "/admin/databases/migrations", "{\"dryrun\": true}");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(response.body()).getString("detail"))
                .isEqualTo("dryrun: not known here, known are dryRun, repair");
        HttpResponse<String> order = post(at, "/admin/plugins/todo/stop", "{\"dryRun\": true}");
        assertThat(order.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(order.body()).getString("detail")).isEqualTo("dryRun: not known here, nothing is");
    }

    @Test
    void failsWhenTheConfiguredPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ListenSettings wanted = new ListenSettings("127.0.0.1", taken.getLocalPort());

            Throwable failure = failure(
                    server(new AdminSettings(wanted, true, Optional.empty())).start());

            assertThat(failure)
                    .hasMessageContaining("127.0.0.1:" + wanted.port())
                    .hasMessageContaining("backend.admin.listen");
        }
    }

    @Test
    void describesEveryPathAndNoOther() throws Exception {
        Set<String> routed = new TreeSet<>();
        for (Route route : routes().router(new AdminGuard(Optional.empty())).getRoutes()) {
            if (route.getPath() != null) {
                route.methods()
                        .forEach(method ->
                                routed.add(method.name() + " " + route.getPath().replaceAll(":(\\w+)", "{$1}")));
            }
        }
        Set<String> described = new TreeSet<>();
        JsonObject paths = new JsonObject(
                        get(start(Optional.empty()), "/admin/openapi.json").body())
                .getJsonObject("paths");
        paths.forEach(path -> ((JsonObject) path.getValue())
                .fieldNames()
                .forEach(method -> described.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));

        assertThat(described).isEqualTo(routed);
    }

    private ListenSettings start(Optional<String> token) throws Exception {
        return await(server(new AdminSettings(ANY_PORT, true, token.map(Secret::new)))
                .start());
    }

    private AdminServer server(AdminSettings settings) {
        return new AdminServer(vertx, settings, new Stub(), AdminServerTest::page);
    }

    private AdminRoutes routes() {
        return new AdminRoutes(vertx, new Stub(), AdminServerTest::page);
    }

    private static Future<MetricsPage.Page> page(String accept) {
        return Future.succeededFuture(new MetricsPage.Page("text/plain", Buffer.buffer("a 1\n")));
    }

    private HttpResponse<String> get(ListenSettings at, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(at, path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.GET());
    }

    private HttpResponse<String> post(ListenSettings at, String path, String body) throws Exception {
        return send(HttpRequest.newBuilder(uri(at, path)).POST(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> put(ListenSettings at, String path, String body) throws Exception {
        return send(HttpRequest.newBuilder(uri(at, path)).PUT(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static URI uri(ListenSettings at, String path) {
        return URI.create(at.url() + path);
    }

    /** What HTTP clients do not let one say. */
    private static String raw(ListenSettings at, String request) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), at.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            return answer.toString(StandardCharsets.US_ASCII);
        }
    }

    /** Knows no plugin and has no pool. */
    private static final class Stub implements Operations {

        @Override
        public Future<JsonObject> instance() {
            return Future.succeededFuture(new JsonObject());
        }

        @Override
        public Future<JsonObject> plugins() {
            return Future.succeededFuture(new JsonObject());
        }

        @Override
        public Future<JsonObject> plugin(String pluginId) {
            throw new Refusal(Refusal.Kind.UNKNOWN, "there is no plugin '" + pluginId + "'");
        }

        @Override
        public Future<JsonObject> order(String pluginId, PluginOrder order) {
            return Future.failedFuture(new AssertionError("an order came through"));
        }

        @Override
        public Future<JsonObject> checkConfig(Optional<String> pluginId) {
            return Future.succeededFuture(new JsonObject());
        }

        @Override
        public Future<JsonObject> databases() {
            return Future.failedFuture(new IllegalStateException("secret inside"));
        }

        @Override
        public Future<JsonObject> migrations(Optional<String> pluginId) {
            return Future.succeededFuture(new JsonObject());
        }

        @Override
        public Future<JsonObject> migrate(Optional<String> pluginId, MigrationRequest request) {
            return Future.succeededFuture(new JsonObject());
        }

        @Override
        public Future<JsonObject> backup(Optional<String> pluginId, Path directory) {
            return Future.succeededFuture(new JsonObject());
        }

        @Override
        public Future<JsonObject> pools() {
            return Future.succeededFuture(new JsonObject().put("pools", "none"));
        }

        @Override
        public Future<JsonObject> config(String key) {
            return Future.succeededFuture(new JsonObject());
        }

        @Override
        public Future<JsonObject> call(String pluginId, String method, JsonObject call) {
            return Future.succeededFuture(new JsonObject());
        }

        @Override
        public Future<JsonObject> publish(String address, JsonObject event) {
            return Future.succeededFuture(new JsonObject());
        }
    }
}
