package dev.plinth.runtime.http.metrics;

import static dev.plinth.runtime.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopLagTest {

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    @Test
    void tellsHowLongALoopHasBeenBlockedWhileItIs() throws Exception {
        Context context = vertx.getOrCreateContext();
        LoopLag lag = new LoopLag();
        lag.watch(context);
        String loop = loopOf(context);
        assertThat(lag.measure()).containsOnlyKeys(loop);
        CountDownLatch release = new CountDownLatch(1);
        context.runOnContext(v -> block(release));
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (lag.measure().get(loop) < 0.5 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(lag.measure().get(loop)).isGreaterThanOrEqualTo(0.5);
        } finally {
            release.countDown();
        }
        loopOf(context);
        assertThat(lag.measure().get(loop)).as("remembered for a minute").isGreaterThanOrEqualTo(0.5);
    }

    private static String loopOf(Context context) throws Exception {
        Promise<String> name = Promise.promise();
        context.runOnContext(v -> name.complete(Thread.currentThread().getName()));
        return await(name.future());
    }

    private static void block(CountDownLatch release) {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
