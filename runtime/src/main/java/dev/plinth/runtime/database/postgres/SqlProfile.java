package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.pool.Use;
import java.time.Duration;

/** What is known of one text of one plugin. Any thread; a lost update of the speed does no harm. */
final class SqlProfile {

    /** From here on a statement has a connection to itself, so that it holds up no other. */
    private static final long SLOW = Duration.ofMillis(10).toNanos();

    private static final int UNKNOWN = -1;

    private final SqlTraits traits;
    private volatile long nanos = UNKNOWN;

    SqlProfile(String sql) {
        this.traits = SqlTraits.of(sql);
    }

    SqlTraits traits() {
        return traits;
    }

    /** Nothing travels with a statement of which nothing is known, nor with one that may leave something behind. */
    Use use() {
        long known = nanos;
        if (known == UNKNOWN || !traits.isClean()) {
            return Use.OWN;
        }
        return known > SLOW ? Use.SLOW : Use.SHARED;
    }

    /** Quick once is believed at once: what takes long now and then may have waited for this process, not for the server. */
    void took(long duration) {
        long known = nanos;
        boolean quicker = known == UNKNOWN || duration < known;
        nanos = quicker ? duration : known + (duration - known) / 8;
    }
}
