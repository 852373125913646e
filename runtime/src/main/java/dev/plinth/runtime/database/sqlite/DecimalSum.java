package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.SQLException;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sqlite.Function;

/** {@code sum} and {@code avg} as NUMERIC, over groups and windows. SQLite clones it for each group. */
final class DecimalSum extends Function.Window {

    private static final int INTEGER = 1;
    private static final int NULL = 5;

    private final SqlFunctions.Errors errors;
    private final boolean average;
    private BigDecimal sum = BigDecimal.ZERO;

    /** Of the whole numbers, as far as it has room; the rest of them is in the sum. */
    private long wholeSum;

    private long count;
    private long nans;

    /** How many values have so many digits behind the point: the sum has as many as any of them. Null until there is a value. */
    private @Nullable TreeMap<Integer, Long> scales;

    DecimalSum(SqlFunctions.Errors errors, boolean average) {
        this.errors = errors;
        this.average = average;
    }

    @Override
    protected void xStep() throws SQLException {
        count(1);
    }

    @Override
    protected void xInverse() throws SQLException {
        count(-1);
    }

    private void count(int times) throws SQLException {
        int type = value_type(0);
        if (type == NULL) {
            return;
        }
        count += times;
        if (type == INTEGER) {
            addWhole(value_long(0), times);
            return;
        }
        try {
            add(Decimals.parse(value_text(0)), times);
        } catch (StatementException e) {
            errors.raised(e);
            error(e.getMessage());
        }
    }

    private void addWhole(long number, int times) {
        try {
            wholeSum = times > 0 ? Math.addExact(wholeSum, number) : Math.subtractExact(wholeSum, number);
        } catch (ArithmeticException e) {
            BigDecimal exact = BigDecimal.valueOf(number);
            sum = times > 0 ? sum.add(exact) : sum.subtract(exact);
        }
    }

    private void add(@Nullable BigDecimal number, int times) {
        if (number == null) {
            nans += times;
            return;
        }
        sum = times > 0 ? sum.add(number) : sum.subtract(number);
        TreeMap<Integer, Long> counted = scales == null ? new TreeMap<>() : scales;
        scales = counted;
        if (counted.merge(number.scale(), (long) times, Long::sum) == 0) {
            counted.remove(number.scale());
        }
    }

    @Override
    protected void xFinal() throws SQLException {
        xValue();
    }

    @Override
    protected void xValue() throws SQLException {
        if (count == 0) {
            result();
            return;
        }
        try {
            result(nans > 0 ? Decimals.NAN : Decimals.text(value()));
        } catch (StatementException e) {
            errors.raised(e);
            error(e.getMessage());
        }
    }

    private BigDecimal value() {
        int scale = scales == null || scales.isEmpty() ? 0 : scales.lastKey();
        BigDecimal exact = sum.add(BigDecimal.valueOf(wholeSum)).setScale(scale, RoundingMode.UNNECESSARY);
        return average ? Decimals.divide(exact, BigDecimal.valueOf(count)) : exact;
    }
}
