package dev.plinth.runtime.gate;

import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Where requests, or calls, enter a plugin: only so many are in at once, some more wait for their turn in order. Thread-safe. */
public final class PluginGate {

    private final Queue<Promise<Void>> queue = new ArrayDeque<>();
    private int inside;

    /** Whether the request is in. Each that is in must {@link #leave()}. */
    public synchronized boolean enter(RequestLimits limits) {
        if (inside >= limits.atWork()) {
            return false;
        }
        inside++;
        return true;
    }

    /** Completes the promise when it is its turn, and then it is in. Answers false when too many wait. */
    public boolean await(RequestLimits limits, Promise<Void> turn) {
        synchronized (this) {
            if (!enter(limits)) {
                return queue.size() < limits.waiting() && queue.add(turn);
            }
        }
        turn.complete();
        return true;
    }

    /** Answers false when its turn has come already, so that it is in. */
    public synchronized boolean giveUp(Promise<Void> turn) {
        return queue.remove(turn);
    }

    public void leave() {
        Promise<Void> next = next();
        if (next != null) {
            next.complete();
        }
    }

    private synchronized @Nullable Promise<Void> next() {
        Promise<Void> next = queue.poll();
        if (next == null) {
            inside--;
        }
        return next;
    }
}
