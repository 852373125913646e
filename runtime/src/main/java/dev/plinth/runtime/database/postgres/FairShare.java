package dev.plinth.runtime.database.postgres;

import org.jspecify.annotations.Nullable;

/**
 * What one instance may have of a server's connections, so that all instances together stay within what the server allows, also
 * while some come and go: each knows the others only from when it asked last. Used on one thread.
 */
final class FairShare {

    /** The connection that asks, and one to look after silent ones. */
    private static final int FOR_ITSELF = 2;

    /** Never more than half: other clients must get in before a second instance is counted. */
    private static final int LEAST_PARTS = 2;

    /** What one that just came may have is less, as others may be coming at the same moment. */
    private static final int PARTS_AT_FIRST = 4;

    private @Nullable Share share;
    /** The last share that the others knew of. */
    private int agreed;

    /**
     * What the server says.
     *
     * @param allowed connections that it has for all its clients
     * @param free those of them that nobody has
     * @param instances this one and others that are there
     * @param others those of the others that were there for so long that all know of them
     * @param known whether all others know of this one
     */
    record Seen(int allowed, int free, int instances, int others, boolean known) {}

    /**
     * What this process may have once all instances know of each other.
     *
     * @param instances processes like this one that the server is divided by
     */
    record Share(int budget, int allowed, int instances) {

        /** Written out, as Java takes long to make its own when it is asked for first. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Share share
                    && budget == share.budget
                    && allowed == share.allowed
                    && instances == share.instances;
        }

        @Override
        public int hashCode() {
            return 31 * (31 * budget + allowed) + instances;
        }

        String describe() {
            return budget + " of " + allowed + ", " + instances + (instances == 1 ? " instance" : " instances");
        }
    }

    /** This process' part as it was seen last; null before {@link #limit}. */
    @Nullable
    Share share() {
        return share;
    }

    /** How many connections there may be now, when so many are held already. */
    int limit(Seen seen, int held) {
        Share now = new Share(budget(part(seen.allowed(), seen.instances())), seen.allowed(), seen.instances());
        share = now;
        int budget = seen.known() ? now.budget() : Math.min(now.budget(), unsettled(seen));
        if (seen.known()) {
            agreed = budget;
        }
        // No more than this one's part of what is free: others may still have more than their share.
        return Math.max(1, Math.min(budget, held + Math.max(0, seen.free()) / seen.instances()));
    }

    /** Until the others have had the time to learn of this one, they may have all that they had before. */
    private int unsettled(Seen seen) {
        if (agreed > 0) {
            return agreed; // counted before: others may only not be back yet, as after a restart of the server
        }
        int comingToo = seen.instances() - 1 - seen.others();
        int atFirst = seen.allowed() / PARTS_AT_FIRST;
        int takenByOthers = seen.others() * part(seen.allowed(), seen.others()) + comingToo * atFirst;
        return budget(Math.min(atFirst, seen.allowed() - takenByOthers));
    }

    private static int part(int allowed, int instances) {
        return allowed / Math.max(LEAST_PARTS, instances);
    }

    private static int budget(int part) {
        return Math.max(1, part - FOR_ITSELF);
    }
}
