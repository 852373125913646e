package dev.plinth.runtime.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the server knows of one connection. Its requests are counted on its event loop; they may end on any thread. */
final class Link {

    private final AtomicInteger inFlight = new AtomicInteger();
    private int requests;
    private @Nullable Caller nearest;
    private @Nullable Visit visit;

    /** Answers how many there have been with this one. */
    int begun() {
        inFlight.incrementAndGet();
        visit = null;
        return ++requests;
    }

    /** How many there have been. */
    int requests() {
        return requests;
    }

    /** Of its last request that was let in to a plugin; on its event loop. */
    Optional<Visit> visit() {
        return Optional.ofNullable(visit);
    }

    void visits(Visit next) {
        visit = next;
    }

    /** Who is at its other end; any thread, as it is the same whoever finds out. */
    Caller nearest(HttpServerRequest request) {
        Caller known = nearest;
        if (known == null) {
            known = Caller.nearest(request);
            nearest = known;
        }
        return known;
    }

    void ended() {
        inFlight.decrementAndGet();
    }

    /** Whether a request has no complete answer yet. */
    boolean isBusy() {
        return inFlight.get() > 0;
    }
}
