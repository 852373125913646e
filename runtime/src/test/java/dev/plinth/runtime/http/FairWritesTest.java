package dev.plinth.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** An answer of any size leaves the connections' event loop to others. */
class FairWritesTest {

    private static final int PARTS = 40_000;
    private static final String PART = "x".repeat(500);

    @Test
    void answersOthersWhileManyPartsAreWritten() throws Exception {
        assertOthersAreAnsweredDuring("", response -> {
            response.setChunked(true);
            for (int i = 1; i < PARTS; i++) {
                response.write(PART);
            }
            return response.end(PART);
        });
    }

    @Test
    void answersOthersWhileAWholeAnswerIsCompressed() throws Exception {
        assertOthersAreAnsweredDuring(
                "Accept-Encoding: gzip\r\n", response -> response.end(Buffer.buffer(new byte[60_000_000])));
    }

    @Test
    void answersOthersWhileAPartIsCompressed() throws Exception {
        assertOthersAreAnsweredDuring("Accept-Encoding: gzip\r\n", response -> {
            response.setChunked(true);
            Future<Void> written = response.write(Buffer.buffer(new byte[60_000_000]));
            response.end();
            return written;
        });
    }

    @Test
    void sendsAllOfALargeAnswerInOrderAndWithItsLength() throws Exception {
        StringBuilder body = new StringBuilder();
        for (int i = 0; body.length() < 3_000_000; i++) {
            body.append(i).append(' ');
        }
        try (PublicServer server = PublicServer.start("{}")) {
            server.plugin("todo").get("/large").handler(request -> request.response()
                    .end(body.toString()));

            String answer = server.exchange("GET /api/todo/large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

            assertThat(answer.toLowerCase(Locale.ROOT)).contains("content-length: " + body.length() + "\r\n");
            assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).isEqualTo(body.toString());
        }
    }

    private static void assertOthersAreAnsweredDuring(String header, Function<HttpServerResponse, Future<Void>> large)
            throws Exception {
        CompletableFuture<Future<Void>> answered = new CompletableFuture<>();
        try (PublicServer server = PublicServer.start("{}")) {
            server.plugin("todo").get("/large").handler(request -> answered.complete(large.apply(request.response())));
            try (Socket one = server.connect();
                    Socket other = server.connect()) {
                Thread reader = new Thread(() -> takeAll(one));
                PublicServer.send(one, "GET /api/todo/large HTTP/1.1\r\nHost: a\r\n" + header + "\r\n");
                reader.start();
                Future<Void> end = answered.get();

                PublicServer.send(other, "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(other.getInputStream().read()).isEqualTo('H');

                assertThat(end.isComplete()).isFalse();
            }
        }
    }

    private static void takeAll(Socket socket) {
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = socket.getInputStream()) {
            while (in.read(buffer) >= 0) {
                // Nothing to do with it.
            }
        } catch (IOException closed) {
            // As the test is over.
        }
    }
}
