package dev.plinth.runtime.http;

import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.ContextInternal;

/** An answer that a plugin gave in one piece, on its way to the connection's event loop. Thread-safe. */
final class WholeAnswer {

    private final ContextInternal connection;
    private final HttpServerResponse response;
    private final Buffer body;
    private final Promise<Void> sent;
    private boolean ended;

    /** @param sent told what became of it */
    WholeAnswer(ContextInternal connection, HttpServerResponse response, Buffer body, Promise<Void> sent) {
        this.connection = connection;
        this.response = response;
        this.body = body;
        this.sent = sent;
    }

    /** On the connection's event loop. */
    void dispatch() {
        connection.dispatch(v -> end());
    }

    /** On any thread; only the first time counts, and whoever comes second finds the response ended. */
    synchronized void end() {
        if (!ended) {
            ended = true;
            response.end(body).onComplete(sent);
        }
    }
}
