package dev.plinth.runtime.database.pool;

import io.vertx.core.Completable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
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

    /** So many statements on the least busy connection are reason to open another. */
    private static final int CROWDED = 2;

    private final Agenda agenda;
    private final Stock<C> stock;
    /** In the order in which they are next served. */
    private final Set<Borrower<C>> waiting = new LinkedHashSet<>();

    private long numbers;

    /** Carries out what a broker decides. */
    public interface Owner<C> {

        /** Connects, then tells {@link Broker#opened} or {@link Broker#failed}. */
        void open(Slot<C> slot);

        /** Stops connecting, then tells {@link Broker#failed}; or {@link Broker#opened}, when it was too late. */
        void abandon(Slot<C> slot);

        /** Closes what {@link Broker#opened} was told, then tells {@link Broker#closed}. */
        void close(Slot<C> slot);

        /** Calls {@link Broker#advance} after so long, whatever was asked before; calls too many do no harm. */
        void wakeIn(long nanos);
    }

    /** @param clock nanoseconds that never go back */
    public Broker(int budget, LongSupplier clock, Owner<C> owner) {
        this.agenda = new Agenda(clock, owner::wakeIn);
        this.stock = new Stock<>(budget, agenda, owner);
    }

    /**
     * What is there now.
     *
     * @param wanted connections that all borrowers together may have
     */
    public record Snapshot(int budget, int total, int idle, int waiting, int borrowers, int wanted) {}

    /**
     * Admits a borrower.
     *
     * @param name as messages call it
     * @param key of the group: borrowers with equal keys share connections
     * @param max connections that it may have for itself at one time
     * @param maxWaiting requests beyond which it is refused at once
     * @param keep connections kept open for its group though they are idle
     */
    public synchronized Borrower<C> borrower(
            String name, Object key, int max, int maxWaiting, int keep, Duration idle) {
        Group<C> group = stock.group(key, idle);
        group.keep = Math.max(group.keep, keep);
        Borrower<C> borrower = new Borrower<>(name, group, max, maxWaiting);
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
                stock.dissolve(group);
            }
            updateActive(borrower);
        });
    }

    /**
     * A connection at once, if there is one and no one waits before; null otherwise.
     *
     * @param now what the clock says, which the caller needs itself
     */
    public @Nullable Slot<C> tryAcquire(Borrower<C> borrower, Use use, @Nullable Object affinity, long now) {
        Slot<C> slot;
        List<Runnable> todo;
        synchronized (this) {
            agenda.begin(now);
            slot = tryNow(borrower, use, affinity);
            todo = agenda.drain();
        }
        todo.forEach(Runnable::run);
        return slot;
    }

    /**
     * A connection, at once or when one is there.
     *
     * @param asked when the borrower asked first; the timeout counts from there
     * @param handler fails with {@link ExhaustedException}, or with what {@link #failed} was told
     */
    public void acquire(
            Borrower<C> borrower,
            Use use,
            @Nullable Object affinity,
            long asked,
            Duration timeout,
            Completable<Slot<C>> handler) {
        run(() -> {
            Slot<C> slot = tryNow(borrower, use, affinity);
            if (slot != null) {
                agenda.add(() -> handler.succeed(slot));
            } else {
                enqueue(borrower, use, affinity, asked, asked + timeout.toNanos(), handler);
            }
        });
    }

    /**
     * Gives back what was acquired.
     *
     * @param now what the clock says
     */
    public void release(Slot<C> slot, Borrower<C> borrower, Use use, long now) {
        List<Runnable> todo;
        synchronized (this) {
            agenda.begin(now);
            giveBack(slot, borrower, use);
            stock.closeIfRetired(slot);
            serve(slot.group);
            provide();
            todo = agenda.drain();
        }
        todo.forEach(Runnable::run);
    }

    /** A connection that was asked for is there. */
    public void opened(Slot<C> slot, C connection) {
        run(() -> {
            stock.opened(slot, connection);
            dispatch();
        });
    }

    /**
     * A connection that was asked for could not be made. It is tried again while someone waits.
     */
    public void failed(Slot<C> slot, Throwable error, Obstacle obstacle) {
        run(() -> {
            stock.failed(slot, error, obstacle);
            if (obstacle == Obstacle.LASTING && !slot.retiring && !slot.group.hasOpen()) {
                failThoseBefore(slot, error);
            }
            dispatch();
        });
    }

    /** A connection is gone, whether it was to be closed or died. Those who use it still give it back. */
    public void closed(Slot<C> slot) {
        run(() -> {
            stock.closed(slot);
            dispatch();
        });
    }

    /** A connection is gone, and so is who had it to itself: what that one gives back later is not looked at. */
    public void abandoned(Slot<C> slot) {
        run(() -> {
            Borrower<C> owner = slot.last;
            if (slot.owned && owner != null) {
                giveBack(slot, owner, slot.ownedFor);
            }
            stock.closed(slot);
            dispatch();
        });
    }

    /** Closes a connection as soon as all who use it gave it back. */
    public void discard(Slot<C> slot) {
        run(() -> {
            stock.retire(slot);
            dispatch();
        });
    }

    /** Changes the budget. When it shrinks, idle connections go at once, others when they are given back. */
    public void budget(int connections) {
        run(() -> {
            stock.budget(connections);
            dispatch();
        });
    }

    /** Lets time pass: refuses who waited too long, closes what is idle too long, tries again. */
    public void advance() {
        run(() -> {
            if (agenda.awake()) {
                List.copyOf(waiting).forEach(this::expire);
                stock.evictIdle();
                dispatch();
                rearm();
            }
        });
    }

    /** Connections that are opening, open or closing. */
    public synchronized int total() {
        return stock.used();
    }

    public synchronized Snapshot snapshot() {
        agenda.begin();
        return new Snapshot(
                stock.limit(),
                stock.used(),
                stock.idle(),
                waiting.stream().mapToInt(Borrower::waiting).sum(),
                stock.groups().stream()
                        .mapToInt(group -> group.borrowers.size())
                        .sum(),
                stock.groups().stream()
                        .flatMap(group -> group.borrowers.stream())
                        .mapToInt(borrower -> borrower.max)
                        .sum());
    }

    /** What one borrower's group has, and what the borrower itself uses. */
    public synchronized PoolUsage usage(Borrower<C> borrower) {
        Group<C> group = borrower.group;
        return new PoolUsage(borrower.max, group.slots.size(), group.idle(), borrower.inUse(), borrower.waiting());
    }

    private void run(Runnable change) {
        List<Runnable> todo;
        synchronized (this) {
            agenda.begin();
            change.run();
            todo = agenda.drain();
        }
        todo.forEach(Runnable::run);
    }

    // ---- lending

    private @Nullable Slot<C> tryNow(Borrower<C> borrower, Use use, @Nullable Object affinity) {
        if (borrower.closed || !borrower.queue(use).isEmpty()) {
            return null;
        }
        Slot<C> slot = toUse(borrower, use, affinity);
        if (slot == null) {
            return null;
        }
        if (use == Use.SHARED && slot.shared >= CROWDED) {
            growQuietly(borrower, affinity);
        }
        lend(slot, borrower, use);
        return slot;
    }

    private @Nullable Slot<C> toUse(Borrower<C> borrower, Use use, @Nullable Object affinity) {
        Slot<C> slot = Choice.toUse(borrower, use, affinity, agenda.now());
        return slot != null && use == Use.SLOW && isKeptFrom(borrower, slot) ? null : slot;
    }

    /** A slow statement leaves others the last one on which theirs travel, when one more is soon opened or comes free. */
    private boolean isKeptFrom(Borrower<C> borrower, Slot<C> slot) {
        return Choice.isOthersOnly(slot, borrower, agenda.now()) && (borrower.slow > 0 || stock.isGrowing(borrower));
    }

    private void lend(Slot<C> slot, Borrower<C> borrower, Use use) {
        if (slot.shared == 0) {
            slot.lastProgress = agenda.now();
        }
        slot.last = borrower;
        slot.group.lastServed = agenda.now();
        borrower.home = slot;
        if (use == Use.SHARED) {
            slot.shared++;
            slot.group.shared++;
            borrower.shared++;
        } else {
            slot.owned = true;
            slot.ownedFor = use;
            slot.draining = false;
            borrower.owned++;
            borrower.slow += use == Use.SLOW ? 1 : 0;
        }
        updateActive(borrower);
    }

    private void giveBack(Slot<C> slot, Borrower<C> borrower, Use use) {
        if (use != Use.SHARED && !slot.owned) {
            return; // it was abandoned
        }
        slot.lastProgress = agenda.now();
        if (use == Use.SHARED) {
            slot.shared--;
            slot.group.shared--;
            borrower.shared--;
        } else {
            slot.owned = false;
            borrower.owned--;
            borrower.slow -= use == Use.SLOW ? 1 : 0;
        }
        updateActive(borrower);
        if (slot.isFree()) {
            agenda.wakeBy(slot.lastProgress + slot.group.idleNanos);
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
            Borrower<C> borrower,
            Use use,
            @Nullable Object affinity,
            long asked,
            long deadline,
            Completable<Slot<C>> handler) {
        if (borrower.closed || borrower.isCrowded()) {
            ExhaustedException refusal = exhausted(borrower, 0);
            agenda.add(() -> handler.fail(refusal));
            return;
        }
        long now = agenda.now();
        borrower.queue(use).add(new Waiter<>(numbers++, use, affinity, now, asked, deadline, handler));
        borrower.group.waitingToOwn += use == Use.SHARED ? 0 : 1;
        if (borrower.waiting() == 1) {
            startWaiting(borrower);
        }
        updateActive(borrower);
        agenda.wakeBy(deadline);
        provide();
    }

    private void expire(Borrower<C> borrower) {
        long now = agenda.now();
        for (ArrayDeque<Waiter<C>> queue : borrower.queues) {
            // Not only at the head: who asks again after a failure has less time left than those before him.
            Iterator<Waiter<C>> each = queue.iterator();
            while (each.hasNext()) {
                Waiter<C> waiter = each.next();
                if (waiter.deadline <= now) {
                    each.remove();
                    removed(borrower, waiter);
                    fail(waiter, exhausted(borrower, now - waiter.asked));
                }
            }
        }
        dequeued(borrower);
    }

    private static <C> Waiter<C> poll(Borrower<C> borrower, ArrayDeque<Waiter<C>> queue) {
        Waiter<C> waiter = queue.remove();
        removed(borrower, waiter);
        return waiter;
    }

    private static <C> void removed(Borrower<C> borrower, Waiter<C> waiter) {
        borrower.group.waitingToOwn -= waiter.use == Use.SHARED ? 0 : 1;
    }

    private void dequeued(Borrower<C> borrower) {
        if (borrower.waiting() == 0) {
            stopWaiting(borrower);
        }
        updateActive(borrower);
    }

    private void startWaiting(Borrower<C> borrower) {
        waiting.add(borrower);
        borrower.group.waiting.add(borrower);
    }

    private void stopWaiting(Borrower<C> borrower) {
        waiting.remove(borrower);
        borrower.group.waiting.remove(borrower);
    }

    private void fail(Waiter<C> waiter, Throwable error) {
        agenda.add(() -> waiter.handler.fail(error));
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
                borrower.inUse(),
                borrower.waiting(),
                Choice.longestHeld(borrower, stock.groups())
                        .map(slot -> new ExhaustedException.Holder(
                                Objects.requireNonNull(slot.last).name,
                                Duration.ofNanos(agenda.now() - slot.lastProgress))),
                borrower.group.lastFailure);
    }

    // ---- who is next

    /** Serves who can be served, then sees to it that the others can. */
    private void dispatch() {
        stock.trim();
        waitingGroups().forEach(this::serve);
        provide();
    }

    /** Serves those of a group who can be served, one each in turn. */
    private void serve(Group<C> group) {
        boolean served = true;
        while (served) {
            served = !group.waiting.isEmpty() && Choice.hasRoom(group, agenda.now()) && serveNext(group);
        }
    }

    private boolean serveNext(Group<C> group) {
        for (Borrower<C> borrower : group.waiting) {
            if (serveOne(borrower)) {
                return true;
            }
        }
        return false;
    }

    private boolean serveOne(Borrower<C> borrower) {
        Waiter<C> first = null;
        Slot<C> slot = null;
        for (ArrayDeque<Waiter<C>> queue : borrower.queues) {
            Waiter<C> head = queue.peek();
            if (head != null && (first == null || head.number < first.number)) {
                Slot<C> chosen = toUse(borrower, head.use, head.affinity);
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
        if (borrower.waiting() == 0) {
            stopWaiting(borrower);
        } else if (waiting.size() > 1) {
            stopWaiting(borrower);
            startWaiting(borrower); // behind the others
        }
        agenda.add(() -> waiter.handler.succeed(slot));
    }

    /** Opens what waiters need, within the budget; makes room where there is none. No group goes beyond its share at others' cost. */
    private void provide() {
        List<Group<C>> groups = waitingGroups();
        int share = groups.size() > 1 ? Math.max(1, stock.limit() / groups.size()) : Integer.MAX_VALUE;
        int missing = 0;
        for (Group<C> group : groups) {
            boolean hasAll = stock.isAllOf(group);
            boolean drains = group.waitingToOwn > 0 && (group.shared > 0 || group.draining);
            if (hasAll && !drains) {
                continue;
            }
            countWanted(group);
            if (group.retryAt > agenda.now()) {
                agenda.wakeBy(group.retryAt);
            }
            if (!hasAll) {
                open(group, share);
                missing = makeRoom(group, share, missing);
            }
            drainForOwners(group);
        }
        if (groups.size() > 1) {
            groups.forEach(group -> open(group, Integer.MAX_VALUE));
        }
    }

    /** In the order in which they are next served. */
    private List<Group<C>> waitingGroups() {
        if (waiting.isEmpty()) {
            return List.of();
        }
        Group<C> first = waiting.iterator().next().group;
        return first.waiting.size() == waiting.size()
                ? List.of(first)
                : waiting.stream().map(borrower -> borrower.group).distinct().toList();
    }

    private void open(Group<C> group, int share) {
        if (!stock.hasRoom()) {
            return;
        }
        for (Borrower<C> borrower : group.waiting) {
            if (!stock.hasTooFewOpening(group) || !stock.canOpen(group, share)) {
                return;
            }
            stock.open(group, affinity(borrower));
        }
    }

    /**
     * @param missing connections that groups before this one lack
     * @return with those that this one lacks; there is no use in looking beyond all that there can be
     */
    private int makeRoom(Group<C> group, int share, int missing) {
        int lacking = missing;
        for (Borrower<C> borrower : group.waiting) {
            Waiter<C> first = borrower.first();
            boolean enough = lacking >= stock.limit() || !stock.hasTooFewOpening(group);
            if (first == null || enough || !stock.canGrow(group, share)) {
                return lacking;
            }
            lacking++;
            if (stock.leaving() < lacking) {
                stock.makeRoom(group, first.since);
            }
        }
        return lacking;
    }

    private static <C> void countWanted(Group<C> group) {
        group.wanted = 0;
        group.wantedToOwn = 0;
        for (Borrower<C> borrower : group.waiting) {
            int own = borrower.wanted();
            group.wantedToOwn += own;
            group.wanted += own + (borrower.queue(Use.SHARED).isEmpty() ? 0 : 1);
        }
    }

    private static <C> @Nullable Object affinity(Borrower<C> borrower) {
        Waiter<C> first = borrower.first();
        return first == null ? null : first.affinity;
    }

    /** One more for a group whose connections are all busy, if it costs no one else. */
    private void growQuietly(Borrower<C> borrower, @Nullable Object affinity) {
        Group<C> group = borrower.group;
        if (group.opening == 0 && stock.canOpen(group, Integer.MAX_VALUE)) {
            stock.open(group, affinity);
        }
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
        Slot<C> slot;
        while (draining < wanted && (slot = Choice.leastShared(group)) != null && !isKept(slot)) {
            slot.draining = true;
            draining++;
        }
        group.draining = draining > 0;
    }

    private boolean isKept(Slot<C> slot) {
        return slot.group.waiting.stream()
                .filter(borrower -> borrower.wanted() > 0)
                .allMatch(borrower -> borrower.queue(Use.OWN).isEmpty() && isKeptFrom(borrower, slot));
    }

    private void rearm() {
        for (Borrower<C> borrower : waiting) {
            for (ArrayDeque<Waiter<C>> queue : borrower.queues) {
                queue.forEach(waiter -> agenda.wakeBy(waiter.deadline));
            }
        }
        stock.rearm(!waiting.isEmpty());
    }
}
