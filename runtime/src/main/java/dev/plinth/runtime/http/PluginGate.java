package dev.plinth.runtime.http;

import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Where requests enter a plugin: only so many are in at once, some more wait for their turn in order. Thread-safe. */
final class PluginGate {

    private final Queue<Promise<Void>> queue = new ArrayDeque<>();
    private int inside;

    /** Whether the request is in. Each that is in must {@link #leave()}. */
    synchronized boolean enter(RequestLimits limits) {
        if (inside >= limits.atWork()) {
            return false;
        }
        inside++;
        return true;
    }

    /** Completes the promise when it is its turn, and then it is in. Answers false when too many wait. */
    boolean await(RequestLimits limits, Promise<Void> turn) {
        synchronized (this) {
            if (!enter(limits)) {
                return queue.size() < limits.waiting() && queue.add(turn);
            }
        }
        turn.complete();
        return true;
    }

    /** Answers false when its turn has come already, so that it is in. */
    synchronized boolean giveUp(Promise<Void> turn) {
        return queue.remove(turn);
    }

    void leave() {
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
