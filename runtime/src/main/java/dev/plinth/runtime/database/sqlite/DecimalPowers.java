package dev.plinth.runtime.database.sqlite;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** Roots, powers and logarithms of NUMERIC, with as many digits as PostgreSQL gives (16 and later). */
final class DecimalPowers {

    private static final int LEAST_DIGITS = 16;
    private static final int GUARD_DIGITS = 12;

    /** From here on {@code exp} is out of range, or nothing but zeros. */
    private static final int MOST_EXPONENT = 6000;

    private static final double LN_10 = Math.log(10);
    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    private DecimalPowers() {}

    /** How many digits behind the point: those that are wanted, but not less than others have, and at most 1000. */
    static int scale(int wanted, int least) {
        return Math.min(1000, Math.max(Math.max(wanted, least), 0));
    }

    static BigDecimal squareRoot(BigDecimal number) {
        if (number.signum() < 0) {
            throw Refusal.of("cannot take square root of a negative number", "2201F");
        }
        int scale = scale(LEAST_DIGITS - ((Decimals.weight(number) + 1) * 2 - 1), number.scale());
        BigInteger scaled = number.movePointRight(2 * (scale + 1))
                .setScale(0, RoundingMode.DOWN)
                .toBigInteger();
        return new BigDecimal(scaled.sqrt(), scale + 1).setScale(scale, RoundingMode.HALF_UP);
    }

    static BigDecimal exp(BigDecimal number) {
        double digits = Math.max(-2000, Math.min(2000, number.doubleValue() / LN_10));
        int scale = scale(LEAST_DIGITS - (int) digits, number.scale());
        if (number.abs().compareTo(BigDecimal.valueOf(MOST_EXPONENT)) >= 0) {
            return tooLarge(number.signum() > 0, scale);
        }
        return exp(number, scale).setScale(scale, RoundingMode.HALF_UP);
    }

    private static BigDecimal tooLarge(boolean positive, int scale) {
        if (positive) {
            throw Refusal.of("value overflows numeric format", "22003");
        }
        return BigDecimal.ZERO.setScale(scale);
    }

    /** Halves the exponent until the series is short, and squares the result as often. */
    private static BigDecimal exp(BigDecimal number, int scale) {
        int whole = (int) Math.max(0, number.doubleValue() / LN_10);
        int halvings = Math.max(0, number.precision() - number.scale()) * 4 + 8;
        MathContext digits = new MathContext(whole + scale + halvings + GUARD_DIGITS);
        BigDecimal small = number.divide(TWO.pow(halvings), digits);
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        for (int i = 1; term.signum() != 0 && term.precision() - term.scale() > -digits.getPrecision(); i++) {
            term = term.multiply(small, digits).divide(BigDecimal.valueOf(i), digits);
            sum = sum.add(term, digits);
        }
        for (int i = 0; i < halvings; i++) {
            sum = sum.multiply(sum, digits);
        }
        return sum;
    }

    static BigDecimal ln(BigDecimal number) {
        mustBePositive(number);
        int scale = scale(LEAST_DIGITS - weightOfLn(number), number.scale());
        return ln(number, scale + GUARD_DIGITS).setScale(scale, RoundingMode.HALF_UP);
    }

    static BigDecimal log(BigDecimal base, BigDecimal number) {
        mustBePositive(base);
        mustBePositive(number);
        int weight = weightOfLn(number) - weightOfLn(base);
        int scale = scale(LEAST_DIGITS - weight, Math.max(base.scale(), number.scale()));
        int digits = scale + GUARD_DIGITS + 2 * Math.abs(weightOfLn(base)) + Math.abs(weightOfLn(number));
        BigDecimal divisor = ln(base, digits);
        if (divisor.signum() == 0) {
            throw Refusal.of("division by zero", "22012");
        }
        return ln(number, digits).divide(divisor, scale, RoundingMode.HALF_UP);
    }

    private static void mustBePositive(BigDecimal number) {
        if (number.signum() <= 0) {
            throw Refusal.of(
                    "cannot take logarithm of " + (number.signum() == 0 ? "zero" : "a negative number"), "2201E");
        }
    }

