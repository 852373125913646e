package dev.plinth.runtime.database.pool;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The connections that one pool has lent. Any thread. They hold each other, so that lending makes no further object. */
final class Leases {

    private @Nullable GuardedConnection newest;

    synchronized void add(GuardedConnection lease) {
        lease.older = newest;
        if (newest != null) {
            newest.newer = lease;
        }
        newest = lease;
    }

    /** Once for each that was added. */
    synchronized void remove(GuardedConnection lease) {
        GuardedConnection older = lease.older;
        GuardedConnection newer = lease.newer;
        if (older != null) {
            older.newer = newer;
        }
        if (newer != null) {
            newer.older = older;
        } else {
            newest = older;
        }
        lease.older = null;
        lease.newer = null;
    }

    /** The oldest first. */
    synchronized List<GuardedConnection> all() {
        List<GuardedConnection> all = new ArrayList<>();
        for (GuardedConnection each = newest; each != null; each = each.older) {
            all.add(each);
        }
        Collections.reverse(all);
        return all;
    }
}
