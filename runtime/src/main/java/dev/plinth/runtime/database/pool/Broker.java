package dev.plinth.runtime.database.pool;

import io.vertx.core.Completable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides who gets which connection to one server, within one budget. Knows nothing of SQL, sockets or timers: it is told what
 * happened, and tells its owner what to do.
 *
 * <p>What holds at any time: connections that are opening, open or closing are never more than the budget, save those that were
 * there before it shrank; a connection is owned by one, or shared, never both; within one borrower and use, the first to come is
 * the first served; who waits is served, refused at its deadline, or refused when no connection can be made.
 *
 * <p>Any thread; short critical sections. The owner and the handlers are called outside of them, on the thread that brought the
 * news.
 *
 * @param <C> a connection
 */
public final class Broker<C> {

    /** How many statements travel on one connection; fewer when several borrowers share it, so that none waits behind many. */
    static final int DEPTH = 32;

    static final int DEPTH_AMONG_OTHERS = 8;

    /** So many statements on the least busy connection are reason to open another. */
    private static final int CROWDED = 2;

    /** Without an answer for this long, nothing more is sent after what is under way on a connection. */
    private static final long STALLED = Duration.ofMillis(10).toNanos();

    /** How long a connection stays with its group while others have none. */
    static final long TURN = Duration.ofMillis(100).toNanos();

    /** How long a connection must have been idle to be closed for another group: it may only be between two statements. */
    private static final long SETTLED = Duration.ofMillis(20).toNanos();

    private static final long FIRST_RETRY = Duration.ofMillis(50).toNanos();
    private static final long LAST_RETRY = Duration.ofSeconds(1).toNanos();
    private static final long SHRUNK_FOR = Duration.ofSeconds(5).toNanos();

    private final LongSupplier clock;
    private final Owner<C> owner;
    private final Map<Object, Group<C>> groups = new HashMap<>();
    /** In the order in which they are next served. */
    private final Set<Borrower<C>> waiting = new LinkedHashSet<>();

    private final ArrayDeque<Runnable> effects = new ArrayDeque<>();

    private int budget;
    private int used;
    private int leaving;
    private int shrunk = Integer.MAX_VALUE;
    private long shrunkUntil = Long.MIN_VALUE;
    private long numbers;
    private long armed = Long.MAX_VALUE;

    /** Carries out what a broker decides. */
    public interface Owner<C> {

        /** Connects, then tells {@link Broker#opened} or {@link Broker#failed}. */
        void open(Slot<C> slot);

        /** Closes what {@link Broker#opened} was told, then tells {@link Broker#closed}. */
        void close(Slot<C> slot);

        /** Calls {@link Broker#advance} after so long, whatever was asked before; calls too many do no harm. */
        void wakeIn(long nanos);
    }

    /** @param clock nanoseconds that never go back */
    public Broker(int budget, LongSupplier clock, Owner<C> owner) {
        this.budget = budget;
        this.clock = clock;
        this.owner = owner;
    }

    /** What is there now. */
    public record Snapshot(int budget, int total, int idle, int waiting) {}

    /** What one borrower's group has, and what the borrower itself uses. */
    public record BorrowerSnapshot(int total, int idle, int inUse, int waiting) {}

    /**
     * Admits a borrower.
     *
     * @param key of the group: borrowers with equal keys share connections
     * @param max connections that it may have for itself at one time
     * @param maxWaiting requests beyond which it is refused at once
     * @param keep connections kept open for its group though they are idle
     */
    public synchronized Borrower<C> borrower(Object key, int max, int maxWaiting, int keep, Duration idle) {
        Group<C> group = groups.computeIfAbsent(key, k -> new Group<>(k, idle.toNanos()));
        group.keep = Math.max(group.keep, keep);
        Borrower<C> borrower = new Borrower<>(group, max, maxWaiting);
        group.borrowers.add(borrower);
        return borrower;
    }

    /** Dismisses a borrower: those of it who wait fail, and connections that no other can use are closed once given back. */
    public void dismiss(Borrower<C> borrower, Throwable reason) {
        run(() -> {
            borrower.closed = true;
            failAll(borrower, reason);
            Group<C> group = borrower.group;
            group.borrowers.remove(borrower);
            if (group.borrowers.isEmpty()) {
                groups.remove(group.key);
                List.copyOf(group.slots).forEach(this::retire);
            }
            updateActive(borrower);
        });
    }