    /** How many digits the logarithm has before the point, below zero where there are zeros behind it. */
    private static int weightOfLn(BigDecimal number) {
        BigDecimal fromOne = number.subtract(BigDecimal.ONE).abs();
        if (fromOne.compareTo(new BigDecimal("0.1")) <= 0) {
            return fromOne.signum() == 0 ? 0 : fromOne.precision() - fromOne.scale() - 1;
        }
        return (int) Math.log10(Math.abs(roughLn(number)));
    }

    private static double roughLn(BigDecimal number) {
        int exponent = number.precision() - number.scale() - 1;
        return Math.log(number.movePointLeft(exponent).doubleValue()) + exponent * LN_10;
    }

    /** Near one as it is, elsewhere as a number near one times a power of ten. */
    private static BigDecimal ln(BigDecimal number, int scale) {
        int exponent = number.precision() - number.scale() - 1;
        boolean near = exponent == 0 || exponent == -1;
        BigDecimal mantissa = near ? number : number.movePointLeft(exponent);
        BigDecimal ln = lnOfSmall(mantissa, scale + 8);
        return near ? ln : ln.add(lnOfSmall(BigDecimal.TEN, scale + 8).multiply(BigDecimal.valueOf(exponent)));
    }

    /** Halley's method, which triples the digits each time. */
    private static BigDecimal lnOfSmall(BigDecimal number, int scale) {
        MathContext digits = new MathContext(scale + GUARD_DIGITS);
        BigDecimal ln = new BigDecimal(Math.log(number.doubleValue()), digits);
        for (int exact = 14; exact < 3 * scale; exact *= 3) {
            BigDecimal power = exp(ln, scale + GUARD_DIGITS);
            BigDecimal step = number.subtract(power).multiply(TWO).divide(number.add(power), digits);
            ln = ln.add(step, digits);
        }
        return ln;
    }

    static BigDecimal power(BigDecimal base, BigDecimal exponent) {
        boolean whole = exponent.stripTrailingZeros().scale() <= 0;
        if (base.signum() == 0 && exponent.signum() < 0) {
            throw Refusal.of("zero raised to a negative power is undefined", "2201F");
        }
        if (base.signum() < 0 && !whole) {
            throw Refusal.of("a negative number raised to a non-integer power yields a complex result", "2201F");
        }
        boolean isInt = whole && exponent.abs().compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) <= 0;
        return isInt ? power(base, exponent.intValue(), exponent.scale()) : powerByLogarithm(base, exponent);
    }

    private static BigDecimal power(BigDecimal base, int exponent, int leastScale) {
        double weight = base.signum() == 0 ? 0 : roughLn(base.abs()) / LN_10 * exponent;
        if (weight > 131_072) {
            return tooLarge(true, 0);
        }
        if (weight + 1 < -1000) {
            return tooLarge(false, 1000);
        }
        int scale = scale(LEAST_DIGITS - (int) weight, Math.max(base.scale(), leastScale));
        MathContext digits =
                new MathContext((int) Math.max(0, weight) + scale + GUARD_DIGITS + 10, RoundingMode.HALF_UP);
        BigDecimal power = positivePower(base, Math.abs((long) exponent), digits);
        return (exponent < 0 ? BigDecimal.ONE.divide(power, digits) : power).setScale(scale, RoundingMode.HALF_UP);
    }

    private static BigDecimal positivePower(BigDecimal base, long exponent, MathContext digits) {
        BigDecimal result = BigDecimal.ONE;
        BigDecimal square = base;
        for (long rest = exponent; rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result = result.multiply(square, digits);
            }
            square = rest > 1 ? square.multiply(square, digits) : square;
        }
        return result;
    }

    private static BigDecimal powerByLogarithm(BigDecimal base, BigDecimal exponent) {
        if (base.signum() == 0) {
            return BigDecimal.ZERO.setScale(LEAST_DIGITS);
        }
        double rough = roughLn(base.abs()) * exponent.doubleValue();
        if (Math.abs(rough) > MOST_EXPONENT * 1.003) {
            return tooLarge(rough > 0, 1000);
        }
        int scale = scale(LEAST_DIGITS - (int) (rough / LN_10), Math.max(base.scale(), exponent.scale()));
        int whole = Math.max(0, exponent.precision() - exponent.scale()) + (int) Math.max(0, rough / LN_10);
        BigDecimal product = ln(base.abs(), scale + whole + GUARD_DIGITS).multiply(exponent);
        return exp(product, scale + GUARD_DIGITS).setScale(scale, RoundingMode.HALF_UP);
    }
}
