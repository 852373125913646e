package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BOOLEAN;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.DATE;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTERVAL;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSON;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TEXT;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.util.ArrayList;
import java.util.List;

/** Reads what compares values: {@code =} and its like, IS, BETWEEN, IN, LIKE, ANY and ALL. */
final class Comparisons {

    private final Expressions expressions;
    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final Typing typing;
    private final NumberTypes numbers;

    Comparisons(Expressions expressions, TokenCursor cursor, TokenEdits edits, Typing typing, NumberTypes numbers) {
        this.numbers = numbers;
        this.expressions = expressions;
        this.cursor = cursor;
        this.edits = edits;
        this.typing = typing;
    }

    /** {@code = ANY (...)} and {@code <> ALL (...)} are IN and NOT IN. */
    Operand quantified(Operand left, int operator) {
        String symbol = cursor.tokens.get(operator).text();
        boolean all = cursor.isWord("all");
        boolean in = symbol.equals("=") && !all;
        if (!in && !(all && (symbol.equals("<>") || symbol.equals("!=")))) {
            throw Refusal.unsupported("SQLite has no " + symbol + (all ? " ALL" : " ANY"));
        }
        edits.replace(operator, in ? "IN" : "NOT IN");
        edits.remove(operator + 1, operator + 2);
        cursor.next();
        cursor.next();
        if (expressions.isQuery()) {
            inQuery(left);
        } else if (cursor.isWord("array") && cursor.peek(1).isSymbol("[")) {
            arrayOfValues(left);
        } else {
            arrayAsWhole(left);
        }
        cursor.acceptSymbol(")");
        return Operand.compound(ColumnType.of(BOOLEAN), left.start(), cursor.position());
    }

    /** An array that is given as a whole. */
    private void arrayAsWhole(Operand left) {
        Operand array = expressions.parse();
        if (array.isUntyped()) {
            array = typing.resolve(array, left.type().array());
        } else if (array.type().kind() != Kind.ARRAY) {
            throw Refusal.of("op ANY/ALL (array) requires array on right side", "42809");
        }
        ColumnType element = array.type().element();
        Operand compared = typing.resolve(left, element);
        if (compared.isKnown() && isKnown(element) && !TypeRules.areComparable(compared.type(), element)) {
            throw Refusal.noOperator(compared.type(), "=", element);
        }
        String value = "value";
        if (numbers.differ(compared, array.typed(element))) {
            ColumnType common = TypeRules.common(compared.type(), element);
            compared = numbers.to(common, compared);
            value = "cast_to(value, '" + common.asStored() + "')";
        }
        numbers.ordered(compared);
        edits.wrap(array, "SELECT " + value + " FROM json_each(", ")");
    }

    /** Compares two values, either of which may give the other its type. */
    void compare(String operator, Operand left, Operand right) {
        compare(operator, left, List.of(right));
    }

    /** Compares a value with several others. */
    void compare(String operator, Operand left, List<Operand> others) {
        if (!expressions.row(left).isEmpty()) {
            compareRows(operator, expressions.row(left), others);
            return;
        }
        Operand compared = left;
        List<Operand> all = new ArrayList<>();
        for (Operand other : others) {
            if (compared.isUntyped()) {
                ColumnType type =
                        other.isUntyped() ? ColumnType.of(TEXT) : other.type().plain();
                compared = typing.resolve(compared, type);
            }
            Operand right =
                    typing.resolve(other, compared.isKnown() ? compared.type().plain() : ColumnType.UNDECLARED);
            check(operator, compared, right);
            all.add(right);
        }
        all.add(0, compared);
        numbers.ordered(numbers.alike(all).get(0));
    }

    private void check(String operator, Operand a, Operand b) {
        if (!a.isKnown() || !b.isKnown()) {
            return;
        }
        if (a.type().kind() == Kind.ARRAY) {
            throw Refusal.unsupported("SQLite cannot compare arrays");
        }
        if (!TypeRules.areComparable(a.type(), b.type()) || a.type().kind() == JSON) {
            throw Refusal.noOperator(a.type(), operator, b.type());
        }
        if (a.type().kind() == INTERVAL) {
            byLength(a);
            byLength(b);
        }
        if (TypeRules.isTime(a.type()) && a.type().kind() != b.type().kind()) {
            dayAsMoment(a);
            dayAsMoment(b);
        }
    }

    /** Part by part; what is no row itself, such as a query, is left as it is. */
    private void compareRows(String operator, List<Operand> row, List<Operand> others) {
        List<List<Operand>> rows = others.stream().map(expressions::row).toList();
        if (rows.stream().anyMatch(List::isEmpty)) {
            return;
        }
        if (rows.stream().anyMatch(other -> other.size() != row.size())) {
            throw Refusal.of("unequal number of entries in row expressions", "42601");
        }
        for (int i = 0; i < row.size(); i++) {
            int part = i;
            compare(
                    operator,
                    row.get(i),
                    rows.stream().map(other -> other.get(part)).toList());
        }
    }

