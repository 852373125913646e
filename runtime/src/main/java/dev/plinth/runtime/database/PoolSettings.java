package dev.plinth.runtime.database;

import java.time.Duration;

/** Bounds of one plugin's pool. */
public record PoolSettings(int min, int max, Duration acquireTimeout, Duration createTimeout, Duration idleTimeout) {

    public static final PoolSettings DEFAULT =
            new PoolSettings(0, 10, Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofSeconds(30));

    public PoolSettings {
        if (max < 1) {
            throw new IllegalArgumentException("max must be at least 1, was " + max);
        }
        if (min < 0 || min > max) {
            throw new IllegalArgumentException("min must be between 0 and max, was " + min);
        }
    }
}
