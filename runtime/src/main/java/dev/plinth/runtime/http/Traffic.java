package dev.plinth.runtime.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.atomic.AtomicInteger;

/** What is in flight, and whether it is to be the last on its connection. Thread-safe. */
final class Traffic {

    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile boolean draining;

    void begun() {
        inFlight.incrementAndGet();
    }

    /** Just before the head of the response is sent. */
    void head(Exchange exchange) {
        var headers = exchange.request().response().headers();
        headers.set(RequestIds.HEADER, exchange.requestId());
        if (draining && exchange.request().version() != HttpVersion.HTTP_2) {
            headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    /** The response is written, or its connection gone. */
    void ended(Exchange exchange) {
        inFlight.decrementAndGet();
        AccessLog.log(exchange);
    }

    void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    int inFlight() {
        return inFlight.get();
    }
}
