package dev.plinth.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of plugins that a caller could take for a part of another plugin's answer on the same connection. */
class MalformedAnswersTest {

    private static final String PROBLEM =
            "\"status\":500,\"detail\":\"plugin 'bad' failed; its log names this request\"";

    private PublicServer server;

    @BeforeEach
    void start() throws Exception {
        server = PublicServer.start("{}");
        server.plugin("good").get("/").handler(request -> request.end("good"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1000", "1", "x", "-1"})
    void answersForAPluginThatAnnouncesAnotherLengthThanItSends(String announced) throws Exception {
        bad(request -> request.response().putHeader("content-length", announced).end("body"));

        assertThat(afterBad()).contains("500 Internal Server Error", PROBLEM).endsWith("good");
    }

    @Test
    void breaksOffAnAnswerThatIsShorterThanAnnounced() throws Exception {
        bad(request -> {
            HttpServerResponse response = request.response().putHeader("content-length", "1000");
            response.write("some").onComplete(written -> response.end());
        });

        assertThat(afterBad()).endsWith("some");
    }

    @Test
    void breaksOffAnAnswerThatIsLongerThanAnnounced() throws Exception {
        bad(request -> {
            HttpServerResponse response = request.response().putHeader("content-length", "4");
            response.write("some").onComplete(written -> response.write(Buffer.buffer("more")));
        });

        assertThat(afterBad()).endsWith("some");
    }

    @Test
    void sendsAnAnswerThatIsAsLongAsAnnounced() throws Exception {
        bad(request -> {
            HttpServerResponse response = request.response().putHeader("content-length", "8");
            response.write("some").onComplete(written -> response.end("more"));
        });

        assertThat(afterBad()).contains("somemoreHTTP/1.1 200").endsWith("good");
    }

    @Test
    void saysTheLengthOfAnErrorInPlaceOfTheOneThatThePluginSaid() throws Exception {
        bad(request -> {
            request.response().putHeader("content-length", "1000");
            request.fail(404);
        });

        assertThat(afterBad()).contains("404 Not Found").endsWith("good");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 99, 100, 101, 199, 1000})
    void answersForAPluginWhoseStatusIsNone(int status) throws Exception {
        bad(request -> request.response().setStatusCode(status).end("body"));

        assertThat(afterBad()).contains("500 Internal Server Error", PROBLEM).endsWith("good");
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 204, 1000})
    void answersForAPluginThatFailsWithAStatusThatIsNoFailure(int status) throws Exception {
        bad(request -> request.fail(status));

        assertThat(afterBad()).contains("500 Internal Server Error", PROBLEM).endsWith("good");
    }

    @Test
    void letsAnAnswerWithoutABodySayHowLongItWouldBe() throws Exception {
        bad(request -> request.response().putHeader("content-length", "1000").end());
        server.plugin("unchanged").get("/").handler(request -> request.response()
                .setStatusCode(304)
                .putHeader("content-length", "1000")
                .end());

        assertThat(server.exchange(request("HEAD", "bad") + last()))
                .contains("content-length: 1000")
                .endsWith("good");
        assertThat(server.exchange(request("GET", "unchanged") + last()))
                .contains("304 Not Modified")
                .endsWith("good");
    }

    private void bad(Handler<RoutingContext> handler) {
        server.plugin("bad").route("/").handler(handler);
    }

    /** All that a caller reads that asks the one plugin, and behind it, on the same connection, the other. */
    private String afterBad() throws IOException {
        return server.exchange(request("GET", "bad") + last());
    }

    private static String last() {
        return request("GET", "good").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    }

    private static String request(String method, String plugin) {
        return method + " /api/" + plugin + "/ HTTP/1.1\r\nHost: a\r\n\r\n";
    }
}
