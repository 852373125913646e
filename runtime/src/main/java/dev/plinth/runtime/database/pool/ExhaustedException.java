package dev.plinth.runtime.database.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** No connection came free in time, or too many wait already. */
public final class ExhaustedException extends RuntimeException {

    private final Duration waited;
    private final int max;
    private final int inUse;
    private final int waiting;

    ExhaustedException(Duration waited, int max, int inUse, int waiting, @Nullable Throwable lastFailure) {
        super("no connection", lastFailure, false, false);
        this.waited = waited;
        this.max = max;
        this.inUse = inUse;
        this.waiting = waiting;
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

    /** Requests of this borrower that still wait. */
    public int waiting() {
        return waiting;
    }
}
