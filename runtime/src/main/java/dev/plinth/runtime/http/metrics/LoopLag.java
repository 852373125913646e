package dev.plinth.runtime.http.metrics;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * How late event loops are: the longest that a task on each had to wait during the last minute, or has waited by now. Measures
 * from the first time that somebody asks. Any thread.
 */
public final class LoopLag {

    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final double NANOS_PER_SECOND = 1e9;

    private final ConcurrentMap<EventLoop, Watched> loops = new ConcurrentHashMap<>();
    private volatile boolean measuring;

    /** Adds the event loop of a context. */
    public void watch(Context context) {
        Watched watched = loops.computeIfAbsent(((ContextInternal) context).nettyEventLoop(), Watched::new);
        if (measuring) {
            watched.measure();
        }
    }

    /** In seconds, by the name of the loop's thread. */
    Map<String, Double> measure() {
        measuring = true;
        Map<String, Double> lags = new TreeMap<>();
        for (Watched watched : loops.values()) {
            watched.measure();
            lags.put(watched.name(), watched.worst() / NANOS_PER_SECOND);
        }
        return lags;
    }

    /** One event loop. */
    private static final class Watched {

        private static final int SLOTS = 6;
        private static final long SLOT_NANOS = TimeUnit.SECONDS.toNanos(10);

        private final EventLoop loop;
        /** The longest waits, each for one part of the last minute. */
        private final long[] worst = new long[SLOTS];

        private boolean measured;
        private long due;
        private long slot;

        Watched(EventLoop loop) {
            this.loop = loop;
        }

        /** As thread dumps have it. */
        String name() {
            return loop instanceof SingleThreadEventExecutor executor
                    ? executor.threadProperties().name()
                    : loop.toString();
        }

        synchronized void measure() {
            if (!measured && !loop.isShuttingDown()) {
                measured = true;
                due = System.nanoTime() + INTERVAL_NANOS;
                var unused = loop.schedule(this::ran, INTERVAL_NANOS, TimeUnit.NANOSECONDS);
            }
        }

        private synchronized void ran() {
            note(System.nanoTime() - due);
            measured = false;
            measure();
        }

        /** A loop that is blocked now has not run its task yet. */
        synchronized long worst() {
            note(System.nanoTime() - due);
            return Arrays.stream(worst).max().orElse(0);
        }

        private void note(long late) {
            long now = System.nanoTime() / SLOT_NANOS;
            for (long passed = Math.max(slot + 1, now - SLOTS + 1); passed <= now; passed++) {
                worst[Math.floorMod(passed, SLOTS)] = 0;
            }
            slot = now;
            int current = Math.floorMod(now, SLOTS);
            worst[current] = Math.max(worst[current], late);
        }
    }
}
