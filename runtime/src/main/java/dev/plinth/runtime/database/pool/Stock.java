package dev.plinth.runtime.database.pool;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one server, counted against its budget: opens, retires and closes them. Who gets which is the
 * {@link Broker}'s, which guards this.
 */
final class Stock<C> {

    /**
     * How long a connection stays with its group while others have none, from when it opened; as long as opening it took, if that
     * is more: otherwise a server that is slow to connect would be kept busy with nothing else.
     */
    static final long TURN = Duration.ofMillis(100).toNanos();

    private static final long LONGEST_TURN = Duration.ofSeconds(1).toNanos();

    /** How long a connection must have been idle to be closed for another group: it may only be between two statements. */
    private static final long SETTLED = Duration.ofMillis(20).toNanos();

    /** After so long without an answer an attempt to connect is hardly worth waiting for: another one is made beside it. */
    private static final long PATIENCE = Duration.ofSeconds(1).toNanos();

    /** Attempts of one group that are kept though they seem hopeless. */
    private static final int KEPT_ATTEMPTS = 2;

    private static final long FIRST_RETRY = Duration.ofMillis(50).toNanos();
    private static final long LAST_RETRY = Duration.ofSeconds(1).toNanos();
    private static final long SHRUNK_FOR = Duration.ofSeconds(5).toNanos();

    private final Agenda agenda;
    private final Broker.Owner<C> owner;
    private final Map<Object, Group<C>> groups = new HashMap<>();
    /** Those that have connections: the only ones to look through when there are many plugins. */
    private final Set<Group<C>> stocked = new LinkedHashSet<>();

    private int budget;
    private int used;
    private int leaving;
    private int shrunk = Integer.MAX_VALUE;
    private long shrunkUntil = Long.MIN_VALUE;
    /** Longer where connecting has been slow. */
    private long patience = PATIENCE;

    Stock(int budget, Agenda agenda, Broker.Owner<C> owner) {
        this.budget = budget;
        this.agenda = agenda;
        this.owner = owner;
    }

    Group<C> group(Object key, Duration idle) {
        return groups.computeIfAbsent(key, k -> new Group<>(k, idle.toNanos()));
    }

    /** Closes a group's connections once given back. */
    void dissolve(Group<C> group) {
        groups.remove(group.key);
        List.copyOf(group.slots).forEach(this::retire);
    }

    Collection<Group<C>> groups() {
        return groups.values();
    }

    /** Opening, open and closing. */
    int used() {
        return used;
    }

    int idle() {
        int idle = 0;
        for (Group<C> group : stocked) {
            idle += group.idle();
        }
        return idle;
    }

    /** The budget, or less while the server is full. */
    int limit() {
        return shrunkUntil != Long.MIN_VALUE && shrunkUntil > agenda.now() ? Math.min(budget, shrunk) : budget;
    }

    void budget(int connections) {
        budget = connections;
    }

    /** After the budget shrank: idle connections go at once, others when they are given back. */
    void trim() {
        while (used - leaving > budget) {
            Slot<C> slot = Choice.dispensable(stocked);
            if (slot == null) {
                return;
            }
            retire(slot);
        }
    }

    // ---- opening

    /** @param share connections that stay with the group at most; all that it may have where that is less */
    boolean canGrow(Group<C> group, int share) {
        int hopeless = hopeless(group);
        return group.slots.size() - hopeless < group.activeMax
                && group.staying() - hopeless < share
                && group.retryAt <= agenda.now();
    }

    /** Whether the group will soon have one more for this borrower, which waits or is about to. */
    boolean isGrowing(Borrower<C> borrower) {
        Group<C> group = borrower.group;
        if (hopeless(group) > 0) {
            return false; // another attempt beside those hardly comes to more
        }
        int most = group.activeMax + (borrower.active ? 0 : borrower.max);
        boolean canOpen = hasRoom() && group.slots.size() < most && group.retryAt <= agenda.now();
        return canOpen || group.opening > 0;
    }

    boolean hasRoom() {
        return used < limit();
    }

    /** Whether this group has all connections that there may be, open and staying, so that there is nothing to get. */
    boolean isAllOf(Group<C> group) {
        return group.slots.size() == used && group.opening == 0 && leaving == 0 && used >= limit();
    }

    /** Whether waiters of the group need more connections than can be expected. */
    boolean hasTooFewOpening(Group<C> group) {
        return group.opening - hopeless(group) < group.wanted;
    }

    private int hopeless(Group<C> group) {
        return group.opening == 0 ? 0 : Choice.hopeless(group, agenda.now() - patience);
    }

    boolean canOpen(Group<C> group, int share) {
        return hasRoom() && canGrow(group, share);
    }

    void open(Group<C> group, @Nullable Object affinity) {
        if (hopeless(group) > KEPT_ATTEMPTS) {
            abandonOne(List.of(group));
        }
        Slot<C> slot = new Slot<>(group, affinity, agenda.now());
        group.slots.add(slot);
        stocked.add(group);
        group.opening++;
        used++;
        agenda.wakeBy(slot.since + patience);
        agenda.add(() -> owner.open(slot));
    }

