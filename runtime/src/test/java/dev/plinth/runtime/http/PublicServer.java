package dev.plinth.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.testing.Configs;
import dev.plinth.runtime.testing.Futures;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The server on a free port, with whatever plugins a test gives it, and sockets that may send it anything. */
final class PublicServer implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    final Vertx vertx = Vertx.vertx();
    final List<AnsweredRequest> answered = new CopyOnWriteArrayList<>();
    final HttpService http;
    final int port;
    private final PluginSites sites = new PluginSites();

    private PublicServer(HttpSettings settings) throws Exception {
        http = new HttpService(vertx, settings, sites, () -> Future.succeededFuture(List.of()), answered::add);
        port = Futures.await(http.start());
    }

    /** With {@code backend} from JSON with single quotes. */
    static PublicServer start(String backend) throws Exception {
        return new PublicServer(settings(backend));
    }

    static HttpSettings settings(String backend) {
        JsonObject json = new JsonObject(backend.replace('\'', '"')).put("listen", "127.0.0.1:0");
        Problems problems = new Problems();
        HttpSettings settings = HttpSettings.read(Configs.of(new JsonObject().put("backend", json)), problems);
        assertThat(problems.list()).isEmpty();
        return settings;
    }

    /** The routes of a plugin that serves. */
    Router plugin(String id) {
        Router router = Router.router(vertx);
        Context context = ((VertxInternal) vertx).createEventLoopContext();
        sites.serving(id, List.of(new Endpoint(context, router, vertx)));
        return router;
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** All that comes until the connection ends. */
    static String receive(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    /** What the server answers to this, until it closes the connection. */
    String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            send(socket, request);
            return receive(socket);
        }
    }

    /** A GET with further lines of headers, each with its end. */
    String get(String path, String headers) throws IOException {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + "\r\n");
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
