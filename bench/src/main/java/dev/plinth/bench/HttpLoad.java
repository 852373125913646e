package dev.plinth.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks over a fixed number of connections, one request in flight on each. It reads no more of an answer than it must, as the
 * server shares the machine with it. Used by one thread.
 */
final class HttpLoad implements AutoCloseable {

    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String LENGTH = "content-length: ";
    private static final String OK = "HTTP/1.1 200";

    private final Vertx vertx = Vertx.vertx();
    /** Held here, as Vert.x closes one that nobody refers to, and its connections, when memory is collected. */
    private final NetClient client = vertx.createNetClient();

    private final List<Load.Worker> workers = new ArrayList<>();

    /** @param request makes the next one, as it goes over the wire; its answer has a Content-Length */
    HttpLoad(int port, int connections, Supplier<Buffer> request) {
        var context = vertx.getOrCreateContext();
        for (int i = 0; i < connections; i++) {
            Promise<Connection> connected = Promise.promise();
            context.runOnContext(
                    v -> client.connect(port, "127.0.0.1").map(Connection::new).onComplete(connected));
            Connection connection = connected.future().await();
            workers.add(new Load.Worker(context, () -> connection.ask(request.get())));
        }
    }

    static Buffer request(String method, String path, String body) {
        String length =
                body.isEmpty() ? "" : "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n";
        return Buffer.buffer(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + length + "\r\n" + body);
    }

    /** Answers a second. */
    double perSecond(Duration time) throws Exception {
        return Load.perSecond(workers, time);
    }

    @Override
    public void close() {
        vertx.close().await();
    }

    private static final class Connection {

        private final NetSocket socket;
        private Buffer pending = Buffer.buffer();
        private @Nullable Promise<Void> answer;

        Connection(NetSocket socket) {
            this.socket = socket;
            socket.handler(this::received);
            socket.closeHandler(v -> end("the server closed the connection"));
        }

        Future<Void> ask(Buffer request) {
            Promise<Void> next = Promise.promise();
            answer = next;
            socket.write(request).onFailure(failure -> end("cannot send: " + failure.getMessage()));
            return next.future();
        }

        private void received(Buffer data) {
            pending = pending.length() == 0 ? data : pending.appendBuffer(data);
            int head = endOfHead(pending);
            if (head < 0) {
                return;
            }
            String text = pending.getString(0, head, "US-ASCII");
            if (!text.startsWith(OK)) {
                end(text);
            } else if (pending.length() >= head + contentLength(text)) {
                pending = Buffer.buffer();
                end("");
            }
        }

        private void end(String failure) {
            Promise<Void> waiting = answer;
            answer = null;
            if (waiting == null) {
                return;
            }
            if (failure.isEmpty()) {
                waiting.complete();
            } else {
                waiting.fail(failure);
            }
        }

        private static int contentLength(String head) {
            int begin = head.toLowerCase(Locale.ROOT).indexOf(LENGTH) + LENGTH.length();
            return Integer.parseInt(head.substring(begin, head.indexOf('\r', begin)));
        }

        /** Just behind it, or -1. */
        private static int endOfHead(Buffer data) {
            int matched = 0;
            for (int i = 0; i < data.length(); i++) {
                matched = data.getByte(i) == END_OF_HEAD[matched] ? matched + 1 : data.getByte(i) == '\r' ? 1 : 0;
                if (matched == END_OF_HEAD.length) {
                    return i + 1;
                }
            }
            return -1;
        }
    }
}
