package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BIGINT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.DATE;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.DOUBLE;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTEGER;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.NUMERIC;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.REAL;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.SMALLINT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMP;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMPTZ;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import java.util.List;
import java.util.Set;

/** Which type PostgreSQL gives what comes of several. */
final class TypeRules {

    private static final List<Kind> NUMBERS = List.of(SMALLINT, INTEGER, BIGINT, NUMERIC, REAL, DOUBLE);
    private static final Set<Kind> WHOLE = Set.of(SMALLINT, INTEGER, BIGINT);
    private static final List<Kind> TIMES = List.of(DATE, TIMESTAMP, TIMESTAMPTZ);

    private TypeRules() {}

    static boolean isNumber(ColumnType type) {
        return NUMBERS.contains(type.kind());
    }

    static boolean isWhole(ColumnType type) {
        return WHOLE.contains(type.kind());
    }

    static boolean isTime(ColumnType type) {
        return TIMES.contains(type.kind());
    }

    static boolean isFloating(ColumnType type) {
        return type.kind() == REAL || type.kind() == DOUBLE;
    }

    /** Of {@code COALESCE}, {@code CASE} and UNION: the wider of two; undeclared when they have nothing in common. */
    static ColumnType common(ColumnType a, ColumnType b) {
        if (a.kind() == Kind.UNDECLARED || b.kind() == Kind.UNDECLARED) {
            return ColumnType.UNDECLARED;
        }
        if (a.kind() == b.kind()) {
            return a.equals(b) ? a : a.approximate() && b.approximate() ? a.plain() : ColumnType.of(a.kind());
        }
        if (isNumber(a) && isNumber(b)) {
            return wider(a, b);
        }
        if (isTime(a) && isTime(b)) {
            return TIMES.indexOf(a.kind()) > TIMES.indexOf(b.kind()) ? a : b;
        }
        return ColumnType.UNDECLARED;
    }

    private static ColumnType wider(ColumnType a, ColumnType b) {
        return ColumnType.of(NUMBERS.indexOf(a.kind()) > NUMBERS.indexOf(b.kind()) ? a.kind() : b.kind());
    }

    /** Whether values of these types can be compared. */
    static boolean areComparable(ColumnType a, ColumnType b) {
        return a.kind() == b.kind() || (isNumber(a) && isNumber(b)) || (isTime(a) && isTime(b));
    }

    /** Of {@code + - * / %} with numbers. */
    static ColumnType arithmetic(ColumnType a, ColumnType b) {
        if (isFloating(a) || isFloating(b)) {
            return a.kind() == REAL && b.kind() == REAL ? a : ColumnType.of(DOUBLE);
        }
        return wider(a, b);
    }

    /** Of {@code sum}. */
    static ColumnType sum(ColumnType type) {
        return switch (type.kind()) {
            case SMALLINT, INTEGER -> ColumnType.of(BIGINT);
            case BIGINT, NUMERIC -> ColumnType.of(NUMERIC);
            case REAL, DOUBLE -> type;
            default -> ColumnType.UNDECLARED;
        };
    }

    /** Of {@code avg}. */
    static ColumnType average(ColumnType type) {
        return isFloating(type)
                ? ColumnType.of(DOUBLE)
                : isNumber(type) ? ColumnType.of(NUMERIC) : ColumnType.UNDECLARED;
    }

    /** Of what is there for NUMERIC and floating numbers only, such as {@code round(x)} and {@code sqrt}. */
    static ColumnType decimalOrFloating(ColumnType type) {
        return type.kind() == NUMERIC
                ? ColumnType.of(NUMERIC)
                : isNumber(type) ? ColumnType.of(DOUBLE) : ColumnType.UNDECLARED;
    }

    /** Of {@code power}. */
    static ColumnType power(ColumnType a, ColumnType b) {
        boolean known = isNumber(a) && isNumber(b);
        ColumnType type = known ? arithmetic(a, b) : ColumnType.UNDECLARED;
        return known && type.kind() != NUMERIC ? ColumnType.of(DOUBLE) : type;
    }
}
