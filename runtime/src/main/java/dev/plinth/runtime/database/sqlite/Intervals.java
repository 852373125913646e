package dev.plinth.runtime.database.sqlite;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Computing with times, which are text in UTC. */
final class Intervals {

    private static final Pattern PART = Pattern.compile(
            "\\s*(?:([+-]?\\d+(?:\\.\\d+)?)\\s*([a-zA-Z]+)|([+-]?)(\\d+):(\\d+)(?::(\\d+(?:\\.\\d+)?))?)");

    private Intervals() {}

    /** @param sign 1 to add the interval, -1 to take it away */
    static String add(String time, String interval, int sign) {
        LocalDateTime result = Texts.toLocalDateTime(time);
        Matcher matcher = PART.matcher(interval);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            end = matcher.end();
            result = matcher.group(2) != null
                    ? plus(
                            result,
                            new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(sign)),
                            matcher.group(2),
                            interval)
                    : plus(result, clock(matcher), sign);
        }
        if (end == 0 || !interval.substring(end).isBlank()) {
            throw invalid(interval);
        }
        return Texts.of(result);
    }

    private static RuntimeException invalid(String interval) {
        return Refusal.of("invalid input syntax for type interval: \"" + interval + "\"", "22007");
    }

    private static BigDecimal clock(Matcher matcher) {
        BigDecimal seconds = new BigDecimal(matcher.group(4))
                .multiply(BigDecimal.valueOf(3600))
                .add(new BigDecimal(matcher.group(5)).multiply(BigDecimal.valueOf(60)));
        BigDecimal all = matcher.group(6) == null ? seconds : seconds.add(new BigDecimal(matcher.group(6)));
        return matcher.group(3).equals("-") ? all.negate() : all;
    }

    private static LocalDateTime plus(LocalDateTime time, BigDecimal seconds, int sign) {
        BigDecimal micros = seconds.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN);
        return time.plus(micros.longValue() * sign, ChronoUnit.MICROS);
    }

    private static LocalDateTime plus(LocalDateTime time, BigDecimal count, String unit, String interval) {
        String name = unit.toLowerCase(Locale.ROOT);
        return switch (name.length() > 1 && name.endsWith("s") ? name.substring(0, name.length() - 1) : name) {
            case "year", "yr", "y" -> time.plusMonths(whole(count.multiply(BigDecimal.valueOf(12))));
            case "month", "mon" -> time.plusMonths(whole(count));
            case "week", "w" -> plusDays(time, count.multiply(BigDecimal.valueOf(7)));
            case "day", "d" -> plusDays(time, count);
            case "hour", "hr", "h" -> plus(time, count.multiply(BigDecimal.valueOf(3600)), 1);
            case "minute", "min", "m" -> plus(time, count.multiply(BigDecimal.valueOf(60)), 1);
            case "second", "sec", "s" -> plus(time, count, 1);
            case "millisecond" -> plus(time, count.movePointLeft(3), 1);
            default -> throw invalid(interval);
        };
    }

    private static LocalDateTime plusDays(LocalDateTime time, BigDecimal days) {
        BigDecimal whole = days.setScale(0, RoundingMode.DOWN);
        return plus(time.plusDays(whole.longValue()), days.subtract(whole).multiply(BigDecimal.valueOf(86_400)), 1);
    }

    private static long whole(BigDecimal count) {
        return count.setScale(0, RoundingMode.DOWN).longValue();
    }

    static String truncate(String field, String time) {
        LocalDateTime moment = Texts.toLocalDateTime(time);
        LocalDateTime day = moment.truncatedTo(ChronoUnit.DAYS);
        return Texts.of(
                switch (field.toLowerCase(Locale.ROOT)) {
                    case "year" -> day.withDayOfYear(1);
                    case "quarter" -> day.withDayOfMonth(1).withMonth((moment.getMonthValue() - 1) / 3 * 3 + 1);
                    case "month" -> day.withDayOfMonth(1);
                    case "week" -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
                    case "day" -> day;
                    case "hour" -> moment.truncatedTo(ChronoUnit.HOURS);
                    case "minute" -> moment.truncatedTo(ChronoUnit.MINUTES);
                    case "second" -> moment.truncatedTo(ChronoUnit.SECONDS);
                    case "milliseconds" -> moment.truncatedTo(ChronoUnit.MILLIS);
                    default -> throw unknown(field);
                });
    }

    private static RuntimeException unknown(String field) {
        return Refusal.of("unit \"" + field + "\" not recognized for type timestamp with time zone", "22023");
    }

    static Object part(String field, String text) {
        LocalDateTime time = text.indexOf('-') < 0
                ? LocalTime.parse(text).atDate(java.time.LocalDate.EPOCH)
                : Texts.toLocalDateTime(text);
        double fraction = time.getNano() / 1e9;
        return switch (field.toLowerCase(Locale.ROOT)) {
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

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw Refusal.of("time zone \"" + name + "\" not recognized", "22023");
        }
    }
}