    /** A connection at once, if there is one and no one waits before; null otherwise. */
    public @Nullable Slot<C> tryAcquire(Borrower<C> borrower, Use use, @Nullable Object affinity) {
        Slot<C> slot;
        List<Runnable> todo;
        synchronized (this) {
            slot = tryNow(borrower, use, affinity);
            todo = drain();
        }
        todo.forEach(Runnable::run);
        return slot;
    }

    /**
     * A connection, at once or when one is there.
     *
     * @param handler fails with {@link ExhaustedException}, or with what {@link #failed} was told
     */
    public void acquire(
            Borrower<C> borrower, Use use, @Nullable Object affinity, Duration timeout, Completable<Slot<C>> handler) {
        run(() -> {
            Slot<C> slot = tryNow(borrower, use, affinity);
            if (slot != null) {
                effects.add(() -> handler.succeed(slot));
            } else {
                enqueue(borrower, use, affinity, timeout, handler);
            }
        });
    }

    /** Gives back what was acquired. */
    public void release(Slot<C> slot, Borrower<C> borrower, Use use) {
        List<Runnable> todo;
        synchronized (this) {
            giveBack(slot, borrower, use);
            if (slot.retiring && slot.isFree()) {
                close(slot);
            }
            if (!waiting.isEmpty()) {
                dispatch();
            }
            todo = drain();
        }
        todo.forEach(Runnable::run);
    }

    /** A connection that was asked for is there. */
    public void opened(Slot<C> slot, C connection) {
        run(() -> {
            Group<C> group = slot.group;
            group.opening--;
            group.failures = 0;
            group.lastFailure = null;
            slot.open(connection, now());
            wakeBy(slot.lastProgress + group.idleNanos);
            if (slot.retiring) {
                close(slot);
            }
            dispatch();
        });
    }

    /**
     * A connection that was asked for could not be made. It is tried again while someone waits.
     *
     * @param full the server is there and has no room: those who wait go on waiting, and the budget shrinks for a while
     */
    public void failed(Slot<C> slot, Throwable error, boolean full) {
        run(() -> {
            Group<C> group = slot.group;
            group.opening--;
            remove(slot);
            group.failures++;
            group.lastFailure = error;
            group.retryAt = now() + Math.min(FIRST_RETRY << Math.min(group.failures - 1, 10), LAST_RETRY);
            if (full) {
                shrunk = Math.max(1, used);
                shrunkUntil = now() + SHRUNK_FOR;
                wakeBy(shrunkUntil);
            } else if (!group.hasOpen()) {
                failThoseBefore(slot, error);
            }
            wakeBy(group.retryAt);
            dispatch();
        });
    }

    /** A connection is gone, whether it was to be closed or died. Those who use it still give it back. */
    public void closed(Slot<C> slot) {
        run(() -> {
            if (slot.state == Slot.State.GONE) {
                return;
            }
            remove(slot);
            dispatch();
        });
    }

    /** Closes a connection as soon as all who use it gave it back. */
    public void discard(Slot<C> slot) {
        run(() -> {
            retire(slot);
            dispatch();
        });
    }

    /** Changes the budget. When it shrinks, idle connections go at once, others when they are given back. */
    public void budget(int connections) {
        run(() -> {
            budget = connections;
            dispatch();
        });
    }

    /** Lets time pass: refuses who waited too long, closes what is idle too long, tries again. */
    public void advance() {
        run(() -> {
            armed = Long.MAX_VALUE;
            long now = now();
            List.copyOf(waiting).forEach(borrower -> expire(borrower, now));
            groups.values().forEach(group -> evictIdle(group, now));
            dispatch();
            rearm(now);
        });
    }

    public synchronized Snapshot snapshot() {
        int idle = 0;
        for (Group<C> group : groups.values()) {
            idle += idle(group);
        }
        return new Snapshot(
                limit(),
                used,
                idle,
                waiting.stream().mapToInt(Borrower::waiting).sum());
    }