    void opened(Slot<C> slot, C connection) {
        Group<C> group = slot.group;
        group.opening--;
        group.failures = 0;
        group.lastFailure = null;
        long took = agenda.now() - slot.since;
        patience = Math.max(PATIENCE, 2 * took);
        slot.open(connection, agenda.now());
        slot.turnEnds = agenda.now() + Math.min(Math.max(TURN, took), LONGEST_TURN);
        agenda.wakeBy(slot.lastProgress + group.idleNanos);
        if (slot.retiring) {
            close(slot);
        }
        abandonSurplus(group);
    }

    /** Attempts that were begun in place of one that succeeded after all. */
    private void abandonSurplus(Group<C> group) {
        int surplus = group.staying() - group.activeMax;
        Slot<C> attempt = surplus > 0 ? Choice.youngestOpening(group) : null;
        if (attempt != null) {
            retire(attempt);
            abandonSurplus(group);
        }
    }

    void failed(Slot<C> slot, Throwable error, Obstacle obstacle) {
        long now = agenda.now();
        Group<C> group = slot.group;
        group.opening--;
        remove(slot);
        if (slot.retiring) {
            return; // it was abandoned
        }
        group.failures++;
        group.lastFailure = error;
        group.retryAt = now + Math.min(FIRST_RETRY << Math.min(group.failures - 1, 10), LAST_RETRY);
        agenda.wakeBy(group.retryAt);
        if (obstacle == Obstacle.FULL) {
            shrunk = Math.max(1, used);
            shrunkUntil = now + SHRUNK_FOR;
            agenda.wakeBy(shrunkUntil);
        }
    }

    // ---- closing

    /**
     * Gives up an attempt to connect that seems hopeless, but for one; or closes an idle connection of another group; or, when
     * none is idle, has a busy one closed once its turn is over.
     *
     * @param since when the one who needs the room began to wait
     */
    void makeRoom(Group<C> needy, long since) {
        if (abandonOne(stocked)) {
            return;
        }
        long now = agenda.now();
        boolean sparing = isServed(needy, since);
        Slot<C> idle = Choice.longestIdleOutside(needy, stocked, sparing, now);
        if (idle != null) {
            retireAt(idle, idle.lastProgress + SETTLED);
        } else if (since + TURN > now) {
            agenda.wakeBy(since + TURN);
        } else {
            Slot<C> busy = Choice.longestHeldOutside(needy, stocked, now);
            if (busy != null) {
                retire(busy);
            }
        }
    }

    /** Who has connections, and was served of late, can do without the only one of another group that was used of late. */
    private boolean isServed(Group<C> needy, long since) {
        long end = Math.max(since, needy.lastServed) + Choice.OF_LATE;
        if (needy.staying() == 0 || end <= agenda.now()) {
            return false;
        }
        agenda.wakeBy(end);
        return true;
    }

    /** The oldest goes on: the server may only be slow. */
    private boolean abandonOne(Collection<Group<C>> among) {
        Slot<C> attempt = Choice.youngestHopeless(among, agenda.now() - patience);
        if (attempt != null) {
            retire(attempt);
        }
        return attempt != null;
    }

    private void retireAt(Slot<C> slot, long time) {
        if (time <= agenda.now()) {
            retire(slot);
        } else {
            agenda.wakeBy(time);
        }
    }

    /** Has a connection closed, at once if no one uses it. */
    void retire(Slot<C> slot) {
        if (slot.retiring || slot.state == Slot.State.GONE) {
            return;
        }
        slot.retiring = true;
        leaving++;
        if (slot.isFree()) {
            close(slot);
        } else if (slot.state == Slot.State.OPENING) {
            agenda.add(() -> owner.abandon(slot));
        }
    }

    /** One of those who used it gave it back. */
    void closeIfRetired(Slot<C> slot) {
        if (slot.retiring && slot.isFree()) {
            close(slot);
        }
    }

    private void close(Slot<C> slot) {
        slot.state = Slot.State.CLOSING;
        agenda.add(() -> owner.close(slot));
    }

    void closed(Slot<C> slot) {
        if (slot.state != Slot.State.GONE) {
            remove(slot);
        }
    }

    private void remove(Slot<C> slot) {
        slot.state = Slot.State.GONE;
        slot.draining = false;
        slot.group.leave(slot);
        if (slot.group.slots.isEmpty()) {
            stocked.remove(slot.group);
        }
        used--;
        leaving -= slot.retiring ? 1 : 0;
    }

    int leaving() {
        return leaving;
    }

    void evictIdle() {
        long now = agenda.now();
        for (Group<C> group : stocked) {
            int kept = group.slots.size();
            for (Slot<C> slot : List.copyOf(group.slots)) {
                if (kept > group.keep && slot.isLendable() && slot.lastProgress + group.idleNanos <= now) {
                    retire(slot);
                    kept--;
                }
            }
        }
    }

    /** @param demand whether anyone waits */
    void rearm(boolean demand) {
        if (shrunkUntil > agenda.now() && demand) {
            agenda.wakeBy(shrunkUntil);
        }
        long soon = agenda.now() - patience;
        for (Group<C> group : stocked) {
            for (Slot<C> slot : group.slots) {
                if (slot.isLendable() && group.slots.size() > group.keep) {
                    agenda.wakeBy(slot.lastProgress + group.idleNanos);
                } else if (slot.state == Slot.State.OPENING && slot.since > soon) {
                    agenda.wakeBy(slot.since + patience);
                }
            }
        }
    }
}
