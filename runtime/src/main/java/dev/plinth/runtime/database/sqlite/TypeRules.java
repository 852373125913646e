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
            return a.equals(b) ? a : a.kind() == NUMERIC ? ColumnType.decimal(same(a.scale(), b.scale())) : a.plain();
        }
        if (isNumber(a) && isNumber(b)) {
            return wider(a, b);
        }
        if (isTime(a) && isTime(b)) {
            return TIMES.indexOf(a.kind()) > TIMES.indexOf(b.kind()) ? a : b;
        }
        return ColumnType.UNDECLARED;
    }

    private static int same(int a, int b) {
        return a == b ? a : -1;
    }

    /** Each value keeps its own digits, so that those of the result are known only where both are decimals alike. */
    private static ColumnType wider(ColumnType a, ColumnType b) {
        Kind kind = NUMBERS.indexOf(a.kind()) > NUMBERS.indexOf(b.kind()) ? a.kind() : b.kind();
        return kind != NUMERIC
                ? ColumnType.of(kind)
                : a.isQuotient() || b.isQuotient() ? ColumnType.quotient() : ColumnType.decimal(-1);
    }

    /** Whether values of these types can be compared. */
    static boolean areComparable(ColumnType a, ColumnType b) {
        return a.kind() == b.kind() || (isNumber(a) && isNumber(b)) || (isTime(a) && isTime(b));
    }

    /** Of {@code + - * %} with numbers. */
    static ColumnType arithmetic(String operator, ColumnType a, ColumnType b) {
        if (isFloating(a) || isFloating(b)) {
            return a.kind() == REAL && b.kind() == REAL ? a : ColumnType.of(DOUBLE);
        }
        if (a.kind() != NUMERIC && b.kind() != NUMERIC) {
            return wider(a, b);
        }
        int left = scale(a);
        int right = scale(b);
        if (a.isQuotient() || b.isQuotient() || operator.equals("/")) {
            return ColumnType.quotient();
        }
        if (left < 0 || right < 0) {
            return ColumnType.decimal(-1);
        }
        return ColumnType.decimal(operator.equals("*") ? left + right : Math.max(left, right));
    }

    private static int scale(ColumnType type) {
        return type.kind() == NUMERIC ? type.scale() : 0;
    }

    /** Of {@code sum}. */
    static ColumnType sum(ColumnType type) {
        return switch (type.kind()) {
            case SMALLINT, INTEGER -> ColumnType.of(BIGINT);
            case BIGINT -> ColumnType.decimal(0);
            case NUMERIC -> ColumnType.decimal(type.scale());
            case REAL, DOUBLE -> type;
            default -> ColumnType.UNDECLARED;
        };
    }

    /** Of {@code avg}. */
    static ColumnType average(ColumnType type) {
        return isFloating(type)
                ? ColumnType.of(DOUBLE)
                : isNumber(type) ? ColumnType.quotient() : ColumnType.UNDECLARED;
    }

    /** Of {@code round(x)}, {@code floor} and the like. */
    static ColumnType rounded(ColumnType type, int scale) {
        return type.kind() == NUMERIC
                ? ColumnType.decimal(scale)
                : isNumber(type) ? ColumnType.of(DOUBLE) : ColumnType.UNDECLARED;
    }
}
