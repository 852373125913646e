package dev.plinth.runtime.database;

import java.time.Duration;
import java.util.Optional;

/**
 * What is said of connections that a plugin keeps.
 *
 * @param threshold after which one that was not given back is reported; empty for never
 * @param traces whether the stack of whoever takes a connection is kept, which costs some microseconds each time
 */
public record LeakOptions(Optional<Duration> threshold, boolean traces) {

    public static final LeakOptions DEFAULT = new LeakOptions(Optional.of(Duration.ofSeconds(60)), false);
}
