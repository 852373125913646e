package dev.plinth.runtime.testing;

import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for futures in tests. */
public final class Futures {

    private static final long PATIENCE_SECONDS = 60;

    private Futures() {}

    /** The result, or the failure thrown. */
    public static <T> T await(Future<T> future) throws Exception {
        CompletableFuture<T> result = future.toCompletionStage().toCompletableFuture();
        try {
            return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** All have to succeed. */
    public static void awaitAll(List<? extends Future<?>> futures) throws Exception {
        await(Future.all(futures));
    }

    /** What the future fails with. */
    public static Throwable failure(Future<?> future) throws Exception {
        try {
            future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (TimeoutException e) {
            throw new AssertionError("neither result nor failure", e);
        }
        throw new AssertionError("succeeded");
    }
}
