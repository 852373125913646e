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
 * and then ever more rarely. Used on one context.
 */
final class ServerWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ServerWatch.class);
    private static final Duration PROBE_PAUSE = Duration.ofMillis(500);
    private static final Duration FIRST_REMINDER = Duration.ofSeconds(5);
    private static final Duration LONGEST_REMINDER = Duration.ofMinutes(5);

    /** One that fails again this soon was never well, as a server that answers and takes no writes: the reminders go on. */
    private static final Duration RELAPSE = Duration.ofSeconds(5);

    private static final Duration HEALTH_KEPT = Duration.ofSeconds(3);

    private final Vertx vertx;
    private final String server;
    private final List<Promise<Void>> waiting = new ArrayList<>();
    private Supplier<Future<Void>> probe;
    private boolean probing;
    private boolean closed;
    private boolean answered;
    private long answeredAt;
    private boolean relapsed;

    private long awaySince;
    private long nextReminder;
    private Duration reminderPause = FIRST_REMINDER;

    private @Nullable Future<String> health;
    private long healthAt;

    /** @param probe asks the server for a sign of life */
    ServerWatch(Vertx vertx, String server, Supplier<Future<Void>> probe) {
        this.vertx = vertx;
        this.server = server;
        this.probe = probe;
    }

    /** Settings may have changed since: the newest probe is used. */
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
        if (!probing) {
            probing = true;
            relapsed = answered && elapsed(answeredAt).compareTo(RELAPSE) < 0;
            if (!relapsed) {
                awaySince = System.nanoTime();
                nextReminder = awaySince;
                reminderPause = FIRST_REMINDER;
            }
            probeLater(failure);
        }
        return up.future();
    }

    private void probeLater(Throwable failure) {
        remind(failure);
        vertx.setTimer(PROBE_PAUSE.toMillis(), id -> probeNow());
    }

    private void probeNow() {
        if (!closed) {
            probe.get().onSuccess(answered -> serverIsUp()).onFailure(this::probeLater);
        }
    }

    private void serverIsUp() {
        probing = false;
        answered = true;
        answeredAt = System.nanoTime();
        if (!relapsed) {
            tellItAnswers();
        }
        List<Promise<Void>> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(Promise::complete);
    }

    private void tellItAnswers() {
        LOG.info("{} answers after {} ms", server, elapsed(awaySince).toMillis());
    }

    private void remind(Throwable failure) {
        if (System.nanoTime() - nextReminder < 0) {
            return;
        }
        LOG.warn("{}; {} waiting for {}, which is asked again and again", failure.getMessage(), plugins(), server);
        nextReminder = System.nanoTime() + reminderPause.toNanos();
        Duration doubled = reminderPause.multipliedBy(2);
        reminderPause = doubled.compareTo(LONGEST_REMINDER) < 0 ? doubled : LONGEST_REMINDER;
    }

    private String plugins() {
        return waiting.size() == 1 ? "1 plugin is" : waiting.size() + " plugins are";
    }

    /** What is wrong with the server, or empty; asked at most once in some seconds. Never fails. */
    Future<String> health() {
        if (health == null || (health.isComplete() && elapsed(healthAt).compareTo(HEALTH_KEPT) > 0)) {
            healthAt = System.nanoTime();
            health = probe.get()
                    .map("")
                    .recover(failure -> Future.succeededFuture(String.valueOf(failure.getMessage())));
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
