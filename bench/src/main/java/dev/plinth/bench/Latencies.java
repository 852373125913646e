package dev.plinth.bench;

import java.util.Arrays;

/** Times of single operations, all taken on one event loop. */
final class Latencies {

    private long[] nanos = new long[1 << 16];
    private int size;

    void add(long time) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = time;
    }

    int count() {
        return size;
    }

    void clear() {
        size = 0;
    }

    /** In milliseconds. */
    double percentile(double percent) {
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(size - 1, Math.ceil(size * percent / 100))] / 1e6;
    }
}
