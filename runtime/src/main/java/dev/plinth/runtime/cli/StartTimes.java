package dev.plinth.runtime.cli;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Where the time of a start goes, from the process's own beginning. Used by one thread. */
final class StartTimes {

    private final Map<String, Duration> steps = new LinkedHashMap<>();
    private Instant last;

    private StartTimes(Instant last) {
        this.last = last;
    }

    /** From when this JVM began, with its own start as the first step. */
    static StartTimes ofProcess() {
        Instant now = Instant.now();
        // The operating system's own time of the process is kept in whole seconds on some.
        Instant begin =
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
        StartTimes times = new StartTimes(Instant.now());
        // Without the time that asking took.
        times.steps.put("Java", Duration.between(begin, now));
        return times;
    }

    /** Ends a step, which began with the end of the one before. */
    void step(String name) {
        Instant now = Instant.now();
        steps.put(name, Duration.between(last, now));
        last = now;
    }

    /** {@code 640 ms: Java 160, configuration 90, ...}. */
    @Override
    public String toString() {
        Duration all = steps.values().stream().reduce(Duration.ZERO, Duration::plus);
        return all.toMillis() + " ms: "
                + steps.entrySet().stream()
                        .map(step -> step.getKey() + " " + step.getValue().toMillis())
                        .collect(Collectors.joining(", "));
    }
}
