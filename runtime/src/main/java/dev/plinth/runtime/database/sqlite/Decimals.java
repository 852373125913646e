package dev.plinth.runtime.database.sqlite;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decimal numbers as PostgreSQL's NUMERIC has them. SQLite keeps them as text without exponent, with as many digits behind the
 * point as PostgreSQL shows.
 */
final class Decimals {

    /** Equal to itself, and greater than all numbers. */
    static final String NAN = "NaN";

    private static final int MOST_BEFORE_POINT = 131_072;
    private static final int MOST_BEHIND_POINT = 16_383;

    /** What a double and a float keep of a decimal number in any case. */
    private static final MathContext DOUBLE_DIGITS = new MathContext(15, RoundingMode.HALF_EVEN);

    private static final MathContext FLOAT_DIGITS = new MathContext(6, RoundingMode.HALF_EVEN);

    private Decimals() {}

    /**
     * Null for {@code NaN}.
     *
     * @param value {@code Long}, {@code Double} or text
     */
    static @Nullable BigDecimal parse(Object value) {
        if (value instanceof Long number) {
            return BigDecimal.valueOf(number);
        }
        if (value instanceof Double number) {
            return Double.isNaN(number)
                    ? null
                    : plain(BigDecimal.valueOf(finite(number)).stripTrailingZeros());
        }
        String text = String.valueOf(value).strip();
        return text.equalsIgnoreCase(NAN) ? null : parse(text, value);
    }

    private static BigDecimal parse(String text, Object value) {
        try {
            if (text.chars().allMatch(c -> c < 128)) {
                return inRange(new BigDecimal(text));
            }
        } catch (NumberFormatException e) {
            refuseInfinity(text);
        }
        throw SqlCasts.invalid(ColumnType.of(ColumnType.Kind.NUMERIC), value);
    }

    private static void refuseInfinity(String text) {
        String name = text.replaceFirst("^[+-]", "").toLowerCase(Locale.ROOT);
        if (name.equals("inf") || name.equals("infinity")) {
            throw Refusal.unsupported("SQLite has no infinite NUMERIC");
        }
    }

    private static double finite(double number) {
        if (Double.isInfinite(number)) {
            throw Refusal.unsupported("SQLite has no infinite NUMERIC");
        }
        return number;
    }

    /** Of a floating number PostgreSQL takes the digits that are certain. */
    static @Nullable BigDecimal ofFloating(double number, boolean isFloat) {
        if (Double.isNaN(number)) {
            return null;
        }
        BigDecimal exact = new BigDecimal(finite(number));
        return plain(exact.round(isFloat ? FLOAT_DIGITS : DOUBLE_DIGITS).stripTrailingZeros());
    }

    static String text(@Nullable BigDecimal number) {
        return number == null ? NAN : inRange(number).toPlainString();
    }

    /** Without exponent. Fails with SQLSTATE 22003 for a number of more digits than PostgreSQL keeps. */
    private static BigDecimal inRange(BigDecimal number) {
        boolean fits = number.signum() == 0
                ? number.scale() <= MOST_BEHIND_POINT
                : (long) number.precision() - number.scale() <= MOST_BEFORE_POINT
                        && number.scale() <= MOST_BEHIND_POINT;
        if (!fits) {
            throw Refusal.of("value overflows numeric format", "22003");
        }
        return plain(number);
    }

    private static BigDecimal plain(BigDecimal number) {
        return number.scale() < 0 ? number.setScale(0) : number;
    }

    /** Rounds to {@code numeric(p, s)}, with SQLSTATE 22003 where there is no room before the point. */
    static @Nullable BigDecimal fitting(@Nullable BigDecimal number, ColumnType type) {
        if (number == null || type.scale() < 0) {
            return number;
        }
        BigDecimal rounded = number.setScale(type.scale(), RoundingMode.HALF_UP);
        if (rounded.signum() != 0 && rounded.precision() - rounded.scale() > type.length() - type.scale()) {
            throw Refusal.of("numeric field overflow", "22003");
        }
        return rounded;
    }

    static BigDecimal multiply(BigDecimal a, BigDecimal b) {
        BigDecimal product = a.multiply(b);
        return product.scale() > MOST_BEHIND_POINT
                ? product.setScale(MOST_BEHIND_POINT, RoundingMode.HALF_UP)
                : product;
    }

    static BigDecimal divide(BigDecimal a, BigDecimal b) {
        return a.divide(notZero(b), scaleOfQuotient(a, b), RoundingMode.HALF_UP);
    }

    /** At least 16 digits that count, in PostgreSQL's groups of four. */
    private static int scaleOfQuotient(BigDecimal a, BigDecimal b) {
        int weight = weight(a) - weight(b);
        if (firstGroup(a) <= firstGroup(b)) {
            weight--;
        }
        return DecimalPowers.scale(16 - weight * 4, Math.max(a.scale(), b.scale()));
    }

    /** Of the first group of four digits, which is 0 right before the point. */
    static int weight(BigDecimal number) {
        return number.signum() == 0 ? 0 : Math.floorDiv(number.precision() - number.scale() - 1, 4);
    }

    private static int firstGroup(BigDecimal number) {
        if (number.signum() == 0) {
            return 0;
        }
        return number.abs()
                .movePointLeft(4 * weight(number))
                .setScale(0, RoundingMode.DOWN)
                .intValue();
    }

    static BigDecimal remainder(BigDecimal a, BigDecimal b) {
        return a.remainder(notZero(b)).setScale(Math.max(a.scale(), b.scale()), RoundingMode.UNNECESSARY);
    }

    static BigDecimal quotient(BigDecimal a, BigDecimal b) {
        return plain(a.divideToIntegralValue(notZero(b)).setScale(0, RoundingMode.DOWN));
    }

    private static BigDecimal notZero(BigDecimal divisor) {
        if (divisor.signum() == 0) {
            throw Refusal.of("division by zero", "22012");
        }
        return divisor;
    }

    static BigDecimal rounded(BigDecimal number, int digits, RoundingMode mode) {
        int limited = Math.max(-2000, Math.min(2000, digits));
        return number.setScale(limited, mode).setScale(Math.max(0, limited), RoundingMode.UNNECESSARY);
    }

    /** Without zeros at the end. */
    static int leastScale(BigDecimal number) {
        return number.signum() == 0
                ? 0
                : Math.max(0, number.stripTrailingZeros().scale());
    }
}
