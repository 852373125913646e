package dev.plinth.runtime.database.pool;

import java.time.Duration;
import java.util.List;

/**
 * How often something took how long.
 *
 * @param buckets by their bounds, the shortest first; what took longer than the last is in {@code count} alone
 * @param count of all
 * @param sum of all
 */
public record HistogramSnapshot(List<Bucket> buckets, long count, Duration sum) {

    /**
     * Those between two bounds.
     *
     * @param atMost the upper bound
     * @param count of those that took no longer than this and longer than the bound before
     */
    public record Bucket(Duration atMost, long count) {}

    public HistogramSnapshot {
        buckets = List.copyOf(buckets);
    }
}
