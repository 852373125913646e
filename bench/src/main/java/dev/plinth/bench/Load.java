package dev.plinth.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps a fixed number of operations in flight: each that ends starts the next. */
final class Load {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int DEEP = 4;

    private Load() {}

    /** One of those who ask: a new operation whenever its last one ended. */
    static final class Worker {

        private final Context context;
        private final Supplier<? extends Future<?>> operation;
        private long done;
        private int depth;

        /** @param operation called on the context */
        Worker(Context context, Supplier<? extends Future<?>> operation) {
            this.context = context;
            this.operation = operation;
        }
    }

    /** Operations a second of all workers together. */
    static double perSecond(List<Worker> workers, Duration time) throws Exception {
        Run run = new Run(workers.size(), System.nanoTime() + time.toNanos());
        long start = System.nanoTime();
        for (Worker worker : workers) {
            worker.done = 0;
            worker.context.runOnContext(nothing -> run.next(worker));
        }
        run.await();
        double seconds = (System.nanoTime() - start) / 1e9;
        return workers.stream().mapToLong(worker -> worker.done).sum() / seconds;
    }

    private record Run(CountDownLatch busy, long end, AtomicReference<@Nullable Throwable> failure) {

        Run(int workers, long end) {
            this(new CountDownLatch(workers), end, new AtomicReference<>());
        }

        private void next(Worker worker) {
            if (System.nanoTime() >= end || failure.get() != null) {
                busy.countDown();
                return;
            }
            worker.depth++;
            worker.operation.get().onComplete((result, error) -> ended(worker, error));
            worker.depth--;
        }

        /** What ends at once starts the next from within itself, but not without an end. */
        private void ended(Worker worker, @Nullable Throwable error) {
            if (error == null) {
                worker.done++;
            } else {
                failure.set(error);
            }
            if (worker.depth < DEEP) {
                next(worker);
            } else {
                worker.context.runOnContext(nothing -> next(worker));
            }
        }

        private void await() throws Exception {
            if (!busy.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("operations hang: " + busy.getCount(), failure.get());
            }
            Throwable error = failure.get();
            if (error != null) {
                throw new IllegalStateException("an operation failed", error);
            }
        }
    }
}
