package dev.plinth.runtime.database.postgres;

import java.time.Duration;
import java.util.Optional;

/**
 * What holds for all pools of this process.
 *
 * @param instanceId tells this process from others in {@code pg_stat_activity}
 * @param budget connections to one server at most; empty to take a fair share of what the server allows
 * @param callTimeout how long one statement may take; empty for no limit
 */
record PgPoolOptions(String instanceId, Optional<Integer> budget, Optional<Duration> callTimeout) {

    /** Until the server said how much it allows. */
    static final int DEFAULT_BUDGET = 10;

    /** How long a connection may take to close before it is cut. */
    static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    static final Duration DEFAULT_CALL_TIMEOUT = Duration.ofSeconds(30);

    static PgPoolOptions of(String instanceId) {
        return new PgPoolOptions(instanceId, Optional.empty(), Optional.of(DEFAULT_CALL_TIMEOUT));
    }
}
