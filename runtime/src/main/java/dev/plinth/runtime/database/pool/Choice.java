package dev.plinth.runtime.database.pool;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Chooses among connections; changes nothing. */
final class Choice {

    /** How many statements travel on one connection; fewer when several borrowers share it, so that none waits behind many. */
    static final int DEPTH = 32;

    static final int DEPTH_AMONG_OTHERS = 8;

    /** So many travel together before the next connection is better: one packet for several costs both ends less. */
    private static final int PACKED = 4;

    /** Without an answer for this long, nothing more is sent after what is under way on a connection. */
    private static final long STALLED = Duration.ofMillis(10).toNanos();

    /** For so long after a statement its borrower is likely to have another one. */
    static final long OF_LATE = Duration.ofSeconds(1).toNanos();

    private Choice() {}

    static <C> @Nullable Slot<C> toUse(Borrower<C> borrower, Use use, @Nullable Object affinity, long now) {
        return use == Use.SHARED ? toShare(borrower, affinity, now) : toOwn(borrower, use, affinity);
    }

    /** One of the least busy, rather near than far, rather one that served this borrower last. */
    private static <C> @Nullable Slot<C> toShare(Borrower<C> borrower, @Nullable Object affinity, long now) {
        Group<C> group = borrower.group;
        int depth = depth(group);
        if (borrower.shared >= borrower.max * depth) {
            return null;
        }
        Slot<C> best = null;
        int bestScore = Integer.MAX_VALUE;
        for (Slot<C> slot : group.slots) {
            if (canShare(slot, depth, now)) {
                int score = slot.shared / PACKED * 4 + distance(slot, borrower, affinity);
                if (score < bestScore) {
                    best = slot;
                    bestScore = score;
                }
                if (score == 0) {
                    return slot;
                }
            }
        }
        return best;
    }

    /** Whether anyone can be served: a quick answer to what is asked most often. */
    static <C> boolean hasRoom(Group<C> group, long now) {
        int depth = depth(group);
        for (Slot<C> slot : group.slots) {
            if (slot.isLendable() || canShare(slot, depth, now)) {
                return true;
            }
        }
        return false;
    }

    private static int depth(Group<?> group) {
        return group.active > 1 ? DEPTH_AMONG_OTHERS : DEPTH;
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
        boolean known = slot.last == borrower || slot == borrower.home;
        return (slot.affinity == affinity ? 0 : 2) + (known ? 0 : 1);
    }

    private static <C> @Nullable Slot<C> toOwn(Borrower<C> borrower, Use use, @Nullable Object affinity) {
        if (!borrower.mayOwn(use)) {
            return null;
        }
        Slot<C> best = null;
        int bestScore = Integer.MAX_VALUE;
        for (Slot<C> slot : borrower.group.slots) {
            if (slot.isLendable()) {
                int score = 2 * distance(slot, borrower, affinity) - (slot.last == null ? 1 : 0);
                if (score < bestScore) {
                    best = slot;
                    bestScore = score;
                }
                if (score == 0 && slot.last == borrower) {
                    return slot;
                }
            }
        }
        return best;
    }

    /** Whether another borrower's statements travelled on this one of late, and can travel on no other one. */
    static <C> boolean isOthersOnly(Slot<C> slot, Borrower<C> borrower, long now) {
        return slot.last != null && slot.last != borrower && isOfLate(slot, now) && slot == onlyOneToShare(slot.group);
    }

    private static boolean isOfLate(Slot<?> slot, long now) {
        return now - slot.lastProgress < OF_LATE;
    }

    private static <C> @Nullable Slot<C> onlyOneToShare(Group<C> group) {
        Slot<C> only = null;
        for (Slot<C> slot : group.slots) {
            if (slot.state == Slot.State.OPEN && !slot.owned && !slot.retiring) {
                if (only != null) {
                    return null;
                }
                only = slot;
            }
        }
        return only;
    }

