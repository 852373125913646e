package dev.plinth.runtime.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;

/**
 * Keeps one fault from filling the log: warnings and errors that say the same again are counted, and told in one line after a
 * second, and then ever more rarely while they go on. Any thread.
 *
 * <p>The same are events of one logger and text that differ in request, path, or numbers that stand alone, as in "waiting 42".
 */
public final class Repeats extends TurboFilter {

    private static final int MOST_FAULTS = 1_000;
    private static final int SHOWN = 300;
    /** Of each text the beginning: what is compared is kept. */
    private static final int COMPARED = 4 * 1024;

    /** What a request asked for; a text that only begins so may be of any file. */
    private static final Pattern PATH = Pattern.compile("/\\S*");

    private static final Pattern LONE_NUMBER = Pattern.compile("(?<![\\w.'\"-])\\d+(?![\\w'\"-])");

    private final ConcurrentMap<Fault, Count> counts = new ConcurrentHashMap<>();
    private final LineLimit limit;
    private final Duration first;
    private final Summaries summaries = new Summaries();

    /** @param limit which repetitions count against */
    public Repeats(LineLimit limit) {
        this(limit, Summaries.FIRST);
    }

    /** @param first after which repetitions are told */
    Repeats(LineLimit limit, Duration first) {
        this.limit = limit;
        this.first = first;
    }

    /** What makes two events the same. */
    private record Fault(String logger, int level, String plugin, String text, String thrown) {}

    /** One that was logged, and how often it was not since. */
    private static final class Count {

        private final Logger logger;
        private final Level level;
        private final Fault fault;
        private final String message;
        private Duration pause;
        private long repeated;

        Count(Logger logger, Level level, Fault fault, String message, Duration pause) {
            this.logger = logger;
            this.level = level;
            this.fault = fault;
            this.message = message;
            this.pause = pause;
        }
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        if (format == null || Summaries.is(marker) || !isFault(logger, level)) {
            return FilterReply.NEUTRAL;
        }
        if (!isRepetition(logger, level, format, arguments, thrown)) {
            return FilterReply.NEUTRAL;
        }
        limit.spend(logger, level);
        return FilterReply.DENY;
    }

    /** Whether it is one, and would be logged. A line of a text that is printed may stand in another one too. */
    private static boolean isFault(Logger logger, Level level) {
        return level.isGreaterOrEqual(Level.WARN)
                && level.isGreaterOrEqual(logger.getEffectiveLevel())
                && !PrintedLines.isOne(logger.getName());
    }

    private boolean isRepetition(
            Logger logger, Level level, String format, Object @Nullable [] arguments, @Nullable Throwable thrown) {
        Optional<LogScope> scope = LogScope.current();
        Fault fault = new Fault(
                logger.getName(),
                level.toInt(),
                scope.map(LogScope::plugin).orElse(""),
                same(format, scope) + sameArguments(arguments, scope),
                thrownText(thrown != null ? thrown : thrownIn(arguments)));
        if (counts.size() >= MOST_FAULTS && !counts.containsKey(fault)) {
            return false;
        }
        boolean[] isNew = {false};
        counts.compute(fault, (same, known) -> {
            if (known != null) {
                known.repeated++;
                return known;
            }
            isNew[0] = true;
            return new Count(logger, level, fault, message(format, arguments), first);
        });
        if (isNew[0]) {
            tellAfter(first, fault);
        }
        return !isNew[0];
    }

    private static String message(String format, Object @Nullable [] arguments) {
        String message = MessageFormatter.arrayFormat(format, arguments).getMessage();
        return message.length() > SHOWN ? message.substring(0, SHOWN) + "..." : message;
    }

    private static String sameArguments(Object @Nullable [] arguments, Optional<LogScope> scope) {
        if (arguments == null) {
            return "";
        }
        List<String> same = new ArrayList<>();
        for (Object argument : arguments) {
            String text = argument instanceof Throwable ? "" : String.valueOf(argument);
            same.add(PATH.matcher(text).matches() ? "/" : same(text, scope));
        }
        return same.toString();
    }

    private static String same(String text, Optional<LogScope> scope) {
        String requestId = scope.map(LogScope::requestId).orElse("");
        String compared = text.length() > COMPARED ? text.substring(0, COMPARED) : text;
        String shorter = requestId.isEmpty() ? compared : compared.replace(requestId, "");
        return LONE_NUMBER.matcher(shorter).replaceAll("#");
    }

    private static @Nullable Throwable thrownIn(Object @Nullable [] arguments) {
        Object last = arguments == null || arguments.length == 0 ? null : arguments[arguments.length - 1];
        return last instanceof Throwable thrown ? thrown : null;
    }

    private static String thrownText(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "";
        }
        StackTraceElement[] stack = thrown.getStackTrace();
        return thrown.getClass().getName()
                + (stack.length == 0 ? same(String.valueOf(thrown.getMessage()), Optional.empty()) : stack[0]);
    }

    private void tellAfter(Duration pause, Fault fault) {
        summaries.after(pause, () -> tell(fault));
    }

    /** Forgets it when it has not come again. */
    private void tell(Fault fault) {
        long[] repeated = {0};
        Count count = counts.computeIfPresent(fault, (same, known) -> {
            repeated[0] = known.repeated;
            known.repeated = 0;
            return repeated[0] == 0 ? null : known;
        });
        if (count != null) {
            tell(count, repeated[0]);
            count.pause = Summaries.next(count.pause);
            tellAfter(count.pause, fault);
        }
    }

    private static void tell(Count count, long repeated) {
        Summaries.tell(
                count.logger,
                count.level,
                count.fault.plugin,
                "repeated {} {} in the last {} s: {}",
                repeated,
                repeated == 1 ? "time" : "times",
                Math.max(1, count.pause.toSeconds()),
                count.message);
    }

    /** Tells at once what was not told yet. */
    @Override
    public void stop() {
        super.stop();
        summaries.stop();
        counts.values().forEach(count -> {
            if (count.repeated > 0) {
                tell(count, count.repeated);
            }
        });
        counts.clear();
    }
}