    public synchronized BorrowerSnapshot snapshot(Borrower<C> borrower) {
        Group<C> group = borrower.group;
        return new BorrowerSnapshot(group.slots.size(), idle(group), inUse(borrower), borrower.waiting());
    }

    private void run(Runnable change) {
        List<Runnable> todo;
        synchronized (this) {
            change.run();
            todo = drain();
        }
        todo.forEach(Runnable::run);
    }

    private List<Runnable> drain() {
        if (effects.isEmpty()) {
            return List.of();
        }
        List<Runnable> todo = new ArrayList<>(effects);
        effects.clear();
        return todo;
    }

    private long now() {
        return clock.getAsLong();
    }

    private int limit() {
        return shrunkUntil > now() ? Math.min(budget, shrunk) : budget;
    }

    // ---- lending

    private @Nullable Slot<C> tryNow(Borrower<C> borrower, Use use, @Nullable Object affinity) {
        if (borrower.closed || !borrower.queue(use).isEmpty()) {
            return null;
        }
        Slot<C> slot = choose(borrower, use, affinity);
        if (slot == null) {
            return null;
        }
        if (use == Use.SHARED && slot.shared >= CROWDED) {
            growQuietly(borrower, affinity);
        }
        lend(slot, borrower, use);
        return slot;
    }

    private @Nullable Slot<C> choose(Borrower<C> borrower, Use use, @Nullable Object affinity) {
        return use == Use.SHARED ? chooseToShare(borrower, affinity) : chooseToOwn(borrower, use, affinity);
    }

