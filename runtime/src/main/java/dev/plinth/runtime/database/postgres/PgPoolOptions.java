package dev.plinth.runtime.database.postgres;

import java.time.Duration;
import java.util.Optional;

/**
 * What holds for all pools of this process.
 *
 * @param instanceId tells this process from others in {@code pg_stat_activity}
 * @param budget connections to one server at most; empty to take a fair share of what the server allows
 */
public record PgPoolOptions(String instanceId, Optional<Integer> budget) {

    public PgPoolOptions {
        if (budget.isPresent() && budget.get() < 1) {
            throw new IllegalArgumentException("budget must be at least 1, was " + budget.get());
        }
    }

    /** Until the server said how much it allows. */
    static final int DEFAULT_BUDGET = 10;

    /** On so many connections one after the other; after a restart of the server all that there are may be dead. */
    static final int ATTEMPTS = 20;

    /** How long a connection may take to close before it is cut. */
    static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    /** A share of each server. */
    public static PgPoolOptions of(String instanceId) {
        return new PgPoolOptions(instanceId, Optional.empty());
    }
}