    /** @param sparing whether a group keeps the only one that it has, if it was used of late */
    static <C> @Nullable Slot<C> longestIdleOutside(
            Group<C> needy, Collection<Group<C>> groups, boolean sparing, long now) {
        Slot<C> longest = null;
        for (Group<C> group : groups) {
            for (Slot<C> slot : group.slots) {
                boolean candidate = group != needy && slot.isLendable();
                if (candidate
                        && (longest == null || slot.lastProgress < longest.lastProgress)
                        && !(sparing && isOfLate(slot, now) && group.staying() == 1)) {
                    longest = slot;
                }
            }
        }
        return longest;
    }

    /** From a group that has more; from any when the needy one has none. */
    static <C> @Nullable Slot<C> longestHeldOutside(Group<C> needy, Collection<Group<C>> groups, long now) {
        Slot<C> longest = null;
        for (Group<C> group : groups) {
            boolean richer = needy.slots.isEmpty() || group.slots.size() > needy.slots.size() + 1;
            if (group == needy || !richer) {
                continue;
            }
            for (Slot<C> slot : group.slots) {
                boolean candidate = slot.state == Slot.State.OPEN && !slot.retiring && slot.turnEnds <= now;
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

    /** How many attempts to connect began no later than this, or were given up. */
    static <C> int hopeless(Group<C> group, long begunBy) {
        int hopeless = 0;
        for (Slot<C> slot : group.slots) {
            boolean givenUp = slot.state == Slot.State.OPENING && slot.retiring;
            hopeless += givenUp || isHopeless(slot, begunBy) ? 1 : 0;
        }
        return hopeless;
    }

    private static <C> boolean isHopeless(Slot<C> slot, long begunBy) {
        return slot.state == Slot.State.OPENING && !slot.retiring && slot.since <= begunBy;
    }

    /** The youngest but never the only one. */
    static <C> @Nullable Slot<C> youngestHopeless(Collection<Group<C>> groups, long begunBy) {
        Slot<C> youngest = null;
        int count = 0;
        for (Group<C> group : groups) {
            for (Slot<C> slot : group.slots) {
                if (isHopeless(slot, begunBy)) {
                    count++;
                    youngest = youngest == null || slot.since >= youngest.since ? slot : youngest;
                }
            }
        }
        return count > 1 ? youngest : null;
    }

    static <C> @Nullable Slot<C> youngestOpening(Group<C> group) {
        Slot<C> youngest = null;
        for (Slot<C> slot : group.slots) {
            boolean candidate = slot.state == Slot.State.OPENING && !slot.retiring;
            if (candidate && (youngest == null || slot.since >= youngest.since)) {
                youngest = slot;
            }
        }
        return youngest;
    }

    /** Who is in the way of a borrower: it itself when it has all it may have, or else anyone. */
    static <C> Optional<Slot<C>> longestHeld(Borrower<C> borrower, Collection<Group<C>> groups) {
        boolean itself = borrower.owned >= borrower.max;
        return groups.stream()
                .flatMap(group -> group.slots.stream())
                .filter(slot -> slot.owned && (!itself || slot.last == borrower))
                .min(Comparator.comparingLong(slot -> slot.lastProgress)); // which is when it was lent
    }

    static <C> @Nullable Slot<C> leastShared(Group<C> group) {
        Slot<C> least = null;
        for (Slot<C> slot : group.slots) {
            boolean candidate = slot.shared > 0 && !slot.draining && !slot.retiring && slot.state == Slot.State.OPEN;
            if (candidate && (least == null || slot.shared < least.shared)) {
                least = slot;
            }
        }
        return least;
    }

    /** What to close when there are too many: a free one, or any that is not leaving yet. */
    static <C> @Nullable Slot<C> dispensable(Collection<Group<C>> groups) {
        Slot<C> best = null;
        for (Group<C> group : groups) {
            for (Slot<C> slot : group.slots) {
                if (!slot.retiring && (best == null || (slot.isFree() && !best.isFree()))) {
                    best = slot;
                }
            }
        }
        return best;
    }
}
