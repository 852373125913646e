package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two fat jars with different plugins, which call each other. */
class PeerInstancesIT {

    private static final String CATALOG =
            """
            context.answer("get", call -> Future.succeededFuture(
                new JsonObject().put("found", call.body().getString("name")).put("by", call.caller())));
            context.answer("refuse", call -> Future.failedFuture(new CallException("no-such-entity", "there is no x")));
            context.answer("break", call -> { throw new IllegalStateException("secret inside"); });
            context.answer("hang", call -> Promise.<JsonObject>promise().future());
            java.util.concurrent.atomic.AtomicInteger heard = new java.util.concurrent.atomic.AtomicInteger();
            context.subscribe("todo.done", event -> heard.addAndGet(event.getInteger("n")));
            context.router().get("/heard").handler(request -> request.end("" + heard));
            return Future.succeededFuture();""";

    private static final String TODO =
            """
            context.router().get("/call/:plugin/:method").respond(request -> context
                .call(request.pathParam("plugin"), request.pathParam("method"),
                    new JsonObject().put("name", "x"), java.time.Duration.ofSeconds(2))
                .otherwise(failure -> new JsonObject()
                    .put("code", ((CallException) failure).code().name())
                    .put("error", ((CallException) failure).error())
                    .put("message", failure.getMessage())));
            context.router().get("/twice").respond(request -> Future
                .all(java.util.stream.Stream.of(1, 2).map(i -> context
                    .call("catalog", "hang", new JsonObject(), java.time.Duration.ofSeconds(2))
                    .map(JsonObject::encode)
                    .otherwise(failure -> ((CallException) failure).code() + " " + failure.getMessage())).toList())
                .map(both -> new JsonArray(both.<Object>list())));
            context.router().get("/publish").handler(request -> {
                context.publish("todo.done", new JsonObject().put("n", 7));
                request.end("published");
            });
            return Future.succeededFuture();""";

    @TempDir
    private Path directory;

    @Test
    void callsAPluginOfAnotherInstanceAsIfItWereHere() throws Exception {
        PluginJar.of("catalog").starting(CATALOG).writeTo(place("one", "").resolve("plugins"));
        try (PlinthProcess one = PlinthProcess.start(place("one", ""), Map.of())) {
            String peers =
                    "peers: [{url: '%s', plugins: [catalog, gone]}, {url: 'http://127.0.0.1:1', plugins: [away]}]"
                            .formatted(one.adminUrl());
            PluginJar.of("todo").starting(TODO).writeTo(place("two", peers).resolve("plugins"));
            try (PlinthProcess two = PlinthProcess.start(place("two", peers), Map.of())) {
                assertThat(call(two, "catalog/get"))
                        .isEqualTo(new JsonObject().put("found", "x").put("by", "todo"));
                assertThat(call(two, "catalog/refuse").getString("code")).isEqualTo("APPLICATION");
                assertThat(call(two, "catalog/refuse").getString("error")).isEqualTo("no-such-entity");
                JsonObject broken = call(two, "catalog/break");
                assertThat(broken.getString("code")).isEqualTo("FAILED");
                assertThat(broken.getString("message")).doesNotContain("secret");
                assertThat(call(two, "catalog/nothing").getString("code")).isEqualTo("UNKNOWN_METHOD");
                assertThat(call(two, "catalog/hang").getString("code")).isEqualTo("DEADLINE");
                assertThat(call(two, "gone/get").getString("code")).isEqualTo("UNKNOWN_PLUGIN");
                assertThat(call(two, "nobody/get").getString("code")).isEqualTo("UNKNOWN_PLUGIN");
                assertThat(call(two, "away/get").getString("code")).isEqualTo("NOT_READY");

                two.get("/api/todo/publish");
                one.getUntil("/api/catalog/heard", answer -> answer.body().equals("7"));

                one.kill();
                JsonObject unreachable = call(two, "catalog/get");
                assertThat(unreachable.getString("code")).isEqualTo("NOT_READY");
                assertThat(unreachable.getString("message")).contains(one.adminUrl());
            }
        }
    }

