package dev.plinth.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.ext.web.handler.BodyHandler;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** How long connections live. */
class ConnectionLimitsTest {

    private static final String HELLO = "GET /api/todo/hello HTTP/1.1\r\nHost: a\r\n\r\n";

    @Test
    void letsAnAnswerBeSilentForLongerThanAConnectionMayBeIdle() throws Exception {
        try (PublicServer server = PublicServer.start("{'server': {'idleTimeout': 150}}")) {
            server.plugin("todo")
                    .get("/slow")
                    .handler(request -> server.vertx.setTimer(
                            600, late -> request.response().end("done")));

            String answer = server.exchange("GET /api/todo/slow HTTP/1.1\r\nHost: a\r\n\r\n");

            assertThat(answer).startsWith("HTTP/1.1 200").endsWith("done");
        }
    }

    @Test
    void closesAConnectionThatIsIdleBetweenRequests() throws Exception {
        try (PublicServer server = PublicServer.start("{'server': {'keepAliveTimeout': 150}}")) {
            server.plugin("todo").get("/hello").handler(request -> request.response()
                    .end("hello"));

            assertThat(server.exchange(HELLO)).startsWith("HTTP/1.1 200").endsWith("hello");
        }
    }

    @Test
    void closesAConnectionWhoseCallerTakesNothing() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        try (PublicServer server = PublicServer.start("{'server': {'idleTimeout': 300}}")) {
            server.plugin("todo").get("/much").handler(request -> {
                request.response().closeHandler(v -> closed.countDown());
                request.response().setChunked(true).write("x".repeat(50_000_000));
            });
            try (Socket socket = server.connect()) {
                PublicServer.send(socket, "GET /api/todo/much HTTP/1.1\r\nHost: a\r\n\r\n");
                closed.await();
            }
        }
    }

    @Test
    void closesAConnectionAfterItsLastRequest() throws Exception {
        try (PublicServer server = PublicServer.start("{'server': {'maxRequestsPerSocket': 2}}")) {
            server.plugin("todo").get("/hello").handler(request -> request.response()
                    .end("hello"));

            String answers = server.exchange(HELLO + HELLO);

            assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(3);
            assertThat(answers.split("(?i)connection: close", -1)).hasSize(2);
        }
    }

    @Test
    void runsNoRequestBehindTheLast() throws Exception {
        try (PublicServer server = PublicServer.start("{'server': {'maxRequestsPerSocket': 2}}")) {
            List<Long> asked = new CopyOnWriteArrayList<>();
            server.plugin("todo").get("/hello").handler(request -> {
                asked.add(System.nanoTime());
                server.vertx.setTimer(20, late -> request.response().end("hello"));
            });

            String answers = server.exchange(HELLO + HELLO + HELLO + HELLO);

            assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(3);
            assertThat(asked).hasSize(2);
        }
    }

    @Test
    void invitesNoBodyThatIsTooLong() throws Exception {
        try (PublicServer server = PublicServer.start("{'server': {'maxBodyBytes': 10}}")) {
            server.plugin("todo")
                    .post("/echo")
                    .handler(BodyHandler.create(false))
                    .handler(request -> request.response().end(request.body().asString()));
            String head = "POST /api/todo/echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n";

            assertThat(server.exchange(head + "Content-Length: 11\r\n\r\n"))
                    .startsWith("HTTP/1.1 413")
                    .contains("at most 10 bytes");
            assertThat(server.exchange(head + "Content-Length: 2\r\n\r\nhi"))
                    .startsWith("HTTP/1.1 100")
                    .endsWith("\r\n\r\nhi");
        }
    }

    @Test
    void refusesMoreHeadersThanAreAllowed() throws Exception {
        try (PublicServer server = PublicServer.start("{'server': {'maxHeadersCount': 3}}")) {
            server.plugin("todo").get("/hello").handler(request -> request.response()
                    .end("hello"));

            assertThat(server.get("/api/todo/hello", "")).startsWith("HTTP/1.1 200");
            assertThat(server.get("/api/todo/hello", "a: 1\r\nb: 2\r\n")).startsWith("HTTP/1.1 431");
        }
    }
}
