package dev.plinth.runtime.database.jdbc;

import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * A statement with the placeholders of JDBC: each {@code $n} outside of texts, quoted names and comments became {@code ?}. A
 * statement without any is left as it is, with its own {@code ?}.
 *
 * @param numbers which argument stands for each {@code ?}, from 1; empty when the arguments are taken in their order
 */
record Placeholders(String sql, List<Integer> numbers) {

    static Placeholders of(String sql) {
        StringBuilder text = new StringBuilder(sql.length());
        List<Integer> numbers = new ArrayList<>();
        int i = 0;
        while (i < sql.length()) {
            int end = isPlaceholder(sql, i) ? endOfDigits(sql, i + 1) : endOfPiece(sql, i);
            if (isPlaceholder(sql, i)) {
                numbers.add(Integer.parseInt(sql, i + 1, Math.min(end, i + 7), 10));
                text.append('?');
            } else {
                text.append(sql, i, end);
            }
            i = end;
        }
        return new Placeholders(text.toString(), List.copyOf(numbers));
    }

    private static boolean isPlaceholder(String sql, int i) {
        return sql.charAt(i) == '$'
                && i + 1 < sql.length()
                && isDigit(sql.charAt(i + 1))
                && (i == 0 || !Character.isJavaIdentifierPart(sql.charAt(i - 1)));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int endOfDigits(String sql, int from) {
        int end = from;
        while (end < sql.length() && isDigit(sql.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Where a text, quoted name or comment that begins here ends; else the next character. */
    private static int endOfPiece(String sql, int i) {
        char c = sql.charAt(i);
        if (c == '\'' || c == '"' || c == '`') {
            return after(sql, String.valueOf(c), i + 1);
        }
        if (sql.startsWith("--", i)) {
            return after(sql, "\n", i);
        }
        return sql.startsWith("/*", i) ? after(sql, "*/", i + 2) : i + 1;
    }

    private static int after(String sql, String end, int from) {
        int found = sql.indexOf(end, from);
        return found < 0 ? sql.length() : found + end.length();
    }

    /** The arguments as this text takes them. */
    Tuple arrange(Tuple arguments) {
        if (numbers.isEmpty()) {
            return arguments;
        }
        int needed = numbers.stream().mapToInt(Integer::intValue).max().orElse(0);
        if (needed != arguments.size() || numbers.contains(0)) {
            throw JdbcErrors.statement("expected " + needed + " arguments, got " + arguments.size(), 0, "08P01", null);
        }
        List<Object> arranged = new ArrayList<>(numbers.size());
        numbers.forEach(number -> arranged.add(arguments.getValue(number - 1)));
        return Tuple.wrap(arranged);
    }
}
