package dev.plinth.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes from callers that are broken, slow or hostile. */
class MalformedRequestsTest {

    private PublicServer server;

    @BeforeEach
    void start() throws Exception {
        server = PublicServer.start(
                "{'server': {'headersTimeout': '300ms', 'requestTimeout': '300ms', 'maxHeaderBytes': 2000, 'maxConnections': 40}}");
        server.plugin("todo").route().handler(request -> request.request()
                .body()
                .onSuccess(body -> request.response().end("read " + body.length())));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense | 400",
                "GET /api/todo/x HTTP/9.9~Host: a | 400",
                "GET /api/todo/%zz HTTP/1.1~Host: a~Connection: close | 400",
                "GET /api/todo/x HTTP/1.1 | 400",
                "GET /api/todo/x HTTP/1.1~Host: a~Host: b | 400",
                "GET /api/todo/x HTTP/1.1~Host: a b | 400",
                "GET /api/todo/x HTTP/1.1~Host: a/b | 400",
                "GET /health/live HTTP/1.1~Host: a:b | 400",
                "GET /api/todo/x HTTP/1.1~Host:~ a | 400",
                "GET /api/todo/x HTTP/1.1~Host: a~X: b~ c | 400",
                "GET /health/live HTTP/1.1~Host: a~X: b~\tc~Y: d | 400",
                "GET /api/todo/x HTTP/1.1~Host: a~no colon | 400",
                "GET /api/todo/x HTTP/1.1~Host: a~bad name: x | 400",
                "POST /api/todo/x HTTP/1.1~Host: a~Content-Length: x | 400",
                "POST /api/todo/x HTTP/1.1~Host: a~Content-Length: -1 | 400",
                "POST /api/todo/x HTTP/1.1~Host: a~Content-Length: 1~Content-Length: 2 | 400",
                "POST /api/todo/x HTTP/1.1~Host: a~Content-Length: 1~Transfer-Encoding: chunked | 400",
                "POST /api/todo/x HTTP/1.1~Host: a~Transfer-Encoding: gzip, chunked | 501",
                "POST /api/todo/x HTTP/1.1~Host: a~Transfer-Encoding: gzip~Transfer-Encoding: chunked | 501",
                "POST /api/todo/x HTTP/1.1~Host: a~Transfer-Encoding: gzip | 400",
                "POST /api/todo/x HTTP/1.1~Host: a~Transfer-Encoding: chunked, gzip | 400",
                "POST /api/todo/x HTTP/1.1~Host: a~Transfer-Encoding: chunked, chunked | 400",
                "POST /api/todo/x HTTP/1.0~Transfer-Encoding: chunked | 400",
            })
    void refusesWhatCannotBeUnderstood(String lines, int status) throws Exception {
        assertProblem(server.exchange(lines.replace("~", "\r\n") + "\r\n\r\n"), status);
    }

    @Test
    void refusesLinesAndHeadersThatAreTooLong() throws Exception {
        String long9000 = "x".repeat(9_000);

        assertProblem(server.exchange("GET /" + long9000 + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
        assertProblem(server.exchange("GET / HTTP/1.1\r\nHost: a\r\nX: " + long9000 + "\r\n\r\n"), 431);
        assertProblem(server.exchange("GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(900) + "\r\n"), 431);
    }

    @Test
    void refusesAHeaderOnSeveralLinesThatComesInPiecesAndNoneInABody() throws Exception {
        String head = "POST /api/todo/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nX: b\r\n";
        for (int split = 0; split < 4; split++) {
            try (Socket socket = server.connect()) {
                String rest = " c\r\n\r\n";
                PublicServer.send(socket, head.substring(0, head.length() - split));
                // Answered once the first piece has been read.
                server.get("/api/todo/x", "");
                PublicServer.send(socket, head.substring(head.length() - split) + rest);
                assertProblem(PublicServer.receive(socket), 400);
            }
        }

        assertThat(server.exchange(head + "Connection: close\r\n\r\n" + " a\r\n b\r\n\t"))
                .endsWith("read 9");
    }

    @Test
    void doesNotTakeABodyForTheNextRequest() throws Exception {
        String smuggled = "GET /api/todo/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

        String answer = server.exchange("POST /api/todo/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                + "Content-Length: 4\r\n\r\n0\r\n\r\n" + smuggled);

        assertProblem(answer, 400);
        assertThat(answer).doesNotContain("200 OK");
    }

    @Test
    void refusesABodyThatIsNotChunkedAsItMustBe() throws Exception {
        String head = "POST /api/todo/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

        assertProblem(server.exchange(head + "nonsense\r\n"), 400);
        assertProblem(server.exchange(head + "2\r\nok\r\n-1\r\n"), 400);
        assertThat(server.answered).extracting(AnsweredRequest::status).containsExactly(400, 400);
    }

    @Test
    void answersWhatStandsBeforeABrokenBodyAndNothingElse() throws Exception {
        String sound = "GET /api/todo/x HTTP/1.1\r\nHost: a\r\n\r\n";
        String broken = "POST /api/todo/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n";

        String answer = server.exchange(sound + broken);

        assertThat(answer).doesNotContain("400 Bad Request");
    }

    @Test
    void cutsThoseWhoSendHeadersOrBodiesSlowlyWhileOthersAreServed() throws Exception {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            slow.add(server.connect());
            slow.add(server.connect());
            PublicServer.send(slow.get(2 * i), "GET /api/todo/x HTTP/1.1\r\nHo");
            PublicServer.send(
                    slow.get(2 * i + 1), "POST /api/todo/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab");
        }

        assertThat(server.get("/api/todo/x", "")).contains("200 OK").endsWith("read 0");
        for (int i = 0; i < slow.size(); i += 2) {
            assertProblem(PublicServer.receive(slow.get(i)), 408);
            assertThat(PublicServer.receive(slow.get(i + 1))).doesNotContain("200 OK");
            slow.get(i).close();
            slow.get(i + 1).close();
        }
    }

    @Test
    void givesABodyItsTimeFromWhenItsPluginReads() throws Exception {
        server.plugin("later").route().handler(request -> {
            request.request().pause();
            server.vertx.setTimer(
                    500, timer -> request.request().resume().body().onSuccess(body -> request.response()
                            .end("read " + body.length())));
        });
        String head = "POST /api/later/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\n";

        assertThat(server.exchange(head + "abc")).contains("200 OK").endsWith("read 3");
        assertThat(server.exchange(head + "ab")).isEmpty();
    }

    @Test
    void cutsOffABodyThatIsNotReadWhenItIsAnswered() throws Exception {
        server.plugin("rude").route().handler(request -> {
            request.request().pause();
            request.response().end("no");
        });

        assertThat(server.exchange("POST /api/rude/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab"))
                .endsWith("no");
    }

    @Test
    void cutsOneThatSaysNothingAtAll() throws Exception {
        try (Socket silent = server.connect()) {
            assertProblem(PublicServer.receive(silent), 408);
        }
    }

    @Test
    void letsOneThatWasServedBeSilentForLonger() throws Exception {
        try (Socket kept = server.connect()) {
            PublicServer.send(kept, "GET /api/todo/1 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(kept.getInputStream().read()).isEqualTo('H');
            try (Socket silent = server.connect()) {
                // Connected later, and by now cut for its silence.
                PublicServer.receive(silent);
            }
            PublicServer.send(kept, "GET /api/todo/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            assertThat(PublicServer.receive(kept)).contains("HTTP/1.1 200 OK").endsWith("read 0");
        }
    }

    @Test
    void takesNoMoreConnectionsThanItMay() throws Exception {
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Socket socket = server.connect();
            PublicServer.send(socket, "GET /api/todo/x HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            open.add(socket);
        }

        try (Socket tooMany = server.connect()) {
            assertProblem(PublicServer.receive(tooMany), 503);
        }
        for (Socket socket : open) {
            socket.close();
        }
        String answer = server.get("/api/todo/x", "");
        while (!answer.contains("200 OK")) {
            answer = server.get("/api/todo/x", "");
        }
    }

    private static void assertProblem(String answer, int status) {
        assertThat(answer)
                .matches("(?s)HTTP/1.[01] " + status + " .*")
                .containsIgnoringCase("application/problem+json");
        JsonObject problem = new JsonObject(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("title")).isNotEmpty();
        assertThat(problem.getString("detail")).isNotEmpty();
        assertThat(answer).contains(problem.getString("requestId") + "\r\n");
    }
}