    /** The least busy, rather near than far, rather one that served this borrower last. */
    private @Nullable Slot<C> chooseToShare(Borrower<C> borrower, @Nullable Object affinity) {
        Group<C> group = borrower.group;
        int depth = group.active > 1 ? DEPTH_AMONG_OTHERS : DEPTH;
        if (borrower.shared >= borrower.max * depth) {
            return null;
        }
        long now = now();
        Slot<C> best = null;
        int bestScore = Integer.MAX_VALUE;
        for (Slot<C> slot : group.slots) {
            if (canShare(slot, depth, now)) {
                int score = slot.shared * 4 + distance(slot, borrower, affinity);
                if (score < bestScore) {
                    best = slot;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    private static <C> boolean canShare(Slot<C> slot, int depth, long now) {
        return slot.state == Slot.State.OPEN
                && !slot.owned
                && !slot.retiring
                && !(slot.draining && slot.group.waitingToOwn > 0)
                && slot.shared < depth
                && (slot.shared == 0 || now - slot.lastProgress < STALLED);
    }

    private static <C> int distance(Slot<C> slot, Borrower<C> borrower, @Nullable Object affinity) {
        return (slot.affinity == affinity ? 0 : 1) + (slot.last == borrower ? 0 : 2);
    }

    private static <C> @Nullable Slot<C> chooseToOwn(Borrower<C> borrower, Use use, @Nullable Object affinity) {
        if (!borrower.mayOwn(use)) {
            return null;
        }
        Slot<C> best = null;
        int bestScore = Integer.MAX_VALUE;
        for (Slot<C> slot : borrower.group.slots) {
            if (slot.isLendable()) {
                int score = distance(slot, borrower, affinity);
                if (score < bestScore) {
                    best = slot;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    private void lend(Slot<C> slot, Borrower<C> borrower, Use use) {
        if (slot.shared == 0) {
            slot.lastProgress = now();
        }
        slot.last = borrower;
        if (use == Use.SHARED) {
            slot.shared++;
            borrower.shared++;
        } else {
            slot.owned = true;
            slot.draining = false;
            borrower.owned++;
            borrower.slow += use == Use.SLOW ? 1 : 0;
        }
        updateActive(borrower);
    }

    private void giveBack(Slot<C> slot, Borrower<C> borrower, Use use) {
        slot.lastProgress = now();
        if (use == Use.SHARED) {
            slot.shared--;
            borrower.shared--;
        } else {
            slot.owned = false;
            borrower.owned--;
            borrower.slow -= use == Use.SLOW ? 1 : 0;
        }
        updateActive(borrower);
        if (slot.isFree()) {
            wakeBy(slot.lastProgress + slot.group.idleNanos);
        }
    }

    private static <C> void updateActive(Borrower<C> borrower) {
        boolean active = !borrower.closed && borrower.shared + borrower.owned + borrower.waiting() > 0;
        if (active != borrower.active) {
            borrower.active = active;
            borrower.group.active += active ? 1 : -1;
            borrower.group.activeMax += active ? borrower.max : -borrower.max;
        }
    }

    // ---- waiting

    private void enqueue(
            Borrower<C> borrower, Use use, @Nullable Object affinity, Duration timeout, Completable<Slot<C>> handler) {
        if (borrower.closed || borrower.waiting() >= borrower.maxWaiting) {
            ExhaustedException refusal = exhausted(borrower, 0);
            effects.add(() -> handler.fail(refusal));
            return;
        }
        long now = now();
        long deadline = now + timeout.toNanos();
        borrower.queue(use).add(new Waiter<>(numbers++, use, affinity, now, deadline, handler));
        borrower.group.waitingToOwn += use == Use.SHARED ? 0 : 1;
        waiting.add(borrower);
        updateActive(borrower);
        wakeBy(deadline);
        provide();
    }

    private void expire(Borrower<C> borrower, long now) {
        for (ArrayDeque<Waiter<C>> queue : borrower.queues) {
            Waiter<C> head;
            while ((head = queue.peek()) != null && head.deadline <= now) {
                poll(borrower, queue);
                fail(head, exhausted(borrower, now - head.since));
            }
        }
        dequeued(borrower);
    }

    private static <C> Waiter<C> poll(Borrower<C> borrower, ArrayDeque<Waiter<C>> queue) {
        Waiter<C> waiter = queue.remove();
        borrower.group.waitingToOwn -= waiter.use == Use.SHARED ? 0 : 1;
        return waiter;
    }

    private void dequeued(Borrower<C> borrower) {
        if (borrower.waiting() == 0) {
            waiting.remove(borrower);
        }
        updateActive(borrower);
    }

    private void fail(Waiter<C> waiter, Throwable error) {
        effects.add(() -> waiter.handler.fail(error));
    }

    private void failAll(Borrower<C> borrower, Throwable error) {
        for (ArrayDeque<Waiter<C>> queue : borrower.queues) {
            while (!queue.isEmpty()) {
                fail(poll(borrower, queue), error);
            }
        }
        dequeued(borrower);
    }

    /** Only those who waited when the attempt began: who came later has an attempt of its own to come. */
    private void failThoseBefore(Slot<C> slot, Throwable error) {
        for (Borrower<C> borrower : slot.group.borrowers) {
            for (ArrayDeque<Waiter<C>> queue : borrower.queues) {
                Waiter<C> head;
                while ((head = queue.peek()) != null && head.since <= slot.since) {
                    fail(poll(borrower, queue), error);
                }
            }
            dequeued(borrower);
        }
    }

    private ExhaustedException exhausted(Borrower<C> borrower, long waited) {
        return new ExhaustedException(
                Duration.ofNanos(waited),
                borrower.max,
                inUse(borrower),
                borrower.waiting(),
                borrower.group.lastFailure);
    }

    private static <C> int inUse(Borrower<C> borrower) {
        int sharing = 0;
        for (Slot<C> slot : borrower.group.slots) {
            sharing += slot.shared > 0 && slot.last == borrower ? 1 : 0;
        }
        return borrower.owned + sharing;
    }

    private static <C> int idle(Group<C> group) {
        int idle = 0;
        for (Slot<C> slot : group.slots) {
            idle += slot.isFree() ? 1 : 0;
        }
        return idle;
    }

    // ---- who is next

    /** Serves who can be served, one each in turn, then sees to it that the others can. */
    private void dispatch() {
        trim();
        boolean served = !waiting.isEmpty();
        while (served) {
            served = false;
            for (Borrower<C> borrower : List.copyOf(waiting)) {
                served |= serveOne(borrower);
            }
        }
        provide();
    }

    private boolean serveOne(Borrower<C> borrower) {
        Waiter<C> first = null;
        Slot<C> slot = null;
        for (ArrayDeque<Waiter<C>> queue : borrower.queues) {
            Waiter<C> head = queue.peek();
            if (head != null && (first == null || head.number < first.number)) {
                Slot<C> chosen = choose(borrower, head.use, head.affinity);
                first = chosen == null ? first : head;
                slot = chosen == null ? slot : chosen;
            }
        }
        if (first == null || slot == null) {
            return false;
        }
        hand(slot, borrower, first);
        return true;
    }

    private void hand(Slot<C> slot, Borrower<C> borrower, Waiter<C> waiter) {
        poll(borrower, borrower.queue(waiter.use));
        lend(slot, borrower, waiter.use);
        waiting.remove(borrower);
        if (borrower.waiting() > 0) {
            waiting.add(borrower); // behind the others
        }
        effects.add(() -> waiter.handler.succeed(slot));
    }

    // ---- opening and closing

    /** Opens what waiters need, within the budget; makes room where there is none. */
    private void provide() {
        if (waiting.isEmpty()) {
            return;
        }
        countWanted();
        int missing = 0;
        for (Borrower<C> borrower : waiting) {
            Group<C> group = borrower.group;
            while (group.opening < group.wanted && canGrow(group) && used < limit()) {
                open(group, affinity(borrower));
            }
            if (group.opening < group.wanted && canGrow(group)) {
                missing++;
                if (leaving < missing) {
                    makeRoom(borrower);
                }
            }
            drainForOwners(group);
        }
    }

    private void countWanted() {
        for (Borrower<C> borrower : waiting) {
            borrower.group.wanted = 0;
            borrower.group.wantedToOwn = 0;
        }
        for (Borrower<C> borrower : waiting) {
            int own = borrower.wanted();
            borrower.group.wantedToOwn += own;
            borrower.group.wanted += own + (borrower.queue(Use.SHARED).isEmpty() ? 0 : 1);
        }
    }

    private boolean canGrow(Group<C> group) {
        return group.slots.size() < group.activeMax && group.retryAt <= now();
    }

    private static <C> @Nullable Object affinity(Borrower<C> borrower) {
        Waiter<C> first = borrower.first();
        return first == null ? null : first.affinity;
    }

    /** One more for a group whose connections are all busy, if it costs no one else. */
    private void growQuietly(Borrower<C> borrower, @Nullable Object affinity) {
        Group<C> group = borrower.group;
        if (group.opening == 0 && canGrow(group) && used < limit()) {
            open(group, affinity);
        }
    }

    private void open(Group<C> group, @Nullable Object affinity) {
        Slot<C> slot = new Slot<>(group, affinity, now());
        group.slots.add(slot);
        group.opening++;
        used++;
        effects.add(() -> owner.open(slot));
    }

    /** Closes an idle connection of another group; or, when none is idle, has a busy one closed once its turn is over. */
    private void makeRoom(Borrower<C> borrower) {
        Slot<C> idle = longestIdleOutside(borrower.group);
        if (idle != null) {
            if (idle.lastProgress + SETTLED <= now()) {
                retire(idle);
            } else {
                wakeBy(idle.lastProgress + SETTLED);
            }
            return;
        }
        Waiter<C> first = borrower.first();
        long due = first == null ? Long.MAX_VALUE : first.since + TURN;
        if (due > now()) {
            wakeBy(due);
            return;
        }
        Slot<C> busy = longestHeldOutside(borrower.group);
        if (busy != null) {
            retire(busy);
        }
    }

    private @Nullable Slot<C> longestIdleOutside(Group<C> needy) {
        Slot<C> longest = null;
        for (Group<C> group : groups.values()) {
            for (Slot<C> slot : group.slots) {
                boolean candidate = group != needy && slot.isLendable();
                if (candidate && (longest == null || slot.lastProgress < longest.lastProgress)) {
                    longest = slot;
                }
            }
        }
        return longest;
    }

    /** From a group that has more; from any when the needy one has none. */
    private @Nullable Slot<C> longestHeldOutside(Group<C> needy) {
        Slot<C> longest = null;
        for (Group<C> group : groups.values()) {
            boolean richer = needy.slots.isEmpty() || group.slots.size() > needy.slots.size() + 1;
            if (group == needy || !richer) {
                continue;
            }
            for (Slot<C> slot : group.slots) {
                boolean candidate = slot.state == Slot.State.OPEN && !slot.retiring && slot.since + TURN <= now();
                if (candidate && (longest == null || isRicherOrOlder(slot, longest))) {
                    longest = slot;
                }
            }
        }
        return longest;
    }

    private static <C> boolean isRicherOrOlder(Slot<C> slot, Slot<C> other) {
        int difference = slot.group.slots.size() - other.group.slots.size();
        return difference > 0 || (difference == 0 && slot.since < other.since);
    }

    /** Lets shared connections run empty for those who need one to themselves, but not all of them at once. */
    private void drainForOwners(Group<C> group) {
        int open = 0;
        int draining = 0;
        for (Slot<C> slot : group.slots) {
            open += slot.state == Slot.State.OPEN ? 1 : 0;
            slot.draining &= draining < group.wantedToOwn;
            draining += slot.draining ? 1 : 0;
        }
        int wanted = Math.min(group.wantedToOwn, Math.max(1, open - 1));
        while (draining < wanted) {
            Slot<C> slot = leastShared(group);
            if (slot == null) {
                return;
            }
            slot.draining = true;
            draining++;
        }
    }

    private static <C> @Nullable Slot<C> leastShared(Group<C> group) {
        Slot<C> least = null;
        for (Slot<C> slot : group.slots) {
            boolean candidate = slot.shared > 0 && !slot.draining && !slot.retiring && slot.state == Slot.State.OPEN;
            if (candidate && (least == null || slot.shared < least.shared)) {
                least = slot;
            }
        }
        return least;
    }

    /** Has a connection closed, at once if no one uses it. */
    private void retire(Slot<C> slot) {
        if (slot.retiring || slot.state == Slot.State.GONE) {
            return;
        }
        slot.retiring = true;
        leaving++;
        if (slot.isFree()) {
            close(slot);
        }
    }

    private void close(Slot<C> slot) {
        slot.state = Slot.State.CLOSING;
        effects.add(() -> owner.close(slot));
    }

    private void remove(Slot<C> slot) {
        slot.state = Slot.State.GONE;
        slot.draining = false;
        slot.group.slots.remove(slot);
        used--;
        leaving -= slot.retiring ? 1 : 0;
    }

    /** After the budget shrank. */
    private void trim() {
        while (used - leaving > budget) {
            Slot<C> slot = dispensable();
            if (slot == null) {
                return;
            }
            retire(slot);
        }
    }

    private @Nullable Slot<C> dispensable() {
        Slot<C> best = null;
        for (Group<C> group : groups.values()) {
            for (Slot<C> slot : group.slots) {
                if (!slot.retiring && (best == null || (slot.isFree() && !best.isFree()))) {
                    best = slot;
                }
            }
        }
        return best;
    }

    private void evictIdle(Group<C> group, long now) {
        int kept = group.slots.size();
        for (Slot<C> slot : List.copyOf(group.slots)) {
            if (kept > group.keep && slot.isLendable() && slot.lastProgress + group.idleNanos <= now) {
                retire(slot);
                kept--;
            }
        }
    }

    // ---- time

    private void wakeBy(long time) {
        if (time < armed) {
            armed = time;
            long in = Math.max(0, time - now());
            effects.add(() -> owner.wakeIn(in));
        }
    }

    private void rearm(long now) {
        for (Borrower<C> borrower : waiting) {
            for (ArrayDeque<Waiter<C>> queue : borrower.queues) {
                Waiter<C> head = queue.peek();
                if (head != null) {
                    wakeBy(head.deadline);
                }
            }
            if (borrower.group.retryAt > now) {
                wakeBy(borrower.group.retryAt);
            }
        }
        if (shrunkUntil > now && !waiting.isEmpty()) {
            wakeBy(shrunkUntil);
        }
        for (Group<C> group : groups.values()) {
            for (Slot<C> slot : group.slots) {
                if (slot.isLendable() && group.slots.size() > group.keep) {
                    wakeBy(slot.lastProgress + group.idleNanos);
                }
            }
        }
    }
}
