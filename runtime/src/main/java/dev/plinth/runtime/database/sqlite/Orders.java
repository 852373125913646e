package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.util.List;
import java.util.Set;

/** Reads what stands behind ORDER BY: null comes last in PostgreSQL, and first when the order is descending. */
final class Orders {

    private static final Set<String> BEHIND_A_TERM = Set.of(
            "asc",
            "desc",
            "nulls",
            "limit",
            "offset",
            "fetch",
            "for",
            "having",
            "window",
            "order",
            "union",
            "intersect",
            "except",
            "on",
            "returning");

    private Orders() {}

    /**
     * Answers whether a term is a NUMERIC.
     *
     * @param results the columns that may be named besides those of the scope
     */
    static boolean read(
            TokenCursor cursor, TokenEdits edits, Expressions expressions, Scope scope, List<Output> results) {
        boolean decimals = false;
        do {
            decimals |= term(cursor, edits, expressions, scope, results);
        } while (cursor.acceptSymbol(","));
        return decimals;
    }

    private static boolean term(
            TokenCursor cursor, TokenEdits edits, Expressions expressions, Scope scope, List<Output> results) {
        boolean decimal = false;
        if (isResult(cursor, results)) {
            cursor.next();
        } else {
            Operand value = expressions.parse(scope);
            if (!value.is(Operand.Form.NUMBER)) {
                scope.mustBeListed(SqlTokens.expression(cursor.tokens, value.start(), cursor.position()));
            }
            if (value.type().kind() == ColumnType.Kind.INTERVAL) {
                expressions.comparisons.byLength(value);
            }
            decimal = NumberTypes.isExact(expressions.numbers.ordered(value).type());
        }
        cursor.accept("asc");
        boolean descending = cursor.accept("desc");
        if (cursor.accept("nulls")) {
            cursor.next();
        } else {
            edits.after(cursor.position() - 1, descending ? "NULLS FIRST" : "NULLS LAST");
        }
        return decimal;
    }

    /** Whether a column of the result stands here by its name alone. */
    static boolean isResult(TokenCursor cursor, List<Output> results) {
        SqlToken following = cursor.peek(1);
        boolean alone = following.isSymbol("")
                || following.isSymbol(",")
                || following.isSymbol(")")
                || following.isAnyWord(BEHIND_A_TERM);
        return cursor.peek().isName()
                && alone
                && results.stream().anyMatch(output -> cursor.peek().text().equals(output.name()));
    }
}
