package dev.plinth.runtime.database.sqlite;

import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Computing and comparing as PostgreSQL does. */
final class Numbers {

    /** More than a double keeps. */
    static final MathContext DIGITS = new MathContext(20, RoundingMode.HALF_UP);

    private Numbers() {}

    /** The greatest or least of several values, null among them left out. */
    static @Nullable Object extreme(@Nullable Object[] values, int sign) {
        Object extreme = null;
        for (Object value : values) {
            if (value != null && (extreme == null || compare(value, extreme) * sign > 0)) {
                extreme = value;
            }
        }
        return extreme;
    }

    private static int compare(Object a, Object b) {
        if (a instanceof Long left && b instanceof Long right) {
            return left.compareTo(right);
        }
        if (a instanceof Number left && b instanceof Number right) {
            return Double.compare(left.doubleValue(), right.doubleValue());
        }
        return Arrays.compareUnsigned(bytes(a), bytes(b));
    }

    private static byte[] bytes(Object value) {
        return value instanceof byte[] bytes ? bytes : String.valueOf(value).getBytes(StandardCharsets.UTF_8);
    }
}
