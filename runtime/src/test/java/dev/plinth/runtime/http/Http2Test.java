package dev.plinth.runtime.http;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.Futures;
import dev.plinth.runtime.testing.LogLines;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many requests on one connection: what is wrong with one must not hurt those beside it. */
class Http2Test {

    private static final int MAX_BODY = 10_000;
    private static final int TIMEOUT_MILLIS = 300;
    private static final int LATER_MILLIS = 2 * TIMEOUT_MILLIS;

    private PublicServer server;
    private HttpClient client;
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Promise<Void> beside = Promise.promise();

    @BeforeEach
    void aServerWithTls() throws Exception {
        server = PublicServer.start("{'https': true, 'server': {'maxBodyBytes': " + MAX_BODY + ", 'requestTimeout': "
                + TIMEOUT_MILLIS + ", 'maxHeadersCount': 40}}");
        client = server.vertx.createHttpClient(
                new HttpClientOptions()
                        .setSsl(true)
                        .setTrustAll(true)
                        .setVerifyHost(false)
                        .setUseAlpn(true)
                        .setProtocolVersion(HttpVersion.HTTP_2),
                new PoolOptions().setHttp2MaxSize(1));
        Router router = server.plugin("todo");
        router.post("/echo").handler(BodyHandler.create(false)).handler(request -> request.response()
                .end(request.body().buffer()));
        router.post("/hear")
                .handler(request ->
                        request.request().body().onFailure(failures::add).onSuccess(body -> request.end(body)));
        router.post("/stream").handler(request -> {
            request.request().handler(data -> {});
            request.response().setChunked(true).write("begun");
        });
        router.route("/later").handler(request -> {
            request.request().pause();
            server.vertx.setTimer(
                    LATER_MILLIS,
                    timer ->
                            request.request().resume().body().onSuccess(body -> request.end("later " + body.length())));
        });
        router.get("/hello").handler(request -> request.end("hello"));
        router.get("/beside").handler(request -> beside.future()
                .onComplete(v -> request.response().end("beside")));
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** One answer, read to its end. */
    private record Answer(HttpVersion version, int status, boolean endsConnection, String body) {

        static Future<Answer> of(Future<HttpClientResponse> coming) {
            return coming.compose(response -> response.body()
                    .map(body -> new Answer(
                            response.version(),
                            response.statusCode(),
                            response.headers().contains("connection"),
                            body.toString(UTF_8))));
        }
    }

    @Test
    void takesABodyThatDoesNotSayHowLongItIs() {
        HttpClientRequest request = request(HttpMethod.POST, "/api/todo/echo").setChunked(true);
        request.write("one ");
        request.end("two");

        assertThat(Futures.await(Answer.of(request.response())))
                .isEqualTo(new Answer(HttpVersion.HTTP_2, 200, false, "one two"));
    }

    @Test
    void refusesABodyThatIsTooLongAndNothingElse() {
        Future<Answer> other = get("/api/todo/beside");
        try (LogLines log = LogLines.of(PluginErrors.class)) {
            for (boolean announced : new boolean[] {true, false}) {
                HttpClientRequest request = request(HttpMethod.POST, "/api/todo/echo");
                Buffer tooLong = Buffer.buffer(new byte[MAX_BODY + 1]);
                if (announced) {
                    request.end(tooLong);
                } else {
                    request.setChunked(true).write(tooLong);
                }

                Answer answer = Futures.await(Answer.of(request.response()));

                assertThat(answer.status()).isEqualTo(413);
                assertThat(answer.endsConnection()).isFalse();
                assertThat(new JsonObject(answer.body()).getString("detail"))
                        .isEqualTo("a request's body has at most 10000 bytes");
            }
            assertThat(log.lines().stream().filter(line -> line.contains("failed with")))
                    .isEmpty();
        }
        assertServed(other);
    }

    @Test
    void tellsWhoHasMuchMoreToSendThatItIsTooLong() {
        HttpClientRequest request = request(HttpMethod.POST, "/api/todo/echo");
        request.end(Buffer.buffer(new byte[30_000_000]));

        assertThat(Futures.await(Answer.of(request.response())).status()).isEqualTo(413);

        assertThat(Futures.await(get("/api/todo/hello")).body()).isEqualTo("hello");
        eventually(() -> server.http.inFlight() == 0);
    }

    @Test
    void cutsOffABodyThatIsTooSlowAndNothingElse() {
        Future<Answer> other = get("/api/todo/beside");
        HttpClientRequest slow = request(HttpMethod.POST, "/api/todo/hear").setChunked(true);
        slow.write("never more");

        Answer answer = Futures.await(Answer.of(slow.response()));

        assertThat(answer.status()).isEqualTo(408);
        assertThat(new JsonObject(answer.body()).getString("detail"))
                .isEqualTo("the request's body did not come in time");
        eventually(() -> failures.size() == 1);
        assertServed(other);
    }

    @Test
    void takesNoRequestForTooSlowThatItsPluginDoesNotReadYet() {
        assertThat(Futures.await(get("/api/todo/later")).body()).isEqualTo("later 0");

        HttpClientRequest post = request(HttpMethod.POST, "/api/todo/later");
        post.end("abc");
        assertThat(Futures.await(Answer.of(post.response())).body()).isEqualTo("later 3");
    }

    @Test
    void cutsOffABodyThatIsTooSlowForAnAnswerThatHasBegun() {
        Future<Answer> other = get("/api/todo/beside");
        HttpClientRequest slow = request(HttpMethod.POST, "/api/todo/stream").setChunked(true);
        slow.write("never more");

        assertThat(Futures.failure(Answer.of(slow.response()))).isInstanceOf(StreamResetException.class);

        assertServed(other);
    }

    @Test
    void refusesTooManyHeadersAndNothingElse() {
        Future<Answer> other = get("/api/todo/beside");
        HttpClientRequest request = request(HttpMethod.GET, "/api/todo/hello");
        for (int i = 0; i < 41; i++) {
            request.putHeader("x-" + i, "a");
        }

        Answer answer = Futures.await(Answer.of(request.send()));

        assertThat(answer.status()).isEqualTo(431);
        assertThat(answer.endsConnection()).isFalse();
        assertServed(other);
        assertThat(Futures.await(get("/api/todo/hello")).body()).isEqualTo("hello");
    }

    /** What was asked for on the same connection, and nothing is left of what went wrong beside it. */
    private void assertServed(Future<Answer> other) {
        beside.complete();
        assertThat(Futures.await(other).body()).isEqualTo("beside");
        eventually(() -> server.http.inFlight() == 0);
    }

    private HttpClientRequest request(HttpMethod method, String path) {
        return Futures.await(client.request(method, server.port, "localhost", path));
    }

    private Future<Answer> get(String path) {
        return Answer.of(request(HttpMethod.GET, path).send());
    }
}
