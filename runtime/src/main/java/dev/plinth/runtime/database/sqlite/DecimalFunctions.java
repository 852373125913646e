package dev.plinth.runtime.database.sqlite;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.sqlite.Collation;
import org.sqlite.Function;

/** The functions that compute with NUMERIC: they take whole numbers, doubles and text, and give text as {@link Decimals} writes it. */
final class DecimalFunctions {

    private final SqlFunctions functions;

    private DecimalFunctions(SqlFunctions functions) {
        this.functions = functions;
    }

    static void register(Connection connection, SqlFunctions functions, SqlFunctions.Errors errors)
            throws SQLException {
        Collation.create(connection, DecimalOrder.NAME, new DecimalOrder());
        new DecimalFunctions(functions).register();
        Function.create(connection, "numeric_sum", new DecimalSum(errors, false), 1, Function.FLAG_DETERMINISTIC);
        Function.create(connection, "numeric_avg", new DecimalSum(errors, true), 1, Function.FLAG_DETERMINISTIC);
    }

    private void register() throws SQLException {
        two("numeric_add", BigDecimal::add);
        two("numeric_subtract", BigDecimal::subtract);
        two("numeric_multiply", Decimals::multiply);
        two("numeric_divide", Decimals::divide);
        two("numeric_remainder", Decimals::remainder);
        two("numeric_quotient", Decimals::quotient);
        two("numeric_power", DecimalPowers::power);
        two("numeric_log", DecimalPowers::log);
        one("numeric_negate", BigDecimal::negate);
        one("numeric_abs", BigDecimal::abs);
        one("numeric_sign", number -> BigDecimal.valueOf(number.signum()));
        one("numeric_ceil", number -> number.setScale(0, RoundingMode.CEILING));
        one("numeric_floor", number -> number.setScale(0, RoundingMode.FLOOR));
        one("numeric_sqrt", DecimalPowers::squareRoot);
        one("numeric_exp", DecimalPowers::exp);
        one("numeric_ln", DecimalPowers::ln);
        one("numeric_log", number -> DecimalPowers.log(BigDecimal.TEN, number));
        one("numeric_trim_scale", number -> Decimals.rounded(number, Decimals.leastScale(number), RoundingMode.DOWN));
        rounding("numeric_round", RoundingMode.HALF_UP);
        rounding("numeric_trunc", RoundingMode.DOWN);
        functions.define("numeric_scale", 1, a -> scale(Decimals.parse(a[0]), false));
        functions.define("numeric_min_scale", 1, a -> scale(Decimals.parse(a[0]), true));
        functions.define("numeric_of", 1, a -> Decimals.text(Decimals.parse(a[0])));
        functions.define("numeric_of", 2, a -> Decimals.text(ofScale(Decimals.parse(a[0]), a[1])));
        functions.defineWithNulls("numeric_greatest", SqlFunctions.ANY_NUMBER, arguments -> extreme(arguments, 1));
        functions.defineWithNulls("numeric_least", SqlFunctions.ANY_NUMBER, arguments -> extreme(arguments, -1));
    }

    private void one(String name, UnaryOperator<BigDecimal> operator) throws SQLException {
        functions.define(name, 1, a -> {
            BigDecimal number = Decimals.parse(a[0]);
            return number == null ? Decimals.NAN : Decimals.text(operator.apply(number));
        });
    }

    private void two(String name, BinaryOperator<BigDecimal> operator) throws SQLException {
        functions.define(name, 2, a -> {
            BigDecimal left = Decimals.parse(a[0]);
            BigDecimal right = Decimals.parse(a[1]);
            return left == null || right == null ? Decimals.NAN : Decimals.text(operator.apply(left, right));
        });
    }

    private void rounding(String name, RoundingMode mode) throws SQLException {
        one(name, number -> number.setScale(0, mode));
        functions.define(name, 2, a -> {
            BigDecimal number = Decimals.parse(a[0]);
            return number == null ? Decimals.NAN : Decimals.text(Decimals.rounded(number, digits(a[1]), mode));
        });
    }

    private static int digits(Object value) {
        return (int) Math.max(-10_000, Math.min(10_000, ((Number) value).longValue()));
    }

    private static @Nullable BigDecimal ofScale(@Nullable BigDecimal number, Object scale) {
        return number == null ? null : number.setScale(digits(scale), RoundingMode.HALF_UP);
    }

    private static @Nullable Object scale(@Nullable BigDecimal number, boolean least) {
        return number == null ? null : (Object) (long) (least ? Decimals.leastScale(number) : number.scale());
    }

    /** The first of the greatest or least values, null among them left out. */
    private static @Nullable Object extreme(@Nullable Object[] values, int sign) {
        String extreme = null;
        for (Object value : values) {
            if (value != null) {
                String text = Decimals.text(Decimals.parse(value));
                extreme = extreme == null || DecimalOrder.compare(text, extreme) * sign > 0 ? text : extreme;
            }
        }
        return extreme;
    }
}
