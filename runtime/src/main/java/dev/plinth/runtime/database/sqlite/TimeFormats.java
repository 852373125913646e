package dev.plinth.runtime.database.sqlite;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** {@code to_char} of times, for the patterns that are exact here; others are refused. */
final class TimeFormats {

    /** The longer before those that they begin with. */
    private static final Map<String, Function<LocalDateTime, String>> PATTERNS = patterns();

    private TimeFormats() {}

    private static Map<String, Function<LocalDateTime, String>> patterns() {
        Map<String, Function<LocalDateTime, String>> all = new LinkedHashMap<>();
        number(all, "YYYY", 4, LocalDateTime::getYear);
        number(all, "IYYY", 4, time -> time.get(IsoFields.WEEK_BASED_YEAR));
        number(all, "YY", 2, time -> time.getYear() % 100);
        number(all, "MM", 2, LocalDateTime::getMonthValue);
        number(all, "DDD", 3, LocalDateTime::getDayOfYear);
        number(all, "DD", 2, LocalDateTime::getDayOfMonth);
        number(all, "IW", 2, time -> time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        number(all, "HH24", 2, LocalDateTime::getHour);
        number(all, "HH12", 2, time -> (time.getHour() + 11) % 12 + 1);
        number(all, "MI", 2, LocalDateTime::getMinute);
        number(all, "SSSSS", 1, time -> time.toLocalTime().toSecondOfDay());
        number(all, "SSSS", 1, time -> time.toLocalTime().toSecondOfDay());
        number(all, "SS", 2, LocalDateTime::getSecond);
        number(all, "MS", 3, time -> time.get(ChronoField.MILLI_OF_SECOND));
        number(all, "US", 6, time -> time.get(ChronoField.MICRO_OF_SECOND));
        all.put("Mon", time -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
        all.put("Dy", time -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
        all.put("AM", time -> time.getHour() < 12 ? "AM" : "PM");
        all.put("PM", time -> time.getHour() < 12 ? "AM" : "PM");
        return Collections.unmodifiableMap(all);
    }

    private static void number(
            Map<String, Function<LocalDateTime, String>> all,
            String pattern,
            int width,
            ToIntFunction<LocalDateTime> number) {
        Function<LocalDateTime, String> shown = time -> {
            String digits = String.valueOf(number.applyAsInt(time));
            return "0".repeat(Math.max(0, width - digits.length())) + digits;
        };
        all.put(pattern, shown);
        all.put(pattern.toLowerCase(Locale.ROOT), shown);
    }

    static String format(String time, String format) {
        LocalDateTime moment = time.length() == 10 ? LocalDate.parse(time).atStartOfDay() : Texts.toLocalDateTime(time);
        if (format.isEmpty()) {
            throw unknown(format);
        }
        StringBuilder text = new StringBuilder();
        int position = 0;
        while (position < format.length()) {
            char c = format.charAt(position);
            if (c == '"') {
                int end = format.indexOf('"', position + 1);
                if (end < 0 || format.substring(position, end).indexOf('\\') >= 0) {
                    throw unknown(format);
                }
                text.append(format, position + 1, end);
                position = end + 1;
            } else if (Character.isLetter(c) && c < 128) {
                String pattern = pattern(format, position);
                text.append(PATTERNS.getOrDefault(pattern, any -> "").apply(moment));
                position += pattern.length();
            } else if (Character.isDigit(c) || c == '\\') {
                throw unknown(format);
            } else {
                text.append(c);
                position++;
            }
        }
        return text.toString();
    }

    /** What follows a pattern may change it, as TH does; letters of no pattern are refused, and so is that. */
    private static String pattern(String format, int position) {
        return PATTERNS.keySet().stream()
                .filter(pattern -> format.startsWith(pattern, position))
                .findFirst()
                .orElseThrow(() -> unknown(format));
    }

    private static RuntimeException unknown(String format) {
        return Refusal.unsupported("SQLite has no to_char() with '" + format + "', only with " + PATTERNS.keySet()
                + ", signs between them, and text in double quotes");
    }
}
