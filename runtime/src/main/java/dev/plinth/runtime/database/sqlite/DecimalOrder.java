package dev.plinth.runtime.database.sqlite;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import org.sqlite.Collation;

/** The order of NUMERIC, for SQLite's comparisons, indexes and sorting: by value, so that 1.5 and 1.50 are the same. */
final class DecimalOrder extends Collation {

    /** What SQLite calls it. */
    static final String NAME = "numeric";

    @Override
    protected int xCompare(String a, String b) {
        return compare(a, b);
    }

    /** Compares what {@link Decimals} writes; any other text, which no rule of ours stores, comes behind, in its own order. */
    static int compare(String a, String b) {
        return isPlain(a) && isPlain(b) ? comparePlain(a, b) : compareOther(a, b);
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '-' || c > '9' || c == '/') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static int comparePlain(String a, String b) {
        boolean negative = a.charAt(0) == '-';
        if (negative != (b.charAt(0) == '-')) {
            return negative ? -1 : 1;
        }
        int start = negative ? 1 : 0;
        int pointA = point(a);
        int pointB = point(b);
        int order = pointA != pointB ? Integer.compare(pointA, pointB) : compareDigits(a, b, start);
        return negative ? -order : order;
    }

    private static int point(String text) {
        int point = text.indexOf('.');
        return point < 0 ? text.length() : point;
    }

    /** Zeros at the end make no difference. */
    private static int compareDigits(String a, String b, int start) {
        for (int i = start; i < a.length() || i < b.length(); i++) {
            char left = i < a.length() ? a.charAt(i) : '0';
            char right = i < b.length() ? b.charAt(i) : '0';
            if (left != right && left != '.' && right != '.') {
                return Character.compare(left, right);
            }
        }
        return 0;
    }

    private static int compareOther(String a, String b) {
        int order = Integer.compare(rank(a), rank(b));
        if (order != 0) {
            return order;
        }
        @Nullable BigDecimal left = number(a);
        @Nullable BigDecimal right = number(b);
        return left == null || right == null ? a.compareTo(b) : left.compareTo(right);
    }

    /** Numbers, NaN behind them, then what is neither. */
    private static int rank(String text) {
        return text.equals(Decimals.NAN) ? 1 : number(text) == null ? 2 : 0;
    }

    private static @Nullable BigDecimal number(String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
