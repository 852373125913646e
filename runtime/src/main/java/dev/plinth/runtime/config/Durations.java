package dev.plinth.runtime.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads durations as Backstage does: {@code "2 seconds"}, {@code "PT1M"} or {@code {minutes: 1}}. */
final class Durations {

    private static final Pattern TEXT = Pattern.compile("(-?\\d{1,15}(?:\\.\\d{1,9})?)\\s*([a-z]+)");

    private static final Map<String, Double> MILLIS = Map.of(
            "milliseconds", 1.0,
            "seconds", 1_000.0,
            "minutes", 60_000.0,
            "hours", 3_600_000.0,
            "days", 86_400_000.0,
            "weeks", 604_800_000.0);

    private static final Map<String, String> UNITS = Map.ofEntries(
            Map.entry("ms", "milliseconds"),
            Map.entry("msec", "milliseconds"),
            Map.entry("msecs", "milliseconds"),
            Map.entry("millisecond", "milliseconds"),
            Map.entry("s", "seconds"),
            Map.entry("sec", "seconds"),
            Map.entry("secs", "seconds"),
            Map.entry("second", "seconds"),
            Map.entry("m", "minutes"),
            Map.entry("min", "minutes"),
            Map.entry("mins", "minutes"),
            Map.entry("minute", "minutes"),
            Map.entry("h", "hours"),
            Map.entry("hr", "hours"),
            Map.entry("hrs", "hours"),
            Map.entry("hour", "hours"),
            Map.entry("d", "days"),
            Map.entry("day", "days"),
            Map.entry("w", "weeks"),
            Map.entry("week", "weeks"));

    private Durations() {}

    static Optional<Duration> parse(String text) {
        String trimmed = text.trim();
        Matcher matcher = TEXT.matcher(trimmed.toLowerCase(Locale.ROOT));
        if (matcher.matches()) {
            return millisPer(matcher.group(2)).flatMap(factor -> of(Double.parseDouble(matcher.group(1)) * factor));
        }
        try {
            Duration duration = Duration.parse(trimmed);
            return duration.isNegative() ? Optional.empty() : Optional.of(duration);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    static Optional<Duration> ofObject(Config object) {
        double total = 0;
        for (Config part : object.children()) {
            Double factor = MILLIS.get(part.name());
            Optional<Double> number = part.number();
            if (factor == null || number.isEmpty()) {
                return Optional.empty();
            }
            total += number.get() * factor;
        }
        return object.children().isEmpty() ? Optional.empty() : of(total);
    }

    private static Optional<Double> millisPer(String unit) {
        @Nullable Double factor = MILLIS.get(UNITS.getOrDefault(unit, unit));
        return Optional.ofNullable(factor);
    }

    private static Optional<Duration> of(double millis) {
        return millis < 0 || millis > Long.MAX_VALUE / 2.0
                ? Optional.empty()
                : Optional.of(Duration.ofMillis((long) millis));
    }
}
