package dev.plinth.runtime.database.sqlite;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A span of time with PostgreSQL's three parts. SQLite has it as PostgreSQL's text of it. */
record Interval(long months, long days, long micros) {

    private static final Pattern PART = Pattern.compile(
            "\\s*(?:([+-]?\\d+(?:\\.\\d+)?)\\s*([a-zA-Z]+)|([+-]?)(\\d+):(\\d+)(?::(\\d+(?:\\.\\d+)?))?)");
    private static final Pattern SECONDS = Pattern.compile("[+-]?\\d+(?:\\.\\d+)?");
    private static final BigDecimal MICROS_OF_A_DAY = BigDecimal.valueOf(86_400_000_000L);
    private static final int DAYS_OF_A_MONTH = 30;

    static Interval parse(String text) {
        String stripped = text.strip();
        if (SECONDS.matcher(stripped).matches()) {
            return ofMicros(new BigDecimal(stripped).movePointRight(6));
        }
        boolean ago = stripped.toLowerCase(Locale.ROOT).endsWith(" ago");
        String parts = ago ? stripped.substring(0, stripped.length() - 4) : stripped;
        Interval sum = new Interval(0, 0, 0);
        Matcher matcher = PART.matcher(parts);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            end = matcher.end();
            sum = sum.plus(matcher.group(2) != null ? ofUnit(matcher, text) : ofClock(matcher));
        }
        if (end == 0 || !parts.substring(end).isBlank()) {
            throw invalid(text);
        }
        return ago ? sum.negated() : sum;
    }

    private static RuntimeException invalid(String text) {
        return Refusal.of("invalid input syntax for type interval: \"" + text + "\"", "22007");
    }

    private static Interval ofUnit(Matcher matcher, String text) {
        BigDecimal count = new BigDecimal(matcher.group(1));
        String name = matcher.group(2).toLowerCase(Locale.ROOT);
        return switch (name.length() > 1 && name.endsWith("s") ? name.substring(0, name.length() - 1) : name) {
            case "millennium", "millennia" -> ofMonths(count.multiply(BigDecimal.valueOf(12_000)));
            case "century", "centurie" -> ofMonths(count.multiply(BigDecimal.valueOf(1200)));
            case "decade" -> ofMonths(count.multiply(BigDecimal.valueOf(120)));
            case "year", "yr", "y" -> ofMonths(count.multiply(BigDecimal.valueOf(12)));
            case "month", "mon" -> ofMonths(count);
            case "week", "w" -> ofDays(count.multiply(BigDecimal.valueOf(7)));
            case "day", "d" -> ofDays(count);
            case "hour", "hr", "h" -> ofMicros(count.multiply(BigDecimal.valueOf(3_600_000_000L)));
            case "minute", "min", "m" -> ofMicros(count.multiply(BigDecimal.valueOf(60_000_000)));
            case "second", "sec", "s" -> ofMicros(count.movePointRight(6));
            case "millisecond", "msec", "ms" -> ofMicros(count.movePointRight(3));
            case "microsecond", "usec", "us" -> ofMicros(count);
            default -> throw invalid(text);
        };
    }

    private static Interval ofClock(Matcher matcher) {
        BigDecimal seconds = matcher.group(6) == null ? BigDecimal.ZERO : new BigDecimal(matcher.group(6));
        Interval clock = ofMicros(new BigDecimal(matcher.group(4))
                .multiply(BigDecimal.valueOf(3600))
                .add(new BigDecimal(matcher.group(5)).multiply(BigDecimal.valueOf(60)))
                .add(seconds)
                .movePointRight(6));
        return matcher.group(3).equals("-") ? clock.negated() : clock;
    }

    /** A part of a month is days, of 30 to the month. */
    private static Interval ofMonths(BigDecimal months) {
        BigDecimal whole = months.setScale(0, RoundingMode.DOWN);
        return new Interval(whole.longValue(), 0, 0)
                .plus(ofDays(months.subtract(whole).multiply(BigDecimal.valueOf(DAYS_OF_A_MONTH))));
    }

    private static Interval ofDays(BigDecimal days) {
        BigDecimal whole = days.setScale(0, RoundingMode.DOWN);
        return new Interval(0, whole.longValue(), 0)
                .plus(ofMicros(days.subtract(whole).multiply(MICROS_OF_A_DAY)));
    }

    private static Interval ofMicros(BigDecimal micros) {
        return new Interval(0, 0, micros.setScale(0, RoundingMode.HALF_EVEN).longValueExact());
    }

    /** From the second to the first. */
    static Interval between(LocalDateTime a, LocalDateTime b) {
        long micros = ChronoUnit.MICROS.between(b, a);
        long day = MICROS_OF_A_DAY.longValue();
        return new Interval(0, micros / day, micros % day);
    }

    Interval plus(Interval other) {
        return new Interval(months + other.months, days + other.days, micros + other.micros);
    }

    Interval negated() {
        return new Interval(-months, -days, -micros);
    }

    /** Each part times the factor, what is broken of a part going to the smaller one. */
    Interval scaled(DoubleUnaryOperator scale) {
        double allMonths = scale.applyAsDouble((double) months);
        double allDays = scale.applyAsDouble((double) days);
        long wholeMonths = (long) allMonths;
        double daysOfMonths = rounded((allMonths - (double) wholeMonths) * DAYS_OF_A_MONTH);
        double seconds = rounded((allDays % 1 + daysOfMonths % 1) * 86_400);
        long more = (long) (seconds / 86_400);
        return new Interval(wholeMonths, (long) allDays + (long) daysOfMonths + more, (long)
                Math.rint(scale.applyAsDouble((double) micros) + (seconds - (double) (more * 86_400)) * 1e6));
    }

    private static double rounded(double value) {
        return Math.rint(value * 1e6) / 1e6;
    }

    LocalDateTime addedTo(LocalDateTime time) {
        return time.plusMonths(months).plusDays(days).plus(micros, ChronoUnit.MICROS);
    }

    /** By which intervals are compared. */
    long length() {
        return Math.addExact(Math.multiplyExact(months * DAYS_OF_A_MONTH + days, MICROS_OF_A_DAY.longValue()), micros);
    }

    Object part(String field) {
        return switch (field.toLowerCase(Locale.ROOT)) {
            case "year" -> months / 12;
            case "quarter" -> months % 12 / 3 + 1;
            case "month" -> months % 12;
            case "day" -> days;
            case "hour" -> micros / 3_600_000_000L;
            case "minute" -> micros / 60_000_000 % 60;
            case "second" -> (double) (micros % 60_000_000) / 1e6;
            case "milliseconds" -> (double) (micros % 60_000_000) / 1e3;
            case "microseconds" -> micros % 60_000_000;
            case "epoch" -> epoch();
            default -> throw Times.unknown(field);
        };
    }

    /** In seconds, a year being that of the Julian calendar. */
    private double epoch() {
        long years = months / 12;
        double wholeDays = years * 365.25 + (months % 12 * DAYS_OF_A_MONTH + days);
        return wholeDays * 86_400 + (double) micros / 1e6;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        boolean negative = append(text, months / 12, "year", false);
        negative = append(text, months % 12, "mon", negative);
        negative = append(text, days, "day", negative);
        if (text.isEmpty() || micros != 0) {
            text.append(text.isEmpty() ? "" : " ").append(micros < 0 ? "-" : negative ? "+" : "");
            appendClock(text, Math.abs(micros));
        }
        return text.toString();
    }

    /** Answers whether the last part that was written is negative. */
    private static boolean append(StringBuilder text, long value, String unit, boolean negative) {
        if (value == 0) {
            return negative;
        }
        text.append(text.isEmpty() ? "" : " ")
                .append(negative && value > 0 ? "+" : "")
                .append(value)
                .append(' ')
                .append(unit)
                .append(value == 1 ? "" : "s");
        return value < 0;
    }

    private static void appendClock(StringBuilder text, long micros) {
        long seconds = micros / 1_000_000;
        text.append(String.format(Locale.ROOT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60));
        if (micros % 1_000_000 != 0) {
            text.append(String.format(Locale.ROOT, ".%06d", micros % 1_000_000).replaceAll("0+$", ""));
        }
    }
}
