package dev.plinth.runtime.database;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one server on behalf of all plugins there: while it is away, one prober asks for all of them, and the log says it once
 * and then ever more rarely. It is away until one of those that wait has got what it wanted: a server may answer, and be full.
 * Used on one context.
 */
final class ServerWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ServerWatch.class);
    private static final Duration PROBE_PAUSE = Duration.ofMillis(500);
    private static final Duration FIRST_REMINDER = Duration.ofSeconds(5);
    private static final Duration LONGEST_REMINDER = Duration.ofMinutes(5);

    private static final Duration HEALTH_KEPT = Duration.ofSeconds(3);

    private final Vertx vertx;
    private final String server;
    private final Duration pause;
    private final List<Promise<Void>> waiting = new ArrayList<>();
    private Supplier<Future<Void>> probe;
    private boolean probing;
    private boolean closed;

    private boolean away;
    private long awaySince;
    private long answeredAt;
    private long nextReminder;
    private Duration reminderPause = FIRST_REMINDER;

    private @Nullable Future<String> health;
    private long healthAt;

    /** @param probe asks the server for a sign of life */
    ServerWatch(Vertx vertx, String server, Supplier<Future<Void>> probe) {
        this(vertx, server, PROBE_PAUSE, probe);
    }

    /** The same at another pace. */
    ServerWatch(Vertx vertx, String server, Duration pause, Supplier<Future<Void>> probe) {
        this.vertx = vertx;
        this.server = server;
        this.pause = pause;
        this.probe = probe;
    }

    /** Settings may have changed since: the newest probe is used, of a place that is there or that somebody waits for. */
    void probeWith(Supplier<Future<Void>> probe) {
        this.probe = probe;
    }

    /** Completes when the server answers. Never fails before {@link #close}. */
    Future<Void> awaitUp(Throwable failure) {
        if (closed) {
            return Future.failedFuture(failure);
        }
        Promise<Void> up = Promise.promise();
        waiting.add(up);
        begin(failure);
        return up.future();
    }

    private void begin(Throwable failure) {
        if (closed) {
            return;
        }
        if (!away) {
            away = true;
            awaySince = System.nanoTime();
            nextReminder = awaySince;
            reminderPause = FIRST_REMINDER;
        }
        if (!probing) {
            probing = true;
            probeLater(failure);
        }
    }

    private void probeLater(Throwable failure) {
        remind(failure);
        vertx.setTimer(pause.toMillis(), id -> probeNow());
    }

    private void probeNow() {
        if (!closed) {
            probe.get().onSuccess(answered -> serverIsUp()).onFailure(this::probeLater);
        }
    }

    private void serverIsUp() {
        probing = false;
        answeredAt = System.nanoTime();
        health = null;
        if (waiting.isEmpty()) {
            isWell();
        }
        List<Promise<Void>> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(Promise::complete);
    }

    /** One of those that waited need not do so any more; while others wait again, the trouble is not over. */
    void isWell() {
        if (away && !probing) {
            away = false;
            LOG.info(
                    "{} serves again, after {} ms",
                    server,
                    Duration.ofNanos(answeredAt - awaySince).toMillis());
        }
    }

    private void remind(Throwable failure) {
        if (System.nanoTime() - nextReminder < 0) {
            return;
        }
        LOG.warn("{}; {}{} is asked again and again", failure.getMessage(), plugins(), server);
        nextReminder = System.nanoTime() + reminderPause.toNanos();
        Duration doubled = reminderPause.multipliedBy(2);
        reminderPause = doubled.compareTo(LONGEST_REMINDER) < 0 ? doubled : LONGEST_REMINDER;
    }

    private String plugins() {
        return switch (waiting.size()) {
            case 0 -> "";
            case 1 -> "1 plugin is waiting, and ";
            default -> waiting.size() + " plugins are waiting, and ";
        };
    }

    /** What is wrong with the server, or empty; asked at most once in some seconds. Never fails. */
    Future<String> health() {
        if (health == null || (health.isComplete() && elapsed(healthAt).compareTo(HEALTH_KEPT) > 0)) {
            healthAt = System.nanoTime();
            health = probe.get().map("").recover(failure -> {
                begin(failure);
                return Future.succeededFuture(String.valueOf(failure.getMessage()));
            });
        }
        return health;
    }

    /** Those who wait are told that it was in vain. */
    void close() {
        closed = true;
        waiting.forEach(up -> up.tryFail("stopped"));
        waiting.clear();
    }

    private static Duration elapsed(long since) {
        return Duration.ofNanos(System.nanoTime() - since);
    }
}
