package dev.plinth.runtime.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.vertx.core.Context;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * Keeps one plugin from taking the processors and the log from all others by what it logs: of more lines a second than the limit the
 * rest is left out, before anything is made of it, and told as a number; who logs on a thread that may wait is slowed down. Warnings
 * and errors have a limit of their own, so that no flood of information hides them. What belongs to no plugin is counted by its
 * logger. Any thread.
 */
public final class LineLimit extends TurboFilter {

    /** What holds when the configuration says nothing. */
    public static final int DEFAULT = 1_000;

    public static final int HIGHEST = 1_000_000;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** What is longer counts as several. */
    private static final int LINE_CHARACTERS = 4 * 1024;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** Some of its threads work for many plugins. */
    private static final String OF_RUNTIME = "dev.plinth.";

    private final ConcurrentMap<String, Source> plugins = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Source> loggers = new ConcurrentHashMap<>();
    private final Summaries summaries = new Summaries();
    private final Duration first;
    private volatile int limit = DEFAULT;

    public LineLimit() {
        this(Summaries.FIRST);
    }

    /** @param first after which it is told what was left out */
    LineLimit(Duration first) {
        this.first = first;
    }

    /** Takes effect at once. */
    public void set(int linesPerSecond) {
        limit = linesPerSecond;
    }

    /** Before an event is made. */
    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        // Whoever asks only whether a level is on may keep the answer for good.
        if (format == null || Summaries.is(marker) || !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
            return FilterReply.NEUTRAL;
        }
        Source source = source(logger.getName());
        if (source.lines(level).isSpent(System.nanoTime(), nanosPerLine())) {
            leaveOut(source, logger.getName());
            return FilterReply.DENY;
        }
        return FilterReply.NEUTRAL;
    }

    /** Even a line that is left out takes time, and who does nothing but log would take a whole processor for it. */
    private static void leaveOut(Source source, String logger) {
        source.leaveOut();
        if (!Context.isOnEventLoopThread() && !logger.startsWith(OF_RUNTIME) && !PrintedLines.isHeld()) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /**
     * Counts an event that is to be written; also of those that come without being asked for first.
     *
     * @param caller whose code logs, where no context tells; what else its logger logs there is taken for its own
     */
    boolean admits(ILoggingEvent event, Optional<LogScope> caller) {
        if (isSummary(event)) {
            return true;
        }
        Source source = caller.isEmpty()
                ? source(event.getLoggerName())
                : ofPlugin(caller.get().plugin());
        if (caller.isPresent() && loggers.get(event.getLoggerName()) != source) {
            loggers.put(event.getLoggerName(), source);
        }
        boolean admitted = source.lines(event.getLevel()).take(System.nanoTime(), nanosPerLine() * lines(event));
        if (!admitted) {
            leaveOut(source, event.getLoggerName());
        }
        return admitted;
    }

    /** As many as would say the same; not so many that it would never come to be written. */
    private long lines(ILoggingEvent event) {
        long length = Secrets.shownLength(event.getFormattedMessage());
        if (event.getThrowableProxy() != null) {
            length += Faults.length(event.getThrowableProxy());
        }
        for (String value : event.getMDCPropertyMap().values()) {
            length += Secrets.shownLength(value);
        }
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                length += Secrets.shownLength(String.valueOf(pair.value));
            }
        }
        return Math.min(1 + length / LINE_CHARACTERS, limit);
    }

    /** Counts a repetition, which costs about as much as a line. */
    void spend(Logger logger, Level level) {
        source(logger.getName()).lines(level).take(System.nanoTime(), nanosPerLine());
    }

    private static boolean isSummary(ILoggingEvent event) {
        List<Marker> markers = event.getMarkerList();
        return markers != null && markers.stream().anyMatch(Summaries::is);
    }

    private long nanosPerLine() {
        return SECOND / limit;
    }

    private Source source(String logger) {
        Optional<LogScope> scope = LogScope.current();
        String plugin = scope.isPresent() ? scope.get().plugin() : "";
        return plugin.isEmpty() ? ofLogger(logger) : ofPlugin(plugin);
    }

    private Source ofLogger(String name) {
        Source known = loggers.get(name);
        return known != null
                ? known
                : loggers.computeIfAbsent(name, unknown -> new Source("", "logger '" + name + "'"));
    }

    private Source ofPlugin(String id) {
        Source known = plugins.get(id);
        return known != null ? known : plugins.computeIfAbsent(id, unknown -> new Source(id, "plugin '" + id + "'"));
    }

    /** Tells at once what was not told yet. */
    @Override
    public void stop() {
        super.stop();
        summaries.stop();
        Stream.concat(plugins.values().stream(), loggers.values().stream()).forEach(Source::tell);
    }

    /** Who logs. */
    private final class Source {

        private final String plugin;
        private final String name;
        private final Allowance faults = new Allowance();
        private final Allowance others = new Allowance();
        private final AtomicLong leftOut = new AtomicLong();
        private final AtomicBoolean willBeTold = new AtomicBoolean();

        Source(String plugin, String name) {
            this.plugin = plugin;
            this.name = name;
        }

        Allowance lines(Level level) {
            return level.isGreaterOrEqual(Level.WARN) ? faults : others;
        }

        void leaveOut() {
            leftOut.incrementAndGet();
            tellLater();
        }

        private void tellLater() {
            if (!willBeTold.get() && willBeTold.compareAndSet(false, true)) {
                tellAfter(first);
            }
        }

        private void tellAfter(Duration pause) {
            summaries.after(pause, () -> {
                if (tell()) {
                    tellAfter(Summaries.next(pause));
                    return;
                }
                willBeTold.set(false);
                // What came since is told by nobody else.
                if (leftOut.get() > 0) {
                    tellLater();
                }
            });
        }

        /** Answers whether there was anything to tell. */
        boolean tell() {
            long lines = leftOut.getAndSet(0);
            if (lines > 0) {
                Summaries.tell(
                        (Logger) LoggerFactory.getLogger(LineLimit.class),
                        Level.WARN,
                        plugin,
                        "{}: {} lines are left out, as it logs more than {} a second; see logging.maxLinesPerSecond",
                        name,
                        lines,
                        limit);
            }
            return lines > 0;
        }
    }

    /** Lines that may come within a second, whenever it begins. */
    private static final class Allowance {

        /** When all that came would be over if each line took its part of a second. */
        private final AtomicLong takenUntil = new AtomicLong(System.nanoTime());

        boolean isSpent(long now, long nanosPerLine) {
            return takenUntil.get() - now > SECOND - nanosPerLine;
        }

        boolean take(long now, long nanos) {
            long until;
            long next;
            do {
                until = takenUntil.get();
                next = now + Math.max(0, until - now) + nanos;
                if (next - now > SECOND) {
                    return false;
                }
            } while (!takenUntil.compareAndSet(until, next));
            return true;
        }
    }
}
