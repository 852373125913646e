package dev.plinth.runtime.database;

import static dev.plinth.runtime.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.LogLines;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is said of a server that is away, and when. */
class ServerWatchTest {

    private final Throwable away = new RetryableException("connection refused", new Throwable());
    private final Throwable readOnly = new RetryableException("takes no writes", new Throwable());

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final LogLines log = LogLines.of(ServerWatch.class);
    private final AtomicBoolean there = new AtomicBoolean();
    private final ServerWatch watch = new ServerWatch(vertx, "the server", Duration.ofMillis(20), this::probe);

    @AfterEach
    void close() throws Exception {
        context.runOnContext(here -> watch.close());
        log.close();
        await(vertx.close());
    }

    private Future<Void> probe() {
        return there.get() ? Future.succeededFuture() : Future.failedFuture(away);
    }

    private Future<Void> awaitUp(Throwable failure) {
        return onContext(() -> watch.awaitUp(failure));
    }

    private <T> Future<T> onContext(Supplier<Future<T>> work) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(here -> work.get().onComplete(promise));
        return promise.future();
    }

    @Test
    void saysOnceThatAServerIsAwayAndOnceThatItServesAgain() throws Exception {
        Future<Void> first = awaitUp(away);
        Future<Void> second = awaitUp(away);
        await(vertx.timer(200));
        assertThat(first.isComplete() || second.isComplete()).isFalse();
        there.set(true);
        await(first);
        await(second);
        await(onContext(() -> {
            watch.isWell();
            watch.isWell();
            return Future.succeededFuture();
        }));
        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines().get(0))
                .isEqualTo("connection refused; 1 plugin is waiting, and the server is asked again and again");
        assertThat(log.lines().get(1)).matches("the server serves again, after \\d+ ms");
    }

    /** A server that answers, and takes no writes, has not been well in between. */
    @Test
    void saysNothingMoreOfAServerThatAnswersAndStillDoesNotServe() throws Exception {
        there.set(true);
        for (int attempt = 0; attempt < 10; attempt++) {
            await(awaitUp(readOnly));
        }
        assertThat(log.lines()).hasSize(1);
        assertThat(log.lines().get(0)).startsWith("takes no writes; ");
        await(onContext(() -> {
            watch.isWell();
            return Future.succeededFuture();
        }));
        assertThat(log.lines()).hasSize(2);
    }

    @Test
    void saysItAgainOfEachTimeThatAServerIsAway() throws Exception {
        there.set(true);
        for (int time = 1; time <= 3; time++) {
            await(awaitUp(away));
            await(onContext(() -> {
                watch.isWell();
                return Future.succeededFuture();
            }));
            assertThat(log.lines()).hasSize(2 * time);
        }
    }

    /** Those who ask how it is may be the first to meet it. */
    @Test
    void saysSoToWhenNobodyNeedsTheServer() throws Exception {
        assertThat(await(onContext(watch::health))).isEqualTo("connection refused");
        assertThat(log.lines()).containsExactly("connection refused; the server is asked again and again");
        there.set(true);
        while (log.lines().size() < 2) {
            await(vertx.timer(5));
        }
        assertThat(log.lines().get(1)).startsWith("the server serves again");
        assertThat(await(onContext(watch::health))).isEmpty();
    }
}