    @Test
    void refusesCallsOfAnotherInstanceBeyondThoseThatAPluginTakesAtOnce() throws Exception {
        String narrow = "plugins: {catalog: {maxConcurrentRequests: 1, maxQueuedRequests: 0}}";
        PluginJar.of("catalog").starting(CATALOG).writeTo(place("one", "").resolve("plugins"));
        try (PlinthProcess one = PlinthProcess.start(place("one", narrow), Map.of())) {
            String peers = "peers: [{url: '%s', plugins: [catalog]}]".formatted(one.adminUrl());
            PluginJar.of("todo").starting(TODO).writeTo(place("two", peers).resolve("plugins"));
            try (PlinthProcess two = PlinthProcess.start(place("two", peers), Map.of())) {
                assertThat(new JsonArray(two.get("/api/todo/twice").body()))
                        .contains(
                                "BUSY plugin 'todo': call of catalog.hang: plugin 'todo' has 1 calls of plugin 'catalog'"
                                        + " in flight and 0 waiting; make fewer at once, or raise"
                                        + " backend.plugins.catalog.maxConcurrentRequests")
                        .contains("DEADLINE plugin 'todo': call of catalog.hang: no answer within 2000 ms");
                two.getUntil(
                        "/api/todo/call/catalog/get", answer -> answer.body().contains("found"));
            }
        }
    }

    @Test
    void letsInOnlyInstancesWithTheSameToken() throws Exception {
        PluginJar.of("catalog").starting(CATALOG).writeTo(place("one", "").resolve("plugins"));
        try (PlinthProcess one = PlinthProcess.start(place("one", ""), Map.of(), "--set", "backend.admin.token=one")) {
            String peers = "peers: [{url: '%s', plugins: [catalog]}]".formatted(one.adminUrl());
            PluginJar.of("todo").starting(TODO).writeTo(place("two", peers).resolve("plugins"));
            try (PlinthProcess two = PlinthProcess.start(place("two", peers), Map.of())) {
                JsonObject refused = call(two, "catalog/get");
                assertThat(refused.getString("code")).isEqualTo("FAILED");
                assertThat(refused.getString("message")).contains("answers 401").contains("backend.admin.token");
            }
            try (PlinthProcess two =
                    PlinthProcess.start(place("two", peers), Map.of(), "--set", "backend.admin.token=one")) {
                assertThat(call(two, "catalog/get").getString("found")).isEqualTo("x");
            }
        }
    }

    @Test
    void saysThatACallMayHaveTakenEffectInAnInstanceThatGoesAwayBeforeItAnswers() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> gone = CompletableFuture.runAsync(() -> takeOneCallAndGoAway(server));
            String url = "http://127.0.0.1:" + server.getLocalPort();
            String peers = "peers: [{url: '%s', plugins: [catalog]}]".formatted(url);
            PluginJar.of("todo").starting(TODO).writeTo(place("two", peers).resolve("plugins"));
            try (PlinthProcess two = PlinthProcess.start(place("two", peers), Map.of())) {
                JsonObject lost = call(two, "catalog/get");
                assertThat(lost.getString("code")).isEqualTo("NOT_READY");
                assertThat(lost.getString("message")).contains(url).contains("may have taken effect");
            }
            gone.join();
        }
    }

    private static void takeOneCallAndGoAway(ServerSocket server) {
        try (Socket caller = server.accept()) {
            BufferedReader request =
                    new BufferedReader(new InputStreamReader(caller.getInputStream(), StandardCharsets.UTF_8));
            assertThat(request.lines().anyMatch(String::isEmpty))
                    .as("a whole head")
                    .isTrue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonObject call(PlinthProcess plinth, String what) {
        return new JsonObject(plinth.get("/api/todo/call/" + what).body());
    }

    private Path place(String name, String setting) throws IOException {
        Path place = directory.resolve(name);
        Files.createDirectories(place.resolve("plugins"));
        PlinthProcess.configure(
                place,
                """
                backend:
                  pluginDirectories: [plugins]
                  admin: {listen: '127.0.0.1:0'}
                  database: {client: sqlite, connection: {directory: data}}
                  %s
                """
                        .formatted(setting));
        return place;
    }
}
