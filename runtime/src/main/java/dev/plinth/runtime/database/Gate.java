package dev.plinth.runtime.database;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Lets a bounded number of tasks run at once, so that many plugins do not take all connections of a server. A task that takes
 * long stops counting: a slow migration holds up nobody else. Used on one context.
 */
final class Gate {

    private final Vertx vertx;
    private final IntSupplier places;
    private final Duration patience;
    private final Queue<Promise<Void>> waiting = new ArrayDeque<>();
    private int taken;

    /** @param places how many may run at once; asked each time, as there may be more of them later */
    Gate(Vertx vertx, IntSupplier places, Duration patience) {
        this.vertx = vertx;
        this.places = places;
        this.patience = patience;
    }

    <T> Future<T> pass(Supplier<Future<T>> task) {
        return enter().compose(entered -> {
            long timer = vertx.setTimer(patience.toMillis(), id -> leave());
            return task.get().onComplete(done -> {
                if (vertx.cancelTimer(timer)) {
                    leave();
                }
            });
        });
    }

    private Future<Void> enter() {
        if (taken < places.getAsInt()) {
            taken++;
            return Future.succeededFuture();
        }
        Promise<Void> turn = Promise.promise();
        waiting.add(turn);
        return turn.future();
    }

    private void leave() {
        taken--;
        while (taken < places.getAsInt() && !waiting.isEmpty()) {
            taken++;
            waiting.remove().complete();
        }
    }
}
