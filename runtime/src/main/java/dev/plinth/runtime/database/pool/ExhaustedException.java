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
    public record Holder(String name, Duration age) {}

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

    public Duration waited() {
        return waited;
    }

    public int max() {
        return max;
    }

    /** Connections that this borrower has in use. */
    public int inUse() {
        return inUse;
    }

    /** Empty when only statements that share connections are under way. */
    public Optional<Holder> longestHolder() {
        return longestHolder;
    }

    /** Requests of this borrower that still wait. */
    public int waiting() {
        return waiting;
    }
}
