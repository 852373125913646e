package dev.plinth.runtime.http;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.http.Health.PluginHealth;
import dev.plinth.runtime.logging.LogScope;
import dev.plinth.runtime.testing.Configs;
import dev.plinth.runtime.testing.LogLines;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpServiceTest {

    private static final Duration PATIENT = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final PluginSites sites = new PluginSites();
    private final List<PluginHealth> health = new CopyOnWriteArrayList<>();
    private final List<AnsweredRequest> answered = new CopyOnWriteArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void runsHandlersOnThePluginsContext() throws Exception {
        start(settings());
        Router router = Router.router(vertx);
        Context context = deploy(ThreadingModel.EVENT_LOOP);
        router.get("/where").handler(request -> request.response().end(where(context)));
        sites.serving("todo", List.of(new Endpoint(context, router, vertx)));

        assertThat(get("/api/todo/where").body()).isEqualTo("here");
    }

    @Test
    void runsHandlersOfAWorkerPluginOnItsWorkers() throws Exception {
        start(settings());
        Router router = Router.router(vertx);
        Context context = deploy(ThreadingModel.WORKER);
        router.get("/where").handler(request -> request.response().end(String.valueOf(Context.isOnWorkerThread())));
        sites.serving("todo", List.of(new Endpoint(context, router, vertx)));

        assertThat(get("/api/todo/where").body()).isEqualTo("true");
    }

    @Test
    void deliversBodyEventsOnThePluginsContext() throws Exception {
        start(settings());
        Router router = Router.router(vertx);
        Context context = deploy(ThreadingModel.WORKER);
        router.post("/echo").handler(request -> echo(context, request));
        sites.serving("todo", List.of(new Endpoint(context, router, vertx)));

        byte[] body = new byte[3_000_000];
        HttpResponse<String> response = send("/api/todo/echo", "POST", BodyPublishers.ofByteArray(body));

        assertThat(response.body()).isEqualTo("3000000 here here");
    }

    @Test
    void deliversTheBodyToAHandlerThatComesLate() throws Exception {
        start(settings());
        Router router = serving("todo");
        router.route().handler(this::later);
        router.route().handler(BodyHandler.create(false));
        router.post("/size").handler(request -> request.response()
                .end(String.valueOf(request.body().length())));

        HttpResponse<String> response = send("/api/todo/size", "POST", BodyPublishers.ofByteArray(new byte[500_000]));

        assertThat(response.body()).isEqualTo("500000");
    }

    @Test
    void readsFormsAndUploads(@TempDir Path uploads) throws Exception {
        start(settings());
        Router router = serving("todo");
        router.route().handler(BodyHandler.create(uploads.toString()));
        Context context = contextOf("todo");
        router.post("/form").handler(request -> request.response()
                .end(request.request().getFormAttribute("name") + " "
                        + request.fileUploads().get(0).size() + " " + where(context)));
        String form =
                """
                --b
                Content-Disposition: form-data; name="name"

                milk
                --b
                Content-Disposition: form-data; name="file"; filename="a.txt"
                Content-Type: text/plain

                %s
                --b--
                """
                        .formatted("x".repeat(100_000))
                        .replace("\n", "\r\n");

        HttpRequest request = HttpRequest.newBuilder(uri("/api/todo/form"))
                .header("content-type", "multipart/form-data; boundary=b")
                .POST(BodyPublishers.ofString(form))
                .build();

        assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("milk 100000 here");
    }

    @Test
    void takesRequestsInTurnToEachInstance() throws Exception {
        start(settings());
        List<Endpoint> endpoints = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            Router router = Router.router(vertx);
            router.get("/name").handler(request -> request.response().end(name));
            endpoints.add(new Endpoint(deploy(ThreadingModel.EVENT_LOOP), router, vertx));
        }
        sites.serving("todo", endpoints);

        assertThat(List.of(
                        get("/api/todo/name").body(),
                        get("/api/todo/name").body(),
                        get("/api/todo/name").body()))
                .containsExactly("a", "b", "c");
    }

    @Test
    void findsThePluginWhateverTheCaseOfItsId() throws Exception {
        start(settings());
        serving("toDo").get("/items").handler(request -> request.response().end("items"));

        assertThat(get("/api/todo/items").body()).isEqualTo("items");
        assertThat(get("/API/TODO/items").body()).isEqualTo("items");
        assertThat(get("/api/t%6Fdo/items").body()).isEqualTo("items");
    }

    @Test
    void servesAPluginsRoot() throws Exception {
        start(settings());
        serving("todo").get("/").handler(request -> request.response().end("root"));

        assertThat(get("/api/todo").body()).isEqualTo("root");
        assertThat(get("/api/todo/").body()).isEqualTo("root");
    }

    @Test
    void keepsAPluginsRoutesBelowItsOwnPath() throws Exception {
        start(settings());
        serving("todo").route().handler(request -> request.response().end("todo"));
        serving("catalog").route().handler(request -> request.response().end("catalog"));

        assertThat(raw("GET /api/todo/../catalog/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                .endsWith("catalog");
        assertThat(get("/other").statusCode()).isEqualTo(404);
        assertThat(get("/api/todolist").statusCode()).isEqualTo(404);
    }

    @Test
    void answersUnknownPluginsAndRoutesWithAProblem() throws Exception {
        start(settings());
        serving("todo").get("/items").handler(request -> request.response().end("items"));

        assertProblem(get("/api/nothing/x"), 404, "there is no plugin 'nothing'");
        assertProblem(get("/api/todo/x"), 404, "plugin 'todo' has no such route");
        HttpResponse<String> notAllowed = send("/api/todo/items", "DELETE", BodyPublishers.noBody());
        assertProblem(notAllowed, 405, "plugin 'todo' takes GET here");
        assertThat(notAllowed.headers().firstValue("allow")).contains("GET");
        assertProblem(get("/nothing"), 404, "there is nothing at this path; plugins answer below /api/");
    }

    @Test
    void answersHeadAsGetWithoutTheBody() throws Exception {
        start(settings());
        Router router = serving("todo");
        router.get("/items/:id").handler(request -> request.response()
                .putHeader("x-of", request.pathParam("id") + request.request().getParam("page"))
                .end("items"));
        router.post("/items").handler(request -> request.response().end("posted"));
        Router own = serving("own");
        own.get("/it").handler(request -> request.response().end("get"));
        own.head("/it")
                .handler(request ->
                        request.response().putHeader("content-length", "4711").end());

        HttpResponse<String> items = send("/api/todo/items/7?page=2", "HEAD", BodyPublishers.noBody());

        assertThat(items.statusCode()).isEqualTo(200);
        assertThat(items.headers().firstValue("x-of")).hasValue("72");
        assertThat(items.headers().firstValue("x-request-id")).isPresent();
        assertThat(items.body()).isEmpty();
        assertThat(send("/api/own/it", "HEAD", BodyPublishers.noBody())
                        .headers()
                        .firstValue("content-length"))
                .hasValue("4711");
        assertThat(send("/api/todo/nowhere", "HEAD", BodyPublishers.noBody()).statusCode())
                .isEqualTo(404);
        HttpResponse<String> notAllowed = send("/api/todo/items", "HEAD", BodyPublishers.noBody());
        assertThat(notAllowed.statusCode()).isEqualTo(405);
        assertThat(notAllowed.headers().firstValue("allow")).hasValue("POST");
    }

    @Test
    void answersHeadAsGetWhereAPluginHasNoRouteForItThere() throws Exception {
        start(settings());
        Router router = serving("todo");
        Router below = Router.router(vertx);
        router.get().handler(request -> request.response().setStatusCode(203).end("get"));
        for (String own : List.of("/it", "/items/:id", "/files/:name.:type", "/all/*", "/start*", "/deep/:id/*")) {
            router.head(own)
                    .handler(request -> request.response().setStatusCode(204).end());
        }
        below.head("/in/:id")
                .handler(request -> request.response().setStatusCode(204).end());
        below.head("/").handler(request -> request.response().setStatusCode(204).end());
        router.route("/below/*").subRouter(below);
        Router whole = Router.router(vertx);
        whole.head().handler(request -> request.response().setStatusCode(204).end());
        router.route("/whole/*").subRouter(whole);
        Router some = Router.router(vertx);
        some.headWithRegex("/.*")
                .handler(request -> request.response().setStatusCode(204).end());
        router.route("/some/*").subRouter(some);

        for (String own : List.of(
                "/it",
                "/it/",
                "/items/1",
                "/files/a.b",
                "/all",
                "/all/x/y",
                "/start",
                "/starts/x",
                "/deep/1/x",
                "/below/in/2",
                "/below/",
                "/whole/x",
                "/some/x")) {
            assertThat(send("/api/todo" + own, "HEAD", BodyPublishers.noBody()).statusCode())
                    .as(own)
                    .isEqualTo(204);
        }
        for (String other : List.of(
                "/",
                "/item",
                "/its",
                "/it/x",
                "/items/1/2",
                "/files/a",
                "/alleys",
                "/deep/1",
                "/below/in/2/3",
                "/wholes",
                "/sometimes/x")) {
            assertThat(send("/api/todo" + other, "HEAD", BodyPublishers.noBody())
                            .statusCode())
                    .as(other)
                    .isEqualTo(203);
        }
    }

    @Test
    void leavesHeadToAPluginThatTakesItByRegularExpression() throws Exception {
        start(settings());
        Router router = serving("todo");
        router.headWithRegex("/.*t")
                .handler(request -> request.response().setStatusCode(204).end());

        assertThat(send("/api/todo/it", "HEAD", BodyPublishers.noBody()).statusCode())
                .isEqualTo(204);
    }

    @Test
    void saysThatPagesOfHealthCanOnlyBeRead() throws Exception {
        start(settings());

        HttpResponse<String> response = send("/health/live", "POST", BodyPublishers.noBody());

        assertProblem(response, 405, "this page can only be read, with GET");
        assertThat(response.headers().firstValue("allow")).hasValue("GET, HEAD");
    }

    @Test
    void answersAPluginsMistakeWithoutShowingIt() throws Exception {
        start(settings());
        Router router = serving("todo");
        router.get("/throws").handler(request -> {
            throw new IllegalStateException("10.0.0.5:5432 secret");
        });
        router.get("/fails").respond(request -> Future.failedFuture("secret"));

        assertProblem(get("/api/todo/throws"), 500, "plugin 'todo' failed; its log names this request");
        assertThat(get("/api/todo/fails").body()).doesNotContain("secret");
    }

    @Test
    void answersWhatAPluginRefusesWithItsOwnWords() throws Exception {
        start(settings());
        serving("todo").get("/teapot").handler(request -> request.fail(new HttpException(418, "short and stout")));

        assertProblem(get("/api/todo/teapot"), 418, "short and stout");
        serving("short").post("/post").handler(BodyHandler.create(false).setBodyLimit(1));
        assertProblem(
                send("/api/short/post", "POST", BodyPublishers.ofString("long")),
                413,
                "plugin 'short' takes no body as long as this here");
    }

    @Test
    void saysThatTheDatabaseIsBusyOrAway() throws Exception {
        start(settings());
        Router router = serving("todo");
        router.get("/busy").respond(request -> Future.failedFuture(new PoolExhaustedException("max 10 at 10.0.0.5")));
        router.get("/away")
                .respond(request -> Future.failedFuture(new DatabaseUnavailableException("10.0.0.5:5432 refused")));

        HttpResponse<String> busy = get("/api/todo/busy");
        assertProblem(busy, 503, "plugin 'todo' has more work for its database than it can do now");
        assertThat(busy.headers().firstValue("retry-after")).isPresent();
        assertProblem(get("/api/todo/away"), 503, "the database of plugin 'todo' is not available");
    }

    @Test
    void holdsRequestsToAPluginThatIsStarting() throws Exception {
        HttpService http = start(settings());
        sites.starting("todo", "waiting for its database");
        CompletableFuture<HttpResponse<String>> held = client.sendAsync(
                HttpRequest.newBuilder(uri("/api/todo/size"))
                        .POST(BodyPublishers.ofByteArray(new byte[200_000]))
                        .build(),
                BodyHandlers.ofString());
        eventually(() -> http.inFlight() == 1);

        Router router = Router.router(vertx);
        router.route().handler(BodyHandler.create(false));
        router.post("/size").handler(request -> request.response()
                .end(String.valueOf(request.body().length())));
        sites.serving("todo", List.of(new Endpoint(deploy(ThreadingModel.EVENT_LOOP), router, vertx)));

        assertThat(held.get(20, SECONDS).body()).isEqualTo("200000");
    }

    @Test
    void holdsThemForALimitedTimeOnly() throws Exception {
        start(settings(Duration.ofMillis(50)));
        sites.starting("todo", "waiting for its database");

        HttpResponse<String> response = get("/api/todo/items");

        assertProblem(response, 503, "plugin 'todo' is not ready: waiting for its database");
        assertThat(response.headers().firstValue("retry-after")).isPresent();
    }

    @Test
    void refusesRequestsToAFailedPluginAtOnce() throws Exception {
        start(settings());
        sites.unavailable("todo", "its database cannot be used");

        assertProblem(get("/api/todo/items"), 503, "plugin 'todo' is not ready: its database cannot be used");
    }

    @Test
    void takesNoMoreRequestsThanAPluginMayHaveAtOnce() throws Exception {
        start(settings());
        Promise<String> answer = Promise.promise();
        CountDownLatch asked = new CountDownLatch(1);
        serving("busy").get("/slow").respond(request -> {
            asked.countDown();
            return answer.future();
        });
        CompletableFuture<HttpResponse<String>> first =
                client.sendAsync(HttpRequest.newBuilder(uri("/api/busy/slow")).build(), BodyHandlers.ofString());
        assertThat(asked.await(20, SECONDS)).isTrue();
        Future<?> idle = sites.idle("busy", List.of(contexts.get("busy")));

        assertProblem(
                get("/api/busy/slow"),
                503,
                "plugin 'busy' has 1 requests in flight and 0 waiting, it takes no more now");
        assertThat(idle.isComplete()).isFalse();

        answer.complete("done");
        assertThat(first.get(20, SECONDS).body()).isEqualTo("done");
        await(idle);
        assertThat(get("/api/busy/slow").body()).isEqualTo("done");
    }

    @Test
    void letsARequestWaitForItsTurn() throws Exception {
        HttpService http = start(settings());
        Promise<String> answer = Promise.promise();
        serving("queues").get("/slow").respond(request -> answer.future());
        CompletableFuture<HttpResponse<String>> first = sendGet("/api/queues/slow");
        eventually(() -> http.inFlight() == 1);
        CompletableFuture<HttpResponse<String>> second = sendGet("/api/queues/slow");
        eventually(() -> http.inFlight() == 2);

        assertProblem(
                get("/api/queues/slow"),
                503,
                "plugin 'queues' has 1 requests in flight and 1 waiting, it takes no more now");
        answer.complete("done");

        assertThat(first.get(20, SECONDS).body()).isEqualTo("done");
        assertThat(second.get(20, SECONDS).body()).isEqualTo("done");
        assertThat(get("/api/queues/slow").body()).isEqualTo("done");
    }

    @Test
    void letsARequestWaitForALimitedTimeOnly() throws Exception {
        HttpService http = start(settings(Duration.ofMillis(50)));
        Promise<String> answer = Promise.promise();
        serving("queues").get("/slow").respond(request -> answer.future());
        CompletableFuture<HttpResponse<String>> first = sendGet("/api/queues/slow");
        eventually(() -> http.inFlight() == 1);

        assertProblem(
                get("/api/queues/slow"),
                503,
                "plugin 'queues' has 1 requests in flight, and none of them ended in time");
        answer.complete("done");

        assertThat(first.get(20, SECONDS).body()).isEqualTo("done");
        assertThat(get("/api/queues/slow").body()).isEqualTo("done");
    }

    @Test
    void answersInPlaceOfAnInstanceThatCannot() throws Exception {
        HttpService http = start(settings());
        CountDownLatch blocked = new CountDownLatch(1);
        List<String> begun = new CopyOnWriteArrayList<>();
        Router router = serving("todo");
        router.get("/block").handler(request -> {
            awaitQuietly(blocked);
            request.end("late");
        });
        router.post("/items").handler(request -> {
            begun.add("items");
            request.end("items");
        });
        CompletableFuture<HttpResponse<String>> blocking = sendGet("/api/todo/block");
        eventually(() -> http.inFlight() == 1);
        CompletableFuture<HttpResponse<String>> behind = client.sendAsync(
                HttpRequest.newBuilder(uri("/api/todo/items"))
                        .POST(BodyPublishers.ofString("{}"))
                        .build(),
                BodyHandlers.ofString());
        eventually(() -> http.inFlight() == 2);

        sites.abandon("todo", List.of(contexts.get("todo")), "its event loop is blocked");

        assertProblem(blocking.get(20, SECONDS), 503, "plugin 'todo' cannot answer: its event loop is blocked");
        assertProblem(behind.get(20, SECONDS), 503, "plugin 'todo' cannot answer: its event loop is blocked");
        blocked.countDown();
        await(sites.idle("todo", List.of(contexts.get("todo"))));
        assertThat(begun).isEmpty();
        assertThat(client.send(
                                HttpRequest.newBuilder(uri("/api/todo/items"))
                                        .POST(BodyPublishers.ofString("{}"))
                                        .build(),
                                BodyHandlers.ofString())
                        .body())
                .isEqualTo("items");
    }

    @Test
    void doesNotBlameAPluginForAnAnswerThatWasGivenInItsPlace() throws Exception {
        start(settings());
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        CountDownLatch over = new CountDownLatch(1);
        Router router = serving("todo");
        router.get("/block").handler(request -> {
            begun.countDown();
            awaitQuietly(blocked);
            try {
                request.response().setStatusCode(201).putHeader("x-late", "yes").setStatusMessage("Late");
            } catch (IllegalStateException late) {
                failures.add(late);
            }
            request.end("late").onComplete((sent, failure) -> over.countDown());
        });
        CompletableFuture<HttpResponse<String>> blocking = sendGet("/api/todo/block");
        assertThat(begun.await(20, SECONDS)).isTrue();

        sites.abandon("todo", List.of(contexts.get("todo")), "its event loop is blocked");

        assertProblem(blocking.get(20, SECONDS), 503, "plugin 'todo' cannot answer: its event loop is blocked");
        blocked.countDown();
        assertThat(over.await(20, SECONDS)).isTrue();
        assertThat(failures).isEmpty();
    }

    @Test
    void breaksOffWhatAnInstanceThatIsGoneHasBegun() throws Exception {
        HttpService http = start(settings());
        CountDownLatch begun = new CountDownLatch(1);
        serving("todo")
                .get("/half")
                .handler(request ->
                        request.response().setChunked(true).write("half").onComplete(written -> begun.countDown()));
        CompletableFuture<HttpResponse<String>> half = sendGet("/api/todo/half");
        assertThat(begun.await(20, SECONDS)).isTrue();
        Future<?> idle = sites.idle("todo", List.of(contexts.get("todo")));

        sites.unmount("todo", List.of(contexts.get("todo")), "it has stopped");

        assertThat(half).failsWithin(20, SECONDS);
        await(idle);
        eventually(() -> http.inFlight() == 0);
    }

    @Test
    void refusesWhatReachesAnInstanceThatIsGone() throws Exception {
        start(settings());
        List<String> begun = new CopyOnWriteArrayList<>();
        serving("todo").get("/items").handler(request -> {
            begun.add("items");
            request.end("items");
        });

        sites.unmount("todo", List.of(contexts.get("todo")), "it has stopped");

        assertProblem(get("/api/todo/items"), 503, "plugin 'todo' cannot answer: it has stopped");
        assertThat(begun).isEmpty();
    }

    @Test
    void leavesNoRequestWithoutAnEndWhenItsInstanceGoesAtThatMoment() throws Exception {
        HttpService http = start(settings());
        for (int round = 0; round < 100; round++) {
            String id = "p" + round;
            serving(id)
                    .get("/half")
                    .handler(request -> request.response().setChunked(true).write("half"));
            CompletableFuture<HttpResponse<String>> half = sendGet("/api/" + id + "/half");
            int before = round % 2;
            eventually(() -> http.inFlight() >= before);

            sites.unmount(id, List.of(contexts.get(id)), "it has stopped");

            assertThat(half.handle((response, failure) -> failure != null || response.statusCode() == 503)
                            .get(20, SECONDS))
                    .isTrue();
        }
    }

    @Test
    void showsAPluginItsAnswerAsOverFromItsEndOn() throws Exception {
        start(settings());
        Router router = serving("todo");
        CompletableFuture<List<Object>> seen = new CompletableFuture<>();
        router.get("/x").handler(request -> {
            HttpServerResponse response = request.response();
            Future<Void> sent = response.end("hello");
            List<Object> states = List.of(
                    response.ended(),
                    response.headWritten(),
                    response.bytesWritten(),
                    refuses(() -> response.putHeader("x-late", "1")),
                    refuses(() -> response.setStatusCode(500)),
                    refuses(() -> response.write("more")),
                    refuses(() -> response.end("again")));
            sent.onComplete(v -> seen.complete(states), seen::completeExceptionally);
        });

        assertThat(get("/api/todo/x").body()).isEqualTo("hello");
        assertThat(seen.get(20, SECONDS)).containsExactly(true, true, 5L, true, true, true, true);
    }

    @Test
    void encodesALongTextOffThePluginsEventLoop() throws Exception {
        start(settings());
        Router router = serving("todo");
        String text = "ä".repeat(10_000_000);
        CompletableFuture<List<Object>> seen = new CompletableFuture<>();
        router.get("/x").handler(request -> {
            HttpServerResponse response = request.response();
            long before = cpuNanos();
            response.end(text);
            long taken = cpuNanos() - before;
            seen.complete(List.of(
                    response.ended(),
                    response.headWritten(),
                    refuses(() -> response.putHeader("x-late", "1")),
                    refuses(() -> response.end("again")),
                    taken < encodingNanos(text) / 3));
        });

        assertThat(get("/api/todo/x").body()).isEqualTo(text);
        assertThat(seen.get(20, SECONDS)).containsExactly(true, true, true, true, true);
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long encodingNanos(String text) {
        long before = cpuNanos();
        assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeGreaterThan(text.length());
        return cpuNanos() - before;
    }

    private static boolean refuses(Runnable call) {
        try {
            call.run();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    @Test
    void tellsAPluginOfTheEndOfItsAnswerBeforeTheEndReturns() throws Exception {
        start(settings());
        Router router = serving("todo");
        List<String> events = new CopyOnWriteArrayList<>();
        router.get("/x").handler(request -> {
            request.response().headersEndHandler(v -> events.add("headers"));
            request.response().bodyEndHandler(v -> events.add("body"));
            request.response().endHandler(v -> events.add("end"));
            request.response().end("hello");
            events.add("returned");
        });

        assertThat(get("/api/todo/x").body()).isEqualTo("hello");
        eventually(() -> events.contains("returned"));
        assertThat(events).containsExactly("headers", "body", "end", "returned");
    }

    @Test
    void sendsAnAnswerThoughThePluginThenBlocksItsEventLoop() throws Exception {
        start(settings());
        Router router = serving("todo");
        CountDownLatch received = new CountDownLatch(1);
        router.get("/x").handler(request -> {
            request.response().end("hello");
            awaitQuietly(received);
        });

        assertThat(get("/api/todo/x").body()).isEqualTo("hello");
        received.countDown();
    }

    @Test
    void sendsManyAnswersThatAreGivenAtOnce() throws Exception {
        start(settings());
        Router router = serving("todo");
        List<RoutingContext> waiting = new ArrayList<>();
        router.get("/:name").handler(request -> {
            waiting.add(request);
            if (waiting.size() == 50) {
                waiting.forEach(other -> other.response().end(other.pathParam("name")));
            }
        });
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(sendGet("/api/todo/" + i));
        }

        for (int i = 0; i < 50; i++) {
            assertThat(answers.get(i).get(20, SECONDS).body()).isEqualTo(String.valueOf(i));
        }
    }

    @Test
    void takesOrMakesARequestIdAndReturnsIt() throws Exception {
        start(settings());
        serving("todo").get("/id").handler(request -> request.response()
                .end(request.request().getHeader("x-request-id")));

        HttpResponse<String> given = client.send(
                HttpRequest.newBuilder(uri("/api/todo/id"))
                        .header("X-Request-Id", "abc-1")
                        .build(),
                BodyHandlers.ofString());
        HttpResponse<String> made = get("/api/todo/id");
        HttpResponse<String> hostile = client.send(
                HttpRequest.newBuilder(uri("/api/todo/id"))
                        .header("X-Request-Id", "a b\tc")
                        .build(),
                BodyHandlers.ofString());

        assertThat(given.body()).isEqualTo("abc-1");
        assertThat(given.headers().firstValue("x-request-id")).contains("abc-1");
        assertThat(made.headers().firstValue("x-request-id")).contains(made.body());
        assertThat(hostile.body()).isNotEqualTo("a b\tc");
    }

    @Test
    void goesOnWithTheCallersTraceAndBeginsOneElse() throws Exception {
        start(settings());
        serving("todo").get("/trace").handler(request -> request.response()
                .end(request.request().getHeader("traceparent")));
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        HttpResponse<String> given = client.send(
                HttpRequest.newBuilder(uri("/api/todo/trace"))
                        .header("traceparent", trace)
                        .build(),
                BodyHandlers.ofString());
        HttpResponse<String> wrong = client.send(
                HttpRequest.newBuilder(uri("/api/todo/trace"))
                        .header("traceparent", trace.replace('a', 'X'))
                        .build(),
                BodyHandlers.ofString());

        assertThat(given.body())
                .matches("00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01")
                .isNotEqualTo(trace);
        assertThat(given.headers().firstValue("traceparent")).contains(given.body());
        assertThat(wrong.body()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00").doesNotContain("8448eb211c80319c");
    }

    @Test
    void saysWhatALogLineBelongsToWhereverThePluginsCodeRuns() throws Exception {
        start(settings());
        Router router = serving("todo");
        router.get("/now").handler(request -> request.response().end(scope()));
        router.get("/later")
                .handler(request -> vertx.setTimer(1, id -> request.response().end(scope())));
        router.get("/blocking").respond(request -> vertx.executeBlocking(HttpServiceTest::scope));

        for (String path : List.of("/now", "/later", "/blocking")) {
            HttpResponse<String> response = get("/api/todo" + path);
            String id = response.headers().firstValue("x-request-id").orElseThrow();
            assertThat(response.body()).contains("todo " + id);
        }
    }

    @Test
    void tellsTheObserverOfEveryRequest() throws Exception {
        start(settings());
        Router router = serving("todo");
        router.route().handler(BodyHandler.create(false));
        router.put("/items/:id")
                .handler(request -> request.response().setStatusCode(201).end("made"));

        send("/api/todo/items/7", "PUT", BodyPublishers.ofString("12345"));
        get("/api/todo/other");
        get("/nowhere");

        eventually(() -> answered.size() == 3);
        assertThat(answered)
                .extracting(request -> request.plugin() + " " + request.method() + " " + request.route() + " "
                        + request.status() + " " + request.bytesRead())
                .containsExactly("todo PUT /api/todo/items/:id 201 5", "todo GET  404 0", " GET  404 0");
        assertThat(answered.get(0).bytesWritten()).isEqualTo(4);
        assertThat(answered.get(0).nanos()).isPositive();
    }

    @Test
    void refusesABodyThatIsTooLarge() throws Exception {
        start(settings());
        serving("todo").post("/size").handler(request -> request.request()
                .body()
                .onSuccess(body -> request.response().end("read")));

        HttpResponse<String> announced =
                send("/api/todo/size", "POST", BodyPublishers.ofByteArray(new byte[5_000_000]));
        HttpResponse<String> chunked = send(
                "/api/todo/size",
                "POST",
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[5_000_000])));

        assertProblem(announced, 413, "a request's body has at most 4000000 bytes");
        assertProblem(chunked, 413, "a request's body has at most 4000000 bytes");
    }

    @Test
    void cutsASenderThatTakesForeverOverItsBody() throws Exception {
        start(settings());
        serving("todo").post("/size").handler(request -> request.request()
                .body()
                .onSuccess(body -> request.response().end("read")));

        assertThat(raw("POST /api/todo/size HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"))
                .isEmpty();
    }

    @Test
    void refusesALengthBesideAChunkedBody() throws Exception {
        start(settings());
        serving("todo").post("/size").handler(request -> request.response().end("smuggled"));

        String answer = raw(
                """
                POST /api/todo/size HTTP/1.1
                Host: a
                Content-Length: 5
                Transfer-Encoding: chunked

                0

                """
                        .replace("\n", "\r\n"));

        assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
    }

    @Test
    void refusesHeadersThatAreTooLong() throws Exception {
        start(settings());

        assertThat(raw("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431");
    }

    @Test
    void livesEvenWhenNothingIsReady() throws Exception {
        start(settings());
        health.add(plugin("todo", "provisioning", true, false));

        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/.backstage/health/v1/liveness").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(new JsonObject(ready.body()).getString("status")).isEqualTo("starting");
        assertThat(get("/health/startup").statusCode()).isEqualTo(503);
    }

    @Test
    void isReadyThoughAPluginFailedThatIsNotRequired() throws Exception {
        start(settings());
        health.add(plugin("todo", "ready", false, true));
        health.add(plugin("catalog", "failed", false, false));

        HttpResponse<String> ready = get("/health/ready");

        assertThat(ready.statusCode()).isEqualTo(200);
        JsonObject plugins = new JsonObject(ready.body()).getJsonObject("plugins");
        assertThat(plugins.getJsonObject("catalog").getString("state")).isEqualTo("failed");
        assertThat(plugins.getJsonObject("todo").getString("database")).isEqualTo("up");
        assertThat(get("/.backstage/health/v1/readiness").statusCode()).isEqualTo(200);
        assertThat(get("/health/startup").statusCode()).isEqualTo(200);
    }

    @Test
    void isNotReadyWithoutARequiredPlugin() throws Exception {
        start(settings(Duration.ofSeconds(20), Set.of("catalog")));
        health.add(plugin("todo", "ready", false, true));
        health.add(plugin("Catalog", "failed", false, false));

        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void countsAFileWhoseReaderGoesAwayAsDone(@TempDir Path files) throws Exception {
        HttpService http = start(settings());
        Path file = Files.write(files.resolve("big"), new byte[50_000_000]);
        serving("todo").get("/big").handler(request -> request.response().sendFile(file.toString()));

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("GET /api/todo/big HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            assertThat(http.inFlight()).isEqualTo(1);
        }

        eventually(() -> http.inFlight() == 0);
    }

    @Test
    void aCallerWhoGoesAwayInTheMiddleOfItsBodyIsNoFaultOfThePlugin() throws Exception {
        HttpService http = start(settings());
        Promise<Void> failed = Promise.promise();
        Router router = serving("todo");
        router.post("/items").handler(BodyHandler.create(false)).failureHandler(context -> {
            context.next();
            failed.complete();
        });
        try (LogLines log = LogLines.of(PluginErrors.class)) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream()
                        .write("POST /api/todo/items HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"
                                .getBytes(US_ASCII));
                eventually(() -> http.inFlight() == 1);
            }
            await(failed.future());
            eventually(() -> http.inFlight() == 0);

            assertThat(log.lines()).singleElement().asString().contains("was not sent to its end");
        }
    }

    @Test
    void finishesWhatIsInFlightAndTakesNoMore() throws Exception {
        HttpService http = start(settings());
        Promise<String> answer = Promise.promise();
        serving("todo").get("/slow").respond(request -> answer.future());
        CompletableFuture<HttpResponse<String>> slow =
                client.sendAsync(HttpRequest.newBuilder(uri("/api/todo/slow")).build(), BodyHandlers.ofString());
        eventually(() -> http.inFlight() == 1);

        Future<Void> drained = http.drain();
        eventually(() -> refuses());
        assertThat(drained.isComplete()).isFalse();
        answer.complete("done");

        HttpResponse<String> response = slow.get(20, SECONDS);
        assertThat(response.body()).isEqualTo("done");
        assertThat(response.headers().firstValue("connection")).contains("close");
        await(drained);
        assertThat(http.inFlight()).isZero();
    }

    @Test
    void drainsInTimeThoughARequestNeverEnds() throws Exception {
        HttpService http = start(read("{'lifecycle': {'shutdownTimeout': '100ms'}}"));
        serving("todo").get("/never").handler(request -> {});
        CompletableFuture<HttpResponse<String>> never =
                client.sendAsync(HttpRequest.newBuilder(uri("/api/todo/never")).build(), BodyHandlers.ofString());
        eventually(() -> http.inFlight() == 1);

        await(http.drain());

        assertThat(never).failsWithin(Duration.ofSeconds(20));
        eventually(() -> http.inFlight() == 0);
    }

    private static String scope() {
        return LogScope.current()
                .map(scope -> scope.plugin() + " " + scope.requestId())
                .orElse("none");
    }

    private static String where(Context context) {
        Context current = Vertx.currentContext();
        boolean same = current != null
                && current.threadingModel() == context.threadingModel()
                && ((ContextInternal) current).deployment() == ((ContextInternal) context).deployment()
                && ((ContextInternal) current).inThread();
        return same ? "here" : "elsewhere: " + current;
    }

    private static void echo(Context context, RoutingContext request) {
        List<Buffer> chunks = new ArrayList<>();
        List<String> places = new ArrayList<>();
        request.request().handler(chunk -> {
            chunks.add(chunk);
            if (!where(context).equals("here")) {
                places.add("data elsewhere");
            }
        });
        request.request().endHandler(v -> {
            int size = chunks.stream().mapToInt(Buffer::length).sum();
            String place = places.isEmpty() ? "here" : places.get(0);
            request.response().end(size + " " + place + " " + where(context));
        });
    }

    private void later(RoutingContext request) {
        request.request().pause();
        vertx.setTimer(20, id -> {
            request.next();
            request.request().resume();
        });
    }

    private final Map<String, Context> contexts = new ConcurrentHashMap<>();

    private Context contextOf(String id) {
        return contexts.get(id);
    }

    private Router serving(String id) {
        Router router = Router.router(vertx);
        Context context = deploy(ThreadingModel.EVENT_LOOP);
        contexts.put(id, context);
        sites.serving(id, List.of(new Endpoint(context, router, vertx)));
        return router;
    }

    /** Something that owns a context, as a plugin does. */
    private Context deploy(ThreadingModel threading) {
        Promise<Context> deployed = Promise.promise();
        await(vertx.deployVerticle(
                new AbstractVerticle() {
                    @Override
                    public void start() {
                        deployed.complete(context);
                    }
                },
                new DeploymentOptions().setThreadingModel(threading)));
        return await(deployed.future());
    }

    private HttpService start(HttpSettings settings) {
        HttpService http = new HttpService(
                vertx, settings, sites, () -> Future.succeededFuture(List.copyOf(health)), answered::add);
        port = await(http.start());
        return http;
    }

    private int port;

    private static HttpSettings settings() {
        return settings(PATIENT);
    }

    private static HttpSettings settings(Duration startupPause) {
        return settings(startupPause, Set.of());
    }

    private static HttpSettings settings(Duration startupPause, Set<String> required) {
        return read(
                """
                {'server': {'maxBodyBytes': 4000000, 'requestTimeout': '1s'},
                 'lifecycle': {'startupRequestPauseTimeout': '%s'}, 'health': {'required': %s},
                 'plugins': {'busy': {'maxConcurrentRequests': 1, 'maxQueuedRequests': 0},
                   'queues': {'maxConcurrentRequests': 1, 'maxQueuedRequests': 1}}}
                """
                        .formatted(startupPause, new JsonArray(List.copyOf(required)).encode()));
    }

    private static HttpSettings read(String backend) {
        JsonObject json = new JsonObject(backend.replace('\'', '"')).put("listen", "127.0.0.1:0");
        Problems problems = new Problems();
        HttpSettings settings = HttpSettings.read(Configs.of(new JsonObject().put("backend", json)), problems);
        assertThat(problems.list()).isEmpty();
        return settings;
    }

    private static PluginHealth plugin(String id, String state, boolean starting, boolean ready) {
        return new PluginHealth(id, state, starting, ready, "", Instant.EPOCH, "up");
    }

    private CompletableFuture<HttpResponse<String>> sendGet(String path) {
        return client.sendAsync(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String path, String method, HttpRequest.BodyPublisher body)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path)).method(method, body).build(), BodyHandlers.ofString());
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) PATIENT.toMillis());
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private boolean refuses() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return !socket.isConnected();
        } catch (IOException e) {
            return true;
        }
    }

    private static void assertProblem(HttpResponse<String> response, int status, String detail) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
        JsonObject problem = new JsonObject(response.body());
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("detail")).isEqualTo(detail);
        assertThat(problem.getString("requestId"))
                .isEqualTo(response.headers().firstValue("x-request-id").orElseThrow());
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, SECONDS)
                .join();
    }
}
