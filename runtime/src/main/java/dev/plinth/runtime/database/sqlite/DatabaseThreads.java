package dev.plinth.runtime.database.sqlite;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The few threads that all SQLite databases of the process share. A database holds one only while it has work, so a hundred idle
 * ones hold none; Vert.x's workers are left to others.
 */
final class DatabaseThreads implements Executor, AutoCloseable {

    private static final int IDLE_SECONDS = 30;

    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor timer;

    DatabaseThreads() {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory factory = task -> {
            Thread thread = new Thread(task, "plinth-sqlite-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        int count = Math.min(8, Math.max(4, Runtime.getRuntime().availableProcessors()));
        workers = new ThreadPoolExecutor(
                count, count, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        workers.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, factory);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void execute(Runnable task) {
        workers.execute(task);
    }

    /** Whether a database waits for a thread. */
    boolean isContended() {
        return !workers.getQueue().isEmpty();
    }

    Future<?> after(Duration delay, Runnable task) {
        return timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Lets running work finish. */
    @Override
    public void close() {
        timer.shutdownNow();
        workers.shutdown();
    }
}
