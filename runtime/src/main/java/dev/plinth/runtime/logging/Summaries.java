package dev.plinth.runtime.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.helpers.BasicMarkerFactory;

/** Lines that tell of others which were kept back, some time later; they are never kept back themselves. Any thread. */
final class Summaries {

    /** After the first one was kept back. */
    static final Duration FIRST = Duration.ofSeconds(1);

    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Marker MARKER = new BasicMarkerFactory().getDetachedMarker("summary");

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, Summaries::thread);

    Summaries() {
        // Without anything to tell there is no thread.
        timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "plinth-log-summaries");
        thread.setDaemon(true);
        return thread;
    }

    static boolean is(@Nullable Marker marker) {
        return marker == MARKER;
    }

    /** What goes on is told ever more rarely. */
    static Duration next(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST) > 0 ? LONGEST : twice;
    }

    /** Does nothing once it was stopped. */
    void after(Duration pause, Runnable telling) {
        if (!timer.isShutdown()) {
            var unused = timer.schedule(telling, pause.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** @param plugin whose lines they were; empty when none is concerned */
    static void tell(Logger logger, Level level, String plugin, String format, Object... arguments) {
        LogScope.as(
                plugin,
                () -> logger.log(MARKER, Summaries.class.getName(), level.toInt() / 1_000, format, arguments, null));
    }

    void stop() {
        timer.shutdown();
    }
}
