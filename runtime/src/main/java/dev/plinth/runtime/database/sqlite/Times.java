package dev.plinth.runtime.database.sqlite;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;
import java.util.Set;

/** Parts of times, which are text in UTC, and times elsewhere. */
final class Times {

    private static final Set<String> ZONES = ZoneId.getAvailableZoneIds();

    /** PostgreSQL's own. */
    private static final LocalDateTime EPOCH = LocalDateTime.of(2000, 1, 1, 0, 0);

    private Times() {}

    static String truncate(String field, String time) {
        LocalDateTime moment = Texts.toLocalDateTime(time);
        LocalDateTime day = moment.truncatedTo(ChronoUnit.DAYS);
        return Texts.of(
                switch (field.toLowerCase(Locale.ROOT)) {
                    case "millennium" -> startOfYear(day, (day.getYear() - 1) / 1000 * 1000 + 1);
                    case "century" -> startOfYear(day, (day.getYear() - 1) / 100 * 100 + 1);
                    case "decade" -> startOfYear(day, day.getYear() / 10 * 10);
                    case "year" -> day.withDayOfYear(1);
                    case "quarter" -> day.withDayOfMonth(1).withMonth((moment.getMonthValue() - 1) / 3 * 3 + 1);
                    case "month" -> day.withDayOfMonth(1);
                    case "week" -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
                    case "day" -> day;
                    case "hour" -> moment.truncatedTo(ChronoUnit.HOURS);
                    case "minute" -> moment.truncatedTo(ChronoUnit.MINUTES);
                    case "second" -> moment.truncatedTo(ChronoUnit.SECONDS);
                    case "milliseconds" -> moment.truncatedTo(ChronoUnit.MILLIS);
                    case "microseconds" -> moment;
                    default -> throw unknown(field);
                });
    }

    /** With no more digits of a second than its type keeps; what lies in the middle goes away from the year 2000. */
    static String rounded(String time, ColumnType type) {
        if (type.length() < 0 || type.length() > 5) {
            return time;
        }
        if (type.kind() == ColumnType.Kind.TIME) {
            LocalDateTime day = LocalTime.parse(time).atDate(EPOCH.toLocalDate());
            return Texts.of(rounded(day, type.length()).toLocalTime());
        }
        return Texts.of(rounded(Texts.toLocalDateTime(time), type.length()));
    }

    private static LocalDateTime rounded(LocalDateTime time, int digits) {
        long unit = BigDecimal.TEN.pow(6 - digits).longValueExact();
        long micros = ChronoUnit.MICROS.between(EPOCH, time);
        long away = (Math.abs(micros) + unit / 2) / unit * unit;
        return EPOCH.plus(micros < 0 ? -away : away, ChronoUnit.MICROS);
    }

    private static LocalDateTime startOfYear(LocalDateTime day, int year) {
        return day.withDayOfYear(1).withYear(year);
    }

    /** In the time of a zone. */
    static String truncate(String field, String time, String zone) {
        return atZone(truncate(field, localTime(time, zone)), zone);
    }

    static RuntimeException unknown(String field) {
        if (Set.of("julian", "timezone_hour", "timezone_minute").contains(field)) {
            return Refusal.unsupported("SQLite has no " + field);
        }
        return Refusal.of("unit \"" + field + "\" not recognized for type timestamp with time zone", "22023");
    }

    static Object part(String field, String text) {
        LocalDateTime time = text.indexOf('-') < 0
                ? LocalTime.parse(text).atDate(java.time.LocalDate.EPOCH)
                : Texts.toLocalDateTime(text);
        double fraction = time.getNano() / 1e9;
        return switch (field.toLowerCase(Locale.ROOT)) {
            case "millennium" -> (long) (time.getYear() - 1) / 1000 + 1;
            case "century" -> (long) (time.getYear() - 1) / 100 + 1;
            case "decade" -> (long) time.getYear() / 10;
            case "year" -> (long) time.getYear();
            case "quarter" -> (long) time.get(IsoFields.QUARTER_OF_YEAR);
            case "month" -> (long) time.getMonthValue();
            case "week" -> (long) time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
            case "isoyear" -> (long) time.get(IsoFields.WEEK_BASED_YEAR);
            case "day" -> (long) time.getDayOfMonth();
            case "dow" -> (long) time.getDayOfWeek().getValue() % 7;
            case "isodow" -> (long) time.getDayOfWeek().getValue();
            case "doy" -> (long) time.getDayOfYear();
            case "hour" -> (long) time.getHour();
            case "minute" -> (long) time.getMinute();
            case "second" -> time.getSecond() + fraction;
            case "milliseconds" -> time.getSecond() * 1000 + fraction * 1000;
            case "microseconds" -> time.getSecond() * 1_000_000L + time.getNano() / 1000;
            case "timezone" -> 0L;
            case "epoch" -> time.toEpochSecond(ZoneOffset.UTC) + fraction;
            default -> throw unknown(field);
        };
    }

    static String ofEpoch(double seconds) {
        BigDecimal micros = BigDecimal.valueOf(seconds).movePointRight(6).setScale(0, RoundingMode.HALF_EVEN);
        return Texts.of(
                Instant.EPOCH.plus(micros.longValue(), ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
    }

    static String localTime(String time, String zone) {
        return Texts.of(Texts.toLocalDateTime(time)
                .atOffset(ZoneOffset.UTC)
                .atZoneSameInstant(zone(zone))
                .toLocalDateTime());
    }

    static String atZone(String time, String zone) {
        return Texts.of(Texts.toLocalDateTime(time).atZone(zone(zone)).toOffsetDateTime());
    }

    /** Java reads an offset the other way round than PostgreSQL, so that zones go by their names. */
    private static ZoneId zone(String name) {
        return ZONES.stream()
                .filter(name::equalsIgnoreCase)
                .findFirst()
                .map(ZoneId::of)
                .orElseThrow(() -> noZone(name));
    }

    private static RuntimeException noZone(String name) {
        return name.chars().anyMatch(c -> !Character.isLetter(c) && c != '/' && c != '_')
                ? Refusal.unsupported(
                        "SQLite knows time zones by their names, such as Europe/Berlin, and no \"" + name + "\"")
                : Refusal.of("time zone \"" + name + "\" not recognized", "22023");
    }
}
