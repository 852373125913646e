package dev.plinth.runtime.database.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts durations. Any thread. */
final class Histogram {

    private static final long[] BOUNDS = micros(
            100,
            250,
            500,
            1_000,
            2_500,
            5_000,
            10_000,
            25_000,
            50_000,
            100_000,
            250_000,
            500_000,
            1_000_000,
            2_500_000,
            5_000_000,
            10_000_000,
            30_000_000,
            60_000_000);

    private static final int SUM = BOUNDS.length + 1;

    /** One for each bucket, one for all beyond them, and the sum. */
    private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 2);

    private static long[] micros(long... bounds) {
        long[] nanos = new long[bounds.length];
        for (int i = 0; i < bounds.length; i++) {
            nanos[i] = TimeUnit.MICROSECONDS.toNanos(bounds[i]);
        }
        return nanos;
    }

    void add(long nanos) {
        int bucket = 0;
        while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
            bucket++;
        }
        counts.getAndIncrement(bucket);
        if (nanos > 0) {
            counts.getAndAdd(SUM, nanos);
        }
    }

    HistogramSnapshot snapshot() {
        List<HistogramSnapshot.Bucket> buckets = new ArrayList<>(BOUNDS.length);
        long count = counts.get(BOUNDS.length);
        for (int i = 0; i < BOUNDS.length; i++) {
            long inBucket = counts.get(i);
            buckets.add(new HistogramSnapshot.Bucket(Duration.ofNanos(BOUNDS[i]), inBucket));
            count += inBucket;
        }
        return new HistogramSnapshot(buckets, count, Duration.ofNanos(counts.get(SUM)));
    }
}
