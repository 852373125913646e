package dev.plinth.runtime.database.pool;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One plugin in the eyes of the {@link Broker}, which guards it. */
public final class Borrower<C> {

    /** As messages call it. */
    final String name;

    final Group<C> group;
    final int max;
    final int maxWaiting;
    /** One kind of use does not hold up another; within one, the first to come is the first served. */
    private final ArrayDeque<Waiter<C>> sharing = new ArrayDeque<>();

    private final ArrayDeque<Waiter<C>> owning = new ArrayDeque<>();
    private final ArrayDeque<Waiter<C>> slowly = new ArrayDeque<>();
    final List<ArrayDeque<Waiter<C>>> queues = List.of(sharing, owning, slowly);
    int shared;
    int owned;
    int slow;
    /** The connection that served it last. */
    @Nullable
    Slot<C> home;

    boolean active;
    boolean closed;

    Borrower(String name, Group<C> group, int max, int maxWaiting) {
        this.name = name;
        this.group = group;
        this.max = max;
        this.maxWaiting = maxWaiting;
    }

    ArrayDeque<Waiter<C>> queue(Use use) {
        return switch (use) {
            case SHARED -> sharing;
            case OWN -> owning;
            case SLOW -> slowly;
        };
    }

    int waiting() {
        return sharing.size() + owning.size() + slowly.size();
    }

    /** Connections that it owns, or shared last. */
    int inUse() {
        int sharing = 0;
        for (Slot<C> slot : group.slots) {
            sharing += slot.shared > 0 && slot.last == this ? 1 : 0;
        }
        return owned + sharing;
    }

    /** Whether one more would wait too long a queue; those for whom a connection may still be opened do not count. */
    boolean isCrowded() {
        return waiting() - Math.max(0, max - inUse()) >= maxWaiting;
    }

    /** How many connections of its own it could use for those that wait. */
    int wanted() {
        int slowOnes = Math.min(slowly.size(), maxSlow() - slow);
        int own = Math.min(owning.size() + Math.max(slowOnes, 0), max - owned);
        return Math.max(own, 0);
    }

    boolean mayOwn(Use use) {
        return owned < max && (use != Use.SLOW || slow < maxSlow());
    }

    /** A quarter of the connections, if there are that many, is kept from slow statements. */
    private int maxSlow() {
        return max - max / 4;
    }

    /** Since when its first waiter waits. */
    @Nullable
    Waiter<C> first() {
        Waiter<C> first = null;
        for (ArrayDeque<Waiter<C>> queue : queues) {
            Waiter<C> head = queue.peek();
            if (head != null && (first == null || head.number < first.number)) {
                first = head;
            }
        }
        return first;
    }
}
