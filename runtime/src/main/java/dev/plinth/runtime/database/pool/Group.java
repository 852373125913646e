package dev.plinth.runtime.database.pool;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Connections that can stand for each other, and the borrowers who share them. Guarded by its {@link Broker}. */
public final class Group<C> {

    final Object key;
    final long idleNanos;
    final List<Slot<C>> slots = new ArrayList<>();
    final List<Borrower<C>> borrowers = new ArrayList<>();
    /** Those of the borrowers who wait, in the order in which they are next served. */
    final Set<Borrower<C>> waiting = new LinkedHashSet<>();

    /** Connections kept though they are idle. */
    int keep;

    int opening;
    int active;
    /** What the active borrowers may use together. */
    int activeMax;

    int waitingToOwn;
    /** Statements under way on connections that they share. */
    int shared;
    /** Whether any of those was to run empty when this was last looked at. */
    boolean draining;
    /** Connections that waiters need, and how many of those each for itself; counted afresh in each round. */
    int wanted;

    int wantedToOwn;
    /** When a connection was lent last. */
    long lastServed = Long.MIN_VALUE;

    int failures;
    long retryAt = Long.MIN_VALUE;

    @Nullable
    Throwable lastFailure;

    Group(Object key, long idleNanos) {
        this.key = key;
        this.idleNanos = idleNanos;
    }

    /** What tells this group from others, as given to {@link Broker#borrower}. */
    public Object key() {
        return key;
    }

    void leave(Slot<C> slot) {
        slots.remove(slot);
        for (Borrower<C> borrower : borrowers) {
            borrower.home = borrower.home == slot ? null : borrower.home;
        }
    }

    int idle() {
        int idle = 0;
        for (Slot<C> slot : slots) {
            idle += slot.isFree() ? 1 : 0;
        }
        return idle;
    }

    /** Connections that are not leaving. */
    int staying() {
        int staying = 0;
        for (Slot<C> slot : slots) {
            staying += slot.retiring ? 0 : 1;
        }
        return staying;
    }

    boolean hasOpen() {
        for (Slot<C> slot : slots) {
            if (slot.state == Slot.State.OPEN) {
                return true;
            }
        }
        return false;
    }
}
