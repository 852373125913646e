package dev.plinth.runtime.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;

/** The headers that each answer gets from the server, whoever writes it. Thread-safe. */
final class AnswerHeaders {

    private static final String EVENTS = "text/event-stream";

    private final SecurityHeaders security;
    private final Optional<Cors> cors;
    private final boolean compression;

    AnswerHeaders(SecurityHeaders security, Optional<Cors> cors, boolean compression) {
        this.security = security;
        this.cors = cors;
        this.compression = compression;
    }

    /** Just before the head of the response is sent. */
    void addTo(Exchange exchange) {
        MultiMap headers = exchange.request().response().headers();
        headers.set(RequestIds.HEADER, exchange.requestId());
        headers.set(TraceParent.NAME, exchange.identity().trace().header());
        security.addTo(headers);
        cors.ifPresent(rules -> rules.addTo(exchange.request()));
        String type = headers.get(HttpHeaders.CONTENT_TYPE);
        if (type != null && type.startsWith(EVENTS) && !headers.contains(HttpHeaders.CONTENT_ENCODING)) {
            // Compression would keep events back until there are enough of them.
            headers.set(HttpHeaders.CONTENT_ENCODING, HttpHeaders.IDENTITY);
        }
        if (compression && !headers.contains(HttpHeaders.CONTENT_ENCODING)) {
            // A cache must not give what was compressed for one caller to another, who may not read it.
            headers.add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        }
    }
}
