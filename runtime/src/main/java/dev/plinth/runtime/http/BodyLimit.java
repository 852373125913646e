package dev.plinth.runtime.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.ContextInternal;
import io.vertx.ext.web.handler.HttpException;
import java.util.concurrent.TimeUnit;

/** Bounds the size of one request's body and the time that it takes to come. Used on the connection's event loop. */
final class BodyLimit {

    private static final long NO_TIMER = -1;

    private final Exchange exchange;
    private final long maxBytes;
    private final long nanos;
    private long bytes;
    private boolean exceeded;
    private long timer = NO_TIMER;
    private volatile boolean read;
    private volatile long readSince;
    private Handler<Throwable> late = failure -> {};

    BodyLimit(Exchange exchange, ServerLimits limits) {
        this.exchange = exchange;
        this.maxBytes = limits.maxBodyBytes();
        this.nanos = limits.requestTimeout().toNanos();
    }

    /** What happens to a body that is too slow, where its connection has to stay. */
    void whenLate(Handler<Throwable> handler) {
        late = handler;
    }

    /** Waits for the body from now on. */
    void start() {
        waitFor(nanos);
    }

    /** It may have come long since: its time begins when somebody wants it. On the plugin's context. */
    void reads() {
        readSince = System.nanoTime();
        read = true;
    }

    private void waitFor(long left) {
        ContextInternal context = exchange.request().context();
        timer = context.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)), id -> timeIsUp());
    }

    void complete() {
        if (timer != NO_TIMER) {
            exchange.request().context().owner().cancelTimer(timer);
            timer = NO_TIMER;
        }
    }

    boolean accepts(int length) {
        bytes += length;
        return bytes <= maxBytes;
    }

    /** True once. */
    boolean isExceededNow() {
        boolean first = !exceeded;
        exceeded = true;
        return first;
    }

    HttpException failure() {
        complete();
        return new HttpException(413, "a request's body has at most " + maxBytes + " bytes");
    }

    /** Tells the caller, unless the plugin answered already. On the plugin's context. */
    void answer(Throwable failure, HttpServerResponse response) {
        if (!(failure instanceof HttpException http)) {
            return;
        }
        if (response.headWritten() || response.ended()) {
            exchange.request().context().runOnContext(v -> exchange.cutOffBeside());
            return;
        }
        exchange.announceEnd();
        exchange.problem(http.getStatusCode(), http.getPayload())
                .end(response)
                .onComplete(sent -> exchange.closeSoon());
    }

    private void timeIsUp() {
        timer = NO_TIMER;
        long left = read ? nanos - (System.nanoTime() - readSince) : nanos;
        if (left < TimeUnit.MILLISECONDS.toNanos(1)
                || exchange.request().response().ended()) {
            tooSlow();
        } else {
            waitFor(left);
        }
    }

    /** The body's handlers hear of it as of any connection that goes away; where others are on it, it stays. */
    private void tooSlow() {
        if (exchange.isMultiplexed()) {
            late.handle(new HttpException(408, "the request's body did not come in time"));
        } else {
            exchange.request().connection().close();
        }
    }
}
