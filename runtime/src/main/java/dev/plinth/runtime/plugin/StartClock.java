package dev.plinth.runtime.plugin;

import io.vertx.core.internal.ContextInternal;
import java.time.Duration;

/** Measures how long a start takes, without the time that it waits for its database. Thread-safe. */
final class StartClock {

    private static final long NO_TIMER = -1;

    private final ContextInternal watch;
    private final Runnable onExpiry;
    private long remainingNanos;
    private long runningSince;
    private long timer = NO_TIMER;
    private int pauses;
    private boolean stopped;

    /**
     * With the context on which the time is watched: not the plugin's own, which a start may block.
     */
    StartClock(ContextInternal watch, Duration limit, Runnable onExpiry) {
        this.watch = watch;
        this.onExpiry = onExpiry;
        this.remainingNanos = limit.toNanos();
    }

    synchronized void start() {
        if (!stopped && pauses == 0) {
            runningSince = System.nanoTime();
            timer = watch.setTimer(Math.max(1, remainingNanos / 1_000_000), id -> onExpiry.run());
        }
    }

    /** Until as many calls of {@link #resume()}. */
    synchronized void pause() {
        if (pauses++ == 0) {
            cancel();
            remainingNanos -= System.nanoTime() - runningSince;
        }
    }

    synchronized void resume() {
        if (--pauses == 0) {
            start();
        }
    }

    synchronized void stop() {
        stopped = true;
        cancel();
    }

    private void cancel() {
        if (timer != NO_TIMER) {
            watch.owner().cancelTimer(timer);
            timer = NO_TIMER;
        }
    }
}
