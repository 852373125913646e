package dev.plinth.runtime.http;

import java.util.concurrent.atomic.AtomicInteger;

/** What the server knows of one connection. Its requests are counted on its event loop; they may end on any thread. */
final class Link {

    private final AtomicInteger inFlight = new AtomicInteger();
    private int requests;

    /** Answers how many there have been with this one. */
    int begun() {
        inFlight.incrementAndGet();
        return ++requests;
    }

    /** How many there have been. */
    int requests() {
        return requests;
    }

    void ended() {
        inFlight.decrementAndGet();
    }

    /** Whether a request has no complete answer yet. */
    boolean isBusy() {
        return inFlight.get() > 0;
    }
}
