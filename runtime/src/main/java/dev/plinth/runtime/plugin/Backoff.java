package dev.plinth.runtime.plugin;

import java.time.Duration;

/** How long to wait before a plugin is tried again: twice as long after each failure, up to a limit. */
final class Backoff {

    static final Duration FIRST = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofMinutes(1);

    private static final int DOUBLINGS = 6;

    private Backoff() {}

    /**
     * After these many attempts that failed.
     *
     * @param attempts at least one
     */
    static Duration after(int attempts) {
        Duration wait = FIRST.multipliedBy(1L << Math.min(attempts - 1, DOUBLINGS));
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
