package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.DATE;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTEGER;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTERVAL;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSONB;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.NUMERIC;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TEXT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMP;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMPTZ;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Operand.Form;
import java.util.List;
import java.util.Map;

/** Tells what {@code + - * / %} give, of numbers, times, intervals and JSON. */
final class Arithmetic {

    /** What computes with NUMERIC. */
    private static final Map<String, String> FUNCTIONS = Map.of(
            "+", "numeric_add",
            "-", "numeric_subtract",
            "*", "numeric_multiply",
            "/", "numeric_divide",
            "%", "numeric_remainder");

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final Typing typing;
    private final NumberTypes numbers;

    Arithmetic(TokenCursor cursor, TokenEdits edits, Typing typing, NumberTypes numbers) {
        this.numbers = numbers;
        this.cursor = cursor;
        this.edits = edits;
        this.typing = typing;
    }

    /** What is taken for the type of a constant or parameter beside a value of this type. */
    private static ColumnType besides(String symbol, ColumnType type) {
        boolean adds = symbol.equals("+");
        return switch (type.kind()) {
            case DATE -> {
                if (adds) {
                    throw Refusal.of("operator is not unique: date + unknown", "42725");
                }
                yield type;
            }
            case TIMESTAMP, TIMESTAMPTZ -> adds ? ColumnType.of(INTERVAL) : type.plain();
            case INTERVAL -> adds || symbol.equals("-") ? type : ColumnType.of(Kind.DOUBLE);
            case JSONB -> ColumnType.of(TEXT);
            default -> type.plain();
        };
    }

    private Operand ofNumbers(String symbol, Operand left, int operator, Operand right) {
        ColumnType type = TypeRules.arithmetic(left.type(), right.type());
        if (type.kind() == NUMERIC) {
            return exact(FUNCTIONS.getOrDefault(symbol, ""), left, operator, right);
        }
        Operand a = numbers.to(type, left);
        Operand b = numbers.to(type, right);
        return symbol.equals("/") || symbol.equals("%")
                ? division(a, operator, b, type)
                : Operand.compound(type, left.start(), right.end());
    }

    private Operand exact(String function, Operand left, int operator, Operand right) {
        numbers.argument(left);
        numbers.argument(right);
        return edits.call(function, left, operator, right, ColumnType.of(NUMERIC));
    }

    Operand power(Operand left, int operator, Operand right) {
        Operand a = typing.resolve(left, right.isUntyped() ? ColumnType.of(Kind.DOUBLE) : right.type());
        Operand b = typing.resolve(right, a.type());
        ColumnType type = TypeRules.power(a.type(), b.type());
        if (type.kind() == NUMERIC) {
            return exact("numeric_power", a, operator, b);
        }
        return edits.call("power", numbers.to(type, a), operator, numbers.to(type, b), ColumnType.of(Kind.DOUBLE));
    }

    /** Division by zero is an error. */
    private Operand division(Operand left, int operator, Operand right, ColumnType type) {
        boolean certain = right.is(Form.NUMBER)
                && !cursor.tokens.get(right.start()).text().matches("[0.]*");
        if (certain) {
            return Operand.compound(type, left.start(), right.end());
        }
        boolean remainder = cursor.tokens.get(operator).isSymbol("%");
        return edits.call(remainder ? "remainder" : "divide", left, operator, right, type);
    }

    Operand of(Operand left, int operator, Operand right) {
        String symbol = cursor.tokens.get(operator).text();
        if (left.isUntyped() || right.isUntyped()) {
            Operand a = typing.resolve(left, besides(symbol, right.type()));
            Operand b = typing.resolve(right, besides(symbol, left.type()));
            if (a.isUntyped() && b.isUntyped() && !a.is(Form.NULL) && !b.is(Form.NULL)) {
                throw Refusal.of("operator is not unique: unknown " + symbol + " unknown", "42725");
            }
            return a.isUntyped() || b.isUntyped()
                    ? Operand.compound(ColumnType.UNDECLARED, left.start(), right.end())
                    : of(a, operator, b);
        }
        if (!left.isKnown() || !right.isKnown()) {
            numbers.alike(List.of(left, right));
            return Operand.compound(ColumnType.UNDECLARED, left.start(), right.end());
        }
        if (TypeRules.isNumber(left.type()) && TypeRules.isNumber(right.type())) {
            return ofNumbers(symbol, left, operator, right);
        }
        return otherArithmetic(symbol, left, operator, right);
    }

    private Operand otherArithmetic(String symbol, Operand left, int operator, Operand right) {
        Kind a = left.type().kind();
        Kind b = right.type().kind();
        boolean adds = symbol.equals("+");
        boolean changes = adds || symbol.equals("-");
        if (changes && TypeRules.isTime(left.type()) && b == INTERVAL) {
            ColumnType type = a == DATE ? ColumnType.of(TIMESTAMP) : left.type().plain();
            return edits.call(adds ? "add_interval" : "subtract_interval", left, operator, right, type);
        }
        if (adds && a == INTERVAL && TypeRules.isTime(right.type())) {
            ColumnType type =
                    b == DATE ? ColumnType.of(TIMESTAMP) : right.type().plain();
            return edits.call("interval_added", left, operator, right, type);
        }
        if (changes && a == INTERVAL && b == INTERVAL) {
            return edits.call(adds ? "plus_interval" : "minus_interval", left, operator, right, left.type());
        }
        if (symbol.equals("*")
                && ((a == INTERVAL && TypeRules.isNumber(right.type()))
                        || (b == INTERVAL && TypeRules.isNumber(left.type())))) {
            numbers.to(ColumnType.of(Kind.DOUBLE), a == INTERVAL ? right : left);
            return edits.call("times_interval", left, operator, right, ColumnType.of(INTERVAL));
        }
        if (symbol.equals("/") && a == INTERVAL && TypeRules.isNumber(right.type())) {
            numbers.to(ColumnType.of(Kind.DOUBLE), right);
            return edits.call("divide_interval", left, operator, right, left.type());
        }
        if (symbol.equals("-")
                && TypeRules.isTime(left.type())
                && TypeRules.isTime(right.type())
                && (a != DATE || b != DATE)) {
            return edits.call("interval_between", left, operator, right, ColumnType.of(INTERVAL));
        }
        if (changes && a == DATE && TypeRules.isWhole(right.type())) {
            return edits.call(adds ? "add_days" : "subtract_days", left, operator, right, left.type());
        }
        if (symbol.equals("-") && a == DATE && b == DATE) {
            return edits.call("days_between", left, operator, right, ColumnType.of(INTEGER));
        }
        if (symbol.equals("-") && a == JSONB && (b == TEXT || TypeRules.isWhole(right.type()))) {
            return edits.call("jsonb_without", left, operator, right, left.type());
        }
        if (changes
                && (a == Kind.TIME || b == Kind.TIME)
                && (a == INTERVAL || b == INTERVAL || TypeRules.isTime(left.type()))) {
            throw Refusal.unsupported("SQLite cannot compute with TIME");
        }
        throw Refusal.noOperator(left.type(), symbol, right.type());
    }
}