    /** Intervals as text would be compared letter by letter. */
    void byLength(Operand interval) {
        edits.wrap(interval, "interval_length(", ")");
    }

    Operand is(Operand left) {
        if (!cursor.next().isWord("is")) {
            return Operand.compound(ColumnType.of(BOOLEAN), left.start(), cursor.position());
        }
        cursor.accept("not");
        if (cursor.accept("distinct", "from")) {
            Operand right = expressions.parse(Expressions.COMPARISON);
            compare("=", left, right);
        } else if (cursor.isWord("unknown")) {
            edits.replace(cursor.position(), "NULL");
            cursor.next();
        } else {
            cursor.next(); // A parameter here may be of any type.
        }
        return Operand.compound(ColumnType.of(BOOLEAN), left.start(), cursor.position());
    }

    Operand range(Operand left) {
        cursor.accept("not");
        switch (cursor.next().text()) {
            case "between" -> {
                if (cursor.isWord("symmetric")) {
                    throw Refusal.unsupported("SQLite has no BETWEEN SYMMETRIC");
                }
                if (cursor.accept("asymmetric")) {
                    edits.remove(cursor.position() - 1, cursor.position());
                }
                between(left);
            }
            case "in" -> in(left);
            case "similar" -> throw Refusal.unsupported("SQLite has no SIMILAR TO");
            default -> like(left, cursor.position() - 1);
        }
        return Operand.compound(ColumnType.of(BOOLEAN), left.start(), cursor.position());
    }

    private void between(Operand left) {
        Operand low = expressions.parse(Expressions.OTHER);
        cursor.accept("and");
        Operand high = expressions.parse(Expressions.OTHER);
        compare(">=", left, List.of(low, high));
    }

    private void in(Operand left) {
        cursor.next();
        if (expressions.isQuery()) {
            inQuery(left);
        } else {
            inList(left);
        }
        cursor.acceptSymbol(")");
    }

    /** The query's column gives a constant or parameter its type, and becomes a number of the same type as the value. */
    private void inQuery(Operand left) {
        int start = cursor.position();
        List<Output> columns = expressions.query();
        if (columns.size() != 1) {
            inRows(expressions.row(left), columns);
            return;
        }
        ColumnType column = columns.get(0).type();
        Operand compared = typing.resolve(left, column);
        Operand found = Operand.of(column, start, cursor.position());
        if (numbers.differ(compared, found)) {
            ColumnType common = TypeRules.common(compared.type(), column);
            compared = numbers.to(common, compared);
            edits.before(start, "WITH found(value) AS (");
            edits.after(cursor.position() - 1, ") SELECT cast_to(value, '" + common.asStored() + "') FROM found");
        }
        numbers.ordered(compared);
    }

    /** A day as text is not that day's midnight. */
    private void inRows(List<Operand> row, List<Output> columns) {
        for (int i = 0; i < row.size() && row.size() == columns.size(); i++) {
            ColumnType column = columns.get(i).type();
            ColumnType part = typing.resolve(row.get(i), column).type();
            if (TypeRules.isTime(part) && TypeRules.isTime(column) && part.kind() != column.kind()) {
                throw Refusal.unsupported(
                        "SQLite cannot look for a row with " + part.pgName() + " among rows with " + column.pgName());
            }
        }
    }

    private void inList(Operand left) {
        if (cursor.isSymbol(")")) {
            throw SqlScanner.syntaxError(
                    "syntax error at or near \")\"", cursor.peek().start());
        }
        List<Operand> all = new ArrayList<>();
        do {
            all.add(expressions.parse());
        } while (cursor.acceptSymbol(","));
        compare("=", left, all);
    }

    private void like(Operand left, int operator) {
        boolean ignoringCase = cursor.tokens.get(operator).isWord("ilike");
        Operand pattern = expressions.parse(Expressions.OTHER);
        if (ignoringCase) {
            edits.replace(operator, "REGEXP");
        }
        mustBeText(left, ignoringCase ? "~~*" : "~~");
        mustBeText(pattern, ignoringCase ? "~~*" : "~~");
        if (cursor.accept("escape")) {
            expressions.parse(Expressions.OTHER);
        } else {
            edits.after(pattern.end() - 1, "ESCAPE '\\'");
        }
    }

    private void mustBeText(Operand operand, String operator) {
        Operand text = typing.resolve(operand, ColumnType.of(TEXT));
        if (text.isKnown() && text.type().kind() != TEXT) {
            throw Refusal.noOperator(text.type(), operator, ColumnType.of(TEXT));
        }
    }

    private void arrayOfValues(Operand left) {
        edits.remove(cursor.position(), cursor.position() + 2);
        cursor.next();
        cursor.next();
        inList(left);
        edits.remove(cursor.position(), cursor.position() + 1);
        cursor.acceptSymbol("]");
    }

    static boolean isKnown(ColumnType type) {
        return type.kind() != Kind.UNDECLARED;
    }

    private void dayAsMoment(Operand operand) {
        if (operand.type().kind() == DATE) {
            edits.wrap(operand, "cast_to(", ", 'timestamp')");
        }
    }
}
