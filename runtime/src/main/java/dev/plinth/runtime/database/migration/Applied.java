package dev.plinth.runtime.database.migration;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A row of the history.
 *
 * @param version absent for a repeatable migration
 * @param state {@link #DONE}, or how many statements of a migration without transaction are through
 */
record Applied(
        @Nullable Long version,
        String name,
        String checksum,
        OffsetDateTime appliedAt,
        long duration,
        String kind,
        String state) {

    static final String DONE = "applied";
    private static final String RUNNING = "running ";

    /** The state of a migration without transaction of which this many statements are through. */
    static String running(int statements) {
        return RUNNING + statements;
    }

    boolean done() {
        return state.equals(DONE);
    }

    /** How many statements of a migration that was cut off are through. */
    int statementsThrough() {
        return state.startsWith(RUNNING) ? Integer.parseInt(state.substring(RUNNING.length())) : 0;
    }

    boolean repeatable() {
        return version == null;
    }
}
