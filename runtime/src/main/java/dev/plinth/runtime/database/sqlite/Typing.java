package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTERVAL;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TEXT;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Operand.Form;
import java.util.List;

/** Gives constants and parameters, which have no type of their own, that of what they are used with. */
final class Typing {

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final ParameterTypes parameters;
    private final NumberTypes numbers;

    Typing(TokenCursor cursor, TokenEdits edits, ParameterTypes parameters, NumberTypes numbers) {
        this.numbers = numbers;
        this.cursor = cursor;
        this.edits = edits;
        this.parameters = parameters;
    }

    /** The one type of several values, which they take as far as SQLite makes a difference. */
    ColumnType common(List<Operand> operands) {
        ColumnType type = commonType(operands);
        operands.forEach(operand -> to(type, operand));
        return type;
    }

    /** Several values with the one type that they have in common. */
    List<Operand> unified(List<Operand> operands) {
        ColumnType type = commonType(operands);
        return operands.stream().map(operand -> to(type, operand)).toList();
    }

    private static ColumnType commonType(List<Operand> operands) {
        ColumnType type = null;
        for (Operand operand : operands) {
            if (!operand.isUntyped()) {
                type = type == null ? operand.type() : common(type, operand.type());
            }
        }
        return type == null ? ColumnType.of(TEXT) : type;
    }

    private static ColumnType common(ColumnType a, ColumnType b) {
        ColumnType common = TypeRules.common(a, b);
        if (common.kind() == Kind.UNDECLARED && a.kind() != common.kind() && b.kind() != common.kind()) {
            throw Refusal.of("types " + a.pgName() + " and " + b.pgName() + " cannot be matched", "42804");
        }
        return common;
    }

    private Operand to(ColumnType type, Operand operand) {
        if (operand.isUntyped()) {
            return resolve(operand, type);
        }
        return type.approximate() ? operand : numbers.to(type, operand).typed(type);
    }

    /** Gives a constant or parameter the type of what it is used with. */
    Operand resolve(Operand operand, ColumnType type) {
        return resolve(operand, type, false);
    }

    Operand resolve(Operand operand, ColumnType type, boolean assigned) {
        if (!operand.isUntyped() || type.kind() == Kind.UNDECLARED) {
            return operand;
        }
        // A parameter may be in parentheses.
        SqlToken token = cursor.tokens.get(operand.start());
        if (operand.is(Form.CONSTANT)) {
            edits.replace(operand.start(), SqlCasts.constant(token, type, assigned));
        } else if (operand.is(Form.PARAMETER)) {
            mustBeParameter(type);
            parameters.define(token, type, assigned);
        }
        return operand.typed(type);
    }

    static void mustBeParameter(ColumnType type) {
        if (type.kind() == INTERVAL) {
            throw Refusal.unsupported("SQLite takes no INTERVAL as a parameter: write $1 * INTERVAL '1 second', or"
                    + " CAST($1::text AS INTERVAL)");
        }
    }
}
