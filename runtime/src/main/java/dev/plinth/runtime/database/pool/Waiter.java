package dev.plinth.runtime.database.pool;

import io.vertx.core.Completable;
import org.jspecify.annotations.Nullable;

/** A request that no connection was there for. */
final class Waiter<C> {

    final long number;
    final Use use;
    final @Nullable Object affinity;
    final long since;
    /** When it was asked for first: an attempt before this one may have failed. */
    final long asked;

    final long deadline;
    final Completable<Slot<C>> handler;

    Waiter(
            long number,
            Use use,
            @Nullable Object affinity,
            long since,
            long asked,
            long deadline,
            Completable<Slot<C>> handler) {
        this.number = number;
        this.use = use;
        this.affinity = affinity;
        this.since = since;
        this.asked = asked;
        this.deadline = deadline;
        this.handler = handler;
    }
}
