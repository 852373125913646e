package dev.plinth.runtime.database.pool;

import org.jspecify.annotations.Nullable;

/**
 * One connection of the budget, from before it opens until it is closed. Its state belongs to its {@link Broker}, which guards
 * it.
 */
public final class Slot<C> {

    enum State {
        OPENING,
        OPEN,
        CLOSING,
        GONE
    }

    final Group<C> group;
    final @Nullable Object affinity;
    final long since;
    State state = State.OPENING;
    int shared;
    boolean owned;
    Use ownedFor = Use.OWN;
    boolean retiring;
    boolean draining;

    @Nullable
    Borrower<C> last;

    long lastProgress;
    /** Until then it stays with its group, whoever else has none. */
    long turnEnds;

    private @Nullable C connection;

    Slot(Group<C> group, @Nullable Object affinity, long now) {
        this.group = group;
        this.affinity = affinity;
        this.since = now;
        this.lastProgress = now;
    }

    /** The group that this connection belongs to. */
    public Group<C> group() {
        return group;
    }

    /** The connection; only after it opened. */
    public C connection() {
        C open = connection;
        if (open == null) {
            throw new IllegalStateException("not open yet");
        }
        return open;
    }

    void open(C opened, long now) {
        connection = opened;
        state = State.OPEN;
        lastProgress = now;
    }

    boolean isFree() {
        return state == State.OPEN && shared == 0 && !owned;
    }

    boolean isLendable() {
        return isFree() && !retiring;
    }

    /** The place where the connection's work is done, for borrowers to prefer one near to them. */
    public @Nullable Object affinity() {
        return affinity;
    }
}
