package dev.plinth.runtime.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.atomic.AtomicInteger;

/** What is in flight, and whether it is to be the last on its connection. Thread-safe. */
final class Traffic {

    private final RequestObserver observer;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile boolean draining;

    Traffic(RequestObserver observer) {
        this.observer = observer;
    }

    void begun() {
        inFlight.incrementAndGet();
    }

    /** Just before the head of the response is sent. */
    void head(Exchange exchange) {
        MultiMap headers = exchange.request().response().headers();
        headers.set(RequestIds.HEADER, exchange.requestId());
        headers.set(TraceParent.NAME, exchange.identity().trace().header());
        if (draining && exchange.request().version() != HttpVersion.HTTP_2) {
            headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    /** The response is written, or its connection gone. */
    void ended(Exchange exchange) {
        inFlight.decrementAndGet();
        AnsweredRequest answered = exchange.answered();
        AccessLog.log(exchange, answered);
        observer.answered(answered);
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
