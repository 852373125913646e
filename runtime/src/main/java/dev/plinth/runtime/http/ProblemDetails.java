package dev.plinth.runtime.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** The body of every error answer, as RFC 9457 has it. */
public record ProblemDetails(int status, String detail, String requestId) {

    private static final CharSequence TYPE = HttpHeaders.createOptimized("application/problem+json");

    /** Sends it, unless an answer is under way already. */
    public void send(HttpServerResponse response) {
        if (!response.headWritten() && !response.ended() && !response.closed()) {
            end(response);
        }
    }

    Future<Void> end(HttpServerResponse response) {
        Buffer body = body();
        return response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, TYPE)
                // Whoever failed may have announced another.
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                .end(body);
    }

    Buffer body() {
        JsonObject json = new JsonObject()
                .put("type", "about:blank")
                .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
                .put("status", status);
        if (!detail.isEmpty()) {
            json.put("detail", detail);
        }
        return json.put("requestId", requestId).toBuffer();
    }
}
