package dev.plinth.runtime.database.postgres;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that nobody needs any more, closed when there is time for it: to close one costs both sides about as much as to use it, and a
 * start waits for a hundred logins. Any thread.
 */
final class Farewells {

    /** When nobody logs in for so long, there is time. */
    private static final Duration QUIET = Duration.ofMillis(200);

    private final Vertx vertx;
    private final Context context;
    private final Deque<SqlConnection> waiting = new ArrayDeque<>();
    private final Set<Future<Void>> closing = ConcurrentHashMap.newKeySet();
    private volatile long lastLogin = System.nanoTime();

    Farewells(Vertx vertx, Context context) {
        this.vertx = vertx;
        this.context = context;
    }

    /** Puts the others off. */
    void login() {
        lastLogin = System.nanoTime();
    }

    synchronized void add(SqlConnection session) {
        waiting.add(session);
        if (waiting.size() == 1) {
            watch(QUIET.toNanos());
        }
    }

    private void watch(long nanos) {
        long millis = Math.max(1, Duration.ofNanos(nanos).toMillis());
        context.runOnContext(here -> vertx.setTimer(millis, id -> closeWhenQuiet()));
    }

    private void closeWhenQuiet() {
        long left = QUIET.toNanos() - (System.nanoTime() - lastLogin);
        if (left > 0) {
            watch(left);
        } else {
            closeOneByOne();
        }
    }

    /** Whoever has work to do comes in between. */
    private void closeOneByOne() {
        if (any()) {
            closeNext().onComplete(closed -> context.runOnContext(here -> closeOneByOne()));
        }
    }

    /** Closes the one that waits for longest at once, if any does, as its place is needed. Never fails. */
    Future<Void> closeNext() {
        SqlConnection next = poll();
        return next == null ? Future.succeededFuture() : close(next);
    }

    private Future<Void> close(SqlConnection session) {
        Future<Void> closed = session.close().otherwiseEmpty();
        closing.add(closed);
        return closed.onComplete(done -> closing.remove(closed));
    }

    private synchronized @Nullable SqlConnection poll() {
        return waiting.poll();
    }

    private synchronized boolean any() {
        return !waiting.isEmpty();
    }

    /** Whether there are places to be had by {@link #close}. */
    boolean hasPlaces() {
        return any() || !closing.isEmpty();
    }

    /** Completes when all are closed, as their places are needed. Never fails. */
    Future<Void> close() {
        for (SqlConnection next = poll(); next != null; next = poll()) {
            var unused = close(next);
        }
        return Future.join(List.copyOf(closing)).mapEmpty();
    }
}
