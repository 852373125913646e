package dev.plinth.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
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
    void refusesMoreHeadersThanAreAllowed() throws Exception {
        try (PublicServer server = PublicServer.start("{'server': {'maxHeadersCount': 3}}")) {
            server.plugin("todo").get("/hello").handler(request -> request.response()
                    .end("hello"));

            assertThat(server.get("/api/todo/hello", "")).startsWith("HTTP/1.1 200");
            assertThat(server.get("/api/todo/hello", "a: 1\r\nb: 2\r\n")).startsWith("HTTP/1.1 431");
        }
    }
}
