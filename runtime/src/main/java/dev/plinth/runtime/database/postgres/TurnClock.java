package dev.plinth.runtime.database.postgres;

import io.netty.channel.EventLoop;

/**
 * What {@link System#nanoTime} told when it was first asked in this turn of an event loop: lending a connection costs less than
 * looking at the clock, and what is lent in one turn is lent at one time. Used on that event loop only.
 */
final class TurnClock {

    private final EventLoop loop;
    private final Runnable forgetting = this::forget;
    private boolean known;
    private long now;

    TurnClock(EventLoop loop) {
        this.loop = loop;
    }

    long now() {
        if (!known) {
            known = true;
            now = System.nanoTime();
            // Behind what was to be done in this turn, before the next one begins.
            loop.execute(forgetting);
        }
        return now;
    }

    private void forget() {
        known = false;
    }
}
