package dev.plinth.runtime.testing;

import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for futures in tests. */
public final class Futures {

    private static final long PATIENCE_SECONDS = 60;

    private Futures() {}

    /** The result; the failure is thrown as it is. */
    public static <T> T await(Future<T> future) {
        try {
            return future.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("neither result nor failure", e);
        }
    }

    /** All have to succeed. */
    public static void awaitAll(List<? extends Future<?>> futures) {
        await(Future.all(futures));
    }

    /** What the future fails with. */
    public static Throwable failure(Future<?> future) {
        return await(future.<Throwable>transform(done -> Future.succeededFuture(
                done.failed() ? done.cause() : new AssertionError("succeeded with " + done.result()))));
    }
}
