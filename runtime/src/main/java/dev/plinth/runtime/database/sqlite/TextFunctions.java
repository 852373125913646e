package dev.plinth.runtime.database.sqlite;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;

/** Functions of text as PostgreSQL has them; positions count characters from 1. */
final class TextFunctions {

    private TextFunctions() {}

    /** Letter by letter, as PostgreSQL does: a letter without a counterpart stays. */
    static String mapped(String text, IntUnaryOperator letter) {
        int[] points = text.codePoints().map(letter).toArray();
        return new String(points, 0, points.length);
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** From one position up to another, both counted from 0 and within the text. */
    private static String cut(String text, long from, long to) {
        int start = (int) Math.max(0, Math.min(from, length(text)));
        int end = (int) Math.max(start, Math.min(to, length(text)));
        return text.substring(text.offsetByCodePoints(0, start), text.offsetByCodePoints(0, end));
    }

    static String left(String text, int count) {
        return cut(text, 0, count < 0 ? length(text) + (long) count : count);
    }

    static String right(String text, int count) {
        return cut(text, count < 0 ? -(long) count : Math.max(0, length(text) - (long) count), length(text));
    }

    static String substring(String text, int start, int count) {
        if (count < 0) {
            throw Refusal.of("negative substring length not allowed", "22011");
        }
        return cut(text, start - 1L, start - 1L + count);
    }

    static String overlay(String text, String part, int start) {
        return overlay(text, part, start, length(part));
    }

    static String overlay(String text, String part, int start, int count) {
        if (start <= 0) {
            throw Refusal.of("negative substring length not allowed", "22011");
        }
        return cut(text, 0, start - 1L) + part + cut(text, start - 1L + count, length(text));
    }

    static String pad(String text, int wanted, String filling, boolean before) {
        int missing = wanted - length(text);
        if (missing <= 0 || filling.isEmpty()) {
            return missing <= 0 ? left(text, Math.max(0, wanted)) : text;
        }
        String padding = left(filling.repeat(missing / length(filling) + 1), missing);
        return before ? padding + text : text + padding;
    }

    static String part(String text, String separator, int number) {
        if (number == 0) {
            throw Refusal.of("field position must not be zero", "22023");
        }
        String[] parts = separator.isEmpty() ? new String[] {text} : text.split(Pattern.quote(separator), -1);
        int index = number < 0 ? parts.length + number : number - 1;
        return index >= 0 && index < parts.length ? parts[index] : "";
    }

    static long position(String part, String whole) {
        int index = whole.indexOf(part);
        return index < 0 ? 0 : whole.codePointCount(0, index) + 1L;
    }

    static String trim(String text, String letters, boolean front, boolean back) {
        int[] points = text.codePoints().toArray();
        int start = 0;
        int end = points.length;
        while (front && start < end && letters.indexOf(points[start]) >= 0) {
            start++;
        }
        while (back && end > start && letters.indexOf(points[end - 1]) >= 0) {
            end--;
        }
        return new String(points, start, end - start);
    }

    static String initcap(String text) {
        StringBuilder result = new StringBuilder();
        boolean inside = false;
        for (int point : text.codePoints().toArray()) {
            result.appendCodePoint(inside ? Character.toLowerCase(point) : Character.toUpperCase(point));
            inside = Character.isLetterOrDigit(point);
        }
        return result.toString();
    }

    static String translate(String text, String from, String to) {
        int[] old = from.codePoints().toArray();
        int[] replacements = to.codePoints().toArray();
        StringBuilder result = new StringBuilder();
        text.codePoints().forEach(point -> {
            int index = firstIndex(old, point);
            if (index < 0) {
                result.appendCodePoint(point);
            } else if (index < replacements.length) {
                result.appendCodePoint(replacements[index]);
            }
        });
        return result.toString();
    }

    private static int firstIndex(int[] points, int point) {
        return Arrays.stream(points).boxed().toList().indexOf(point);
    }
}
