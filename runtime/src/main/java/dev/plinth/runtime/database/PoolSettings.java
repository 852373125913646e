package dev.plinth.runtime.database;

import java.time.Duration;
import java.util.Optional;

/**
 * Bounds of one plugin's pool.
 *
 * @param min connections that stay open though they are idle
 * @param max connections in use at once
 * @param acquireTimeout how long a request waits for a connection
 * @param createTimeout how long connecting may take, with TLS and login
 * @param idleTimeout after which an idle connection is closed
 * @param callTimeout how long one statement may take on PostgreSQL, and through JDBC; empty for no limit
 * @param maxWaiting requests that may wait for a connection; one more is refused at once
 */
public record PoolSettings(
        int min,
        int max,
        Duration acquireTimeout,
        Duration createTimeout,
        Duration idleTimeout,
        Optional<Duration> callTimeout,
        int maxWaiting) {

    public static final PoolSettings DEFAULT =
            new PoolSettings(0, 10, Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofSeconds(30));

    public PoolSettings {
        if (max < 1) {
            throw new IllegalArgumentException("max must be at least 1, was " + max);
        }
        if (min < 0 || min > max) {
            throw new IllegalArgumentException("min must be between 0 and max, was " + min);
        }
        if (maxWaiting < 0) {
            throw new IllegalArgumentException("maxWaiting must be at least 0, was " + maxWaiting);
        }
    }

    /** With the usual limits of statements and of those who wait. */
    public PoolSettings(int min, int max, Duration acquireTimeout, Duration createTimeout, Duration idleTimeout) {
        this(min, max, acquireTimeout, createTimeout, idleTimeout, Optional.of(Duration.ofSeconds(30)), 10_000);
    }

    /** The same, for a connection that must be there soon. */
    public PoolSettings withCreateTimeout(Duration timeout) {
        return new PoolSettings(min, max, acquireTimeout, timeout, idleTimeout, callTimeout, maxWaiting);
    }
}
