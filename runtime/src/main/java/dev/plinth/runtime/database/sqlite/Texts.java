package dev.plinth.runtime.database.sqlite;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * Times as SQLite keeps them: text in UTC, {@code 2026-01-31 13:45:10.25}, the form of its own CURRENT_TIMESTAMP with a fraction
 * where there is one. Text of this form compares as the times do.
 */
final class Texts {

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .toFormatter(Locale.ROOT);

    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral(' ')
            .append(TIME)
            .toFormatter(Locale.ROOT);

    private static final DateTimeFormatter READ = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendLiteral(' ')
            .optionalEnd()
            .optionalStart()
            .appendLiteral('T')
            .optionalEnd()
            .optionalStart()
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HH:mm", "Z")
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HH", "Z")
            .optionalEnd()
            .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
            .parseDefaulting(ChronoField.MINUTE_OF_HOUR, 0)
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private Texts() {}

    static String of(LocalDate date) {
        return date.toString();
    }

    static String of(LocalTime time) {
        return TIME.format(microseconds(time));
    }

    static String of(LocalDateTime time) {
        return TIMESTAMP.format(time.with(microseconds(time.toLocalTime())));
    }

    static String of(OffsetDateTime time) {
        return of(time.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime());
    }

    /** PostgreSQL keeps no more. */
    private static LocalTime microseconds(LocalTime time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }

    static LocalDateTime toLocalDateTime(String text) {
        return LocalDateTime.from(READ.parse(text));
    }

    static OffsetDateTime toOffsetDateTime(String text) {
        var parsed = READ.parse(text);
        LocalDateTime local = LocalDateTime.from(parsed);
        ZoneOffset offset = parsed.isSupported(ChronoField.OFFSET_SECONDS)
                ? ZoneOffset.ofTotalSeconds(parsed.get(ChronoField.OFFSET_SECONDS))
                : ZoneOffset.UTC;
        return local.atOffset(offset).withOffsetSameInstant(ZoneOffset.UTC);
    }

    static boolean toBoolean(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "t", "true", "yes", "y", "on", "1" -> true;
            case "f", "false", "no", "n", "off", "0" -> false;
            default -> throw new IllegalArgumentException("invalid boolean: " + text);
        };
    }
}
