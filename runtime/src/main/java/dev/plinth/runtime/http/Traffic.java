package dev.plinth.runtime.http;

import dev.plinth.runtime.logging.AccessLog;
import io.vertx.core.http.HttpHeaders;
import java.util.concurrent.atomic.AtomicInteger;

/** What is in flight, and whether it is to be the last on its connection. Thread-safe. */
final class Traffic {

    private final AnswerHeaders headers;
    private final RequestObserver observer;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile boolean draining;

    Traffic(AnswerHeaders headers, RequestObserver observer) {
        this.headers = headers;
        this.observer = observer;
    }

    void begun() {
        inFlight.incrementAndGet();
    }

    /** Just before the head of the response is sent. */
    void head(Exchange exchange) {
        headers.addTo(exchange);
        if (isLast(exchange)) {
            exchange.request().response().headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    /** The response is written, or its connection gone. */
    void ended(Exchange exchange) {
        inFlight.decrementAndGet();
        exchange.link().ended();
        if (exchange.isMultiplexed()) {
            // There the answer's last bytes are counted on the connection's event loop, to which they are just on their
            // way.
            exchange.request().context().nettyEventLoop().execute(() -> tell(exchange));
        } else {
            tell(exchange);
        }
    }

    private void tell(Exchange exchange) {
        AnsweredRequest answered = exchange.answered();
        if (AccessLog.isOn()) {
            AccessLog.log(exchange.line(answered));
        }
        observer.answered(answered);
        if (isLast(exchange)) {
            // As its answer said.
            exchange.request().connection().shutdown();
        }
    }

    private boolean isLast(Exchange exchange) {
        return exchange.isLast() || (draining && !exchange.isMultiplexed());
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
