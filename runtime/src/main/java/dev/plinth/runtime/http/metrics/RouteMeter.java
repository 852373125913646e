package dev.plinth.runtime.http.metrics;

import dev.plinth.runtime.http.AnsweredRequest;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts the requests to one route by one method. Any thread. */
final class RouteMeter {

    /** Upper bounds in microseconds: what is slower counts beyond the last. */
    private static final long[] BOUNDS = {
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
        10_000_000
    };

    private static final double MICROS_PER_SECOND = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    private final String plugin;
    private final String route;
    private final String method;
    private final AtomicLongArray durations = new AtomicLongArray(BOUNDS.length + 1);
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesWritten = new AtomicLong();
    /** Few; a new one makes a new array, so that none needs a lock. */
    private volatile StatusCount[] statuses = {};

    RouteMeter(String plugin, String route, String method) {
        this.plugin = plugin;
        this.route = route;
        this.method = method;
    }

    private record StatusCount(int status, AtomicLong count) {}

    String plugin() {
        return plugin;
    }

    String route() {
        return route;
    }

    String method() {
        return method;
    }

    void count(AnsweredRequest request) {
        durations.getAndIncrement(bucket(TimeUnit.NANOSECONDS.toMicros(request.nanos())));
        nanos.getAndAdd(request.nanos());
        bytesRead.getAndAdd(request.bytesRead());
        bytesWritten.getAndAdd(request.bytesWritten());
        of(request.status()).getAndIncrement();
    }

    private static int bucket(long micros) {
        int bucket = 0;
        while (bucket < BOUNDS.length && micros > BOUNDS[bucket]) {
            bucket++;
        }
        return bucket;
    }

    private AtomicLong of(int status) {
        for (StatusCount known : statuses) {
            if (known.status == status) {
                return known.count;
            }
        }
        return added(status);
    }

    private synchronized AtomicLong added(int status) {
        for (StatusCount known : statuses) {
            if (known.status == status) {
                return known.count;
            }
        }
        StatusCount[] more = Arrays.copyOf(statuses, statuses.length + 1);
        more[statuses.length] = new StatusCount(status, new AtomicLong());
        statuses = more;
        return more[more.length - 1].count;
    }

    Map<Integer, Long> statuses() {
        Map<Integer, Long> counts = new TreeMap<>();
        for (StatusCount known : statuses) {
            counts.put(known.status, known.count.get());
        }
        return counts;
    }

    long bytesRead() {
        return bytesRead.get();
    }

    long bytesWritten() {
        return bytesWritten.get();
    }

    double seconds() {
        return nanos.get() / NANOS_PER_SECOND;
    }

    /** How many took no longer than each bound, in seconds, and longer than the one before; infinity for the rest. */
    Map<Double, Long> durations() {
        Map<Double, Long> counts = new TreeMap<>();
        for (int i = 0; i < BOUNDS.length; i++) {
            counts.put(BOUNDS[i] / MICROS_PER_SECOND, durations.get(i));
        }
        counts.put(Double.POSITIVE_INFINITY, durations.get(BOUNDS.length));
        return counts;
    }
}
