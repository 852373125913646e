package dev.plinth.runtime.database.migration;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Counts the migrations that this process applied. Any thread. */
public final class MigrationMeter {

    private final ConcurrentMap<String, Count> counts = new ConcurrentHashMap<>();

    /**
     * One plugin's.
     *
     * @param applied with success
     * @param failed and rolled back, or left as they stood
     * @param nanos that both took
     */
    public record Count(long applied, long failed, long nanos) {}

    void add(String pluginId, boolean applied, long nanos) {
        counts.merge(
                pluginId,
                new Count(applied ? 1 : 0, applied ? 0 : 1, nanos),
                (a, b) -> new Count(a.applied + b.applied, a.failed + b.failed, a.nanos + b.nanos));
    }

    /** By plugin id, of those that had any. */
    public Map<String, Count> counts() {
        return new TreeMap<>(counts);
    }
}
