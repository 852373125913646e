package dev.plinth.runtime.database.pool;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** No connection came free in time, or too many wait already. */
public final class ExhaustedException extends RuntimeException {

    private final Duration waited;
    private final int max;
    private final int inUse;
    private final int waiting;
    private final transient Optional<Holder> longestHolder;

    /** Who has had a connection to itself for the longest time of all in the way. */
    record Holder(String name, Duration age) {}

    ExhaustedException(
            Duration waited,
            int max,
            int inUse,
            int waiting,
            Optional<Holder> longestHolder,
            @Nullable Throwable lastFailure) {
        super("no connection", lastFailure, false, false);
        this.waited = waited;
        this.max = max;
        this.inUse = inUse;
        this.waiting = waiting;
        this.longestHolder = longestHolder;
    }

    /** Requests of this borrower that still wait. */
    int waiting() {
        return waiting;
    }

    /**
     * Which bound was reached, the state, and the key that moves it.
     *
     * @param more of the state; may be empty
     * @param poolKeys the keys that allow more connections
     */
    public String describe(String more, String poolKeys) {
        boolean refused = waited.isZero();
        String what = refused
                ? "too many requests wait for a connection"
                : "no connection within " + waited.toMillis() + " ms";
        return what + " (max " + max + ", in use " + inUse + ", waiting " + waiting + more
                + longestHolder
                        .map(holder -> ", longest holder plugin '" + holder.name() + "' for "
                                + holder.age().toMillis() + " ms")
                        .orElse("")
                + "); see " + (refused ? "backend.database.maxWaiting" : poolKeys);
    }
}
