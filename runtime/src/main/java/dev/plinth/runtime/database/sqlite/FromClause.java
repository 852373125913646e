package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Scope.Output;
import dev.plinth.runtime.database.sqlite.Scope.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads FROM: its tables and queries with their columns, and what stands in for what SQLite has not. */
final class FromClause {

    private static final Set<String> JOINS =
            Set.of("join", "left", "right", "full", "inner", "cross", "natural", "outer");

    /** SQLite's own. */
    private static final Set<String> FUNCTIONS_IN_FROM = Set.of("json_each", "json_tree");

    /** What stands where an alias could, and is none: what ends the list, and these. */
    static final Set<String> NO_ALIAS = union(
            Translator.ENDS_ITEMS,
            Set.of(
                    "as",
                    "cross",
                    "default",
                    "full",
                    "inner",
                    "join",
                    "left",
                    "natural",
                    "overriding",
                    "right",
                    "select",
                    "set",
                    "using",
                    "values",
                    "with"));

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final Expressions expressions;
    private final Expressions.Queries queries;
    private final Translator.TableColumns tables;
    final RowFunctions rows;

    FromClause(
            TokenCursor cursor,
            TokenEdits edits,
            Expressions expressions,
            Expressions.Queries queries,
            Translator.TableColumns tables) {
        this.cursor = cursor;
        this.edits = edits;
        this.expressions = expressions;
        this.queries = queries;
        this.tables = tables;
        this.rows = new RowFunctions(cursor, edits, expressions);
    }

    void read(Scope scope) {
        join(scope);
        while (cursor.acceptSymbol(",")) {
            join(scope);
        }
    }

    private void join(Scope scope) {
        source(scope);
        while (cursor.isAnyWord(JOINS)) {
            boolean unconditional = false;
            while (cursor.isAnyWord(JOINS)) {
                unconditional |= cursor.isWord("natural") || cursor.isWord("cross");
                if (cursor.isWord("natural")) {
                    scope.mergeColumns();
                }
                cursor.next();
            }
            source(scope);
            if (cursor.accept("on")) {
                expressions.condition(scope, "JOIN/ON");
            } else if (cursor.accept("using")) {
                scope.mergeColumns();
                cursor.skipParentheses();
            } else if (!unconditional) {
                throw cursor.syntaxError();
            }
        }
    }

    private void source(Scope scope) {
        if (cursor.isWord("lateral")) {
            if (!RowFunctions.isCall(cursor.tokens, cursor.position() + 1)) {
                throw Refusal.unsupported("SQLite has no LATERAL but for functions of JSON and unnest()");
            }
            edits.remove(cursor.position(), cursor.position() + 1);
            cursor.next();
        }
        int start = cursor.position();
        if (cursor.acceptSymbol("(")) {
            if (expressions.isQuery()) {
                List<Output> columns = queries.query(scope);
                cursor.acceptSymbol(")");
                alias(scope, start, "", columns);
            } else {
                join(scope);
                cursor.acceptSymbol(")");
            }
        } else if (cursor.isWord("generate_series") && cursor.peek(1).isSymbol("(")) {
            series(scope, start);
        } else if (RowFunctions.isCall(cursor.tokens, start)) {
            rows.read(scope);
        } else {
            table(scope);
        }
    }

    private void table(Scope scope) {
        cursor.accept("only");
        String name = tableName();
        if (cursor.isSymbol("(")) {
            if (!FUNCTIONS_IN_FROM.contains(name) && !name.startsWith("pragma_")) {
                throw Refusal.unsupported("SQLite has no " + name + "() in FROM");
            }
            cursor.skipParentheses();
            alias(scope, -1, name, null);
            return;
        }
        alias(scope, -1, name, columnsOf(scope, name));
    }

    /** A name, without the schema that may stand before it. */
    String tableName() {
        String name = name();
        while (cursor.isSymbol(".") && cursor.peek(1).isName()) {
            cursor.next();
            name = name();
        }
        return name;
    }

    /** One that SQLite might otherwise take for a key word. */
    String name() {
        edits.column(cursor.position());
        return cursor.next().text();
    }

    private @Nullable List<Output> columnsOf(Scope scope, String table) {
        List<Output> query = scope.query(table);
        if (query != null) {
            return query.isEmpty() ? null : query;
        }
        return tables.columns(table);
    }

    /** @param start of a query in parentheses; -1 for a table */
    private void alias(Scope scope, int start, String name, @Nullable List<Output> columns) {
        String shown = name;
        cursor.accept("as");
        if (cursor.peek().isName() && !cursor.isAnyWord(NO_ALIAS)) {
            shown = name();
        }
        int list = cursor.position();
        List<String> names = columnNames();
        List<Output> known = columns == null || columns.isEmpty() ? null : columns;
        if (!names.isEmpty()) {
            edits.remove(list, cursor.position());
            renameColumns(start, shown, names);
            known = known == null ? null : named(known, names);
        }
        scope.add(new Source(shown, known));
    }

    /** SQLite can name the columns of a query in FROM only through WITH. */
    private void renameColumns(int start, String name, List<String> names) {
        if (start < 0) {
            throw Refusal.unsupported("SQLite cannot rename the columns of a table in FROM");
        }
        String columns =
                String.join(", ", names.stream().map(SqlRewriter::writeName).toList());
        String alias = SqlRewriter.writeName(name);
        edits.before(start, "(WITH " + alias + "(" + columns + ") AS");
        edits.after(SqlTokens.closing(cursor.tokens, start), "SELECT * FROM " + alias + ")");
    }

    /** {@code generate_series(first, last, step)} becomes a query that counts. */
    private void series(Scope scope, int start) {
        cursor.moveTo(start + 2);
        List<String> bounds = new ArrayList<>();
        List<Operand> operands = new ArrayList<>();
        do {
            Operand bound = expressions.typing.resolve(expressions.parse(scope), ColumnType.of(Kind.INTEGER));
            operands.add(bound);
            bounds.add(bound(bound));
        } while (cursor.acceptSymbol(","));
        cursor.acceptSymbol(")");
        edits.remove(start, cursor.position());
        if (operands.stream().anyMatch(bound -> !TypeRules.isWhole(bound.type()) || !isPlain(bound))) {
            throw Refusal.unsupported("SQLite has generate_series() only from one whole number to another");
        }
        cursor.accept("as");
        String name = cursor.peek().isName() && !cursor.isAnyWord(NO_ALIAS)
                ? cursor.next().text()
                : "generate_series";
        int list = cursor.position();
        List<String> names = columnNames();
        edits.remove(list, cursor.position());
        String column = names.isEmpty() ? name : names.get(0);
        edits.before(
                start,
                counting(SqlRewriter.writeName(column), bounds)
                        + (name.equals("generate_series") ? " AS generate_series" : ""));
        ColumnType type =
                operands.stream().map(Operand::type).reduce(TypeRules::common).orElseThrow();
        scope.add(new Source(name, List.of(new Output(column, type))));
    }

    /** A parameter may have a cast behind it, from which it has its type already. */
    private String bound(Operand bound) {
        boolean parameter = cursor.tokens.get(bound.start()).kind() == SqlToken.Kind.PARAMETER;
        return SqlRewriter.text(cursor.tokens.subList(bound.start(), parameter ? bound.start() + 1 : bound.end()));
    }

    private boolean isPlain(Operand bound) {
        return bound.end() - bound.start() < 3
                || cursor.tokens.get(bound.start()).kind() == SqlToken.Kind.PARAMETER;
    }

    private static String counting(String column, List<String> bounds) {
        String step = bounds.size() > 2 ? bounds.get(2) : "1";
        String more = step.startsWith("-") ? " >= " : " <= ";
        return "(WITH RECURSIVE series(" + column + ") AS (SELECT " + bounds.get(0) + " WHERE " + bounds.get(0) + more
                + bounds.get(1) + " UNION ALL SELECT " + column + " + " + step + " FROM series WHERE " + column + " + "
                + step
                + more + bounds.get(1) + ") SELECT " + column + " FROM series)";
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        return Stream.concat(some.stream(), others.stream()).collect(Collectors.toUnmodifiableSet());
    }

    static List<Output> named(List<Output> columns, List<String> names) {
        List<Output> named = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            named.add(i < names.size() ? new Output(names.get(i), columns.get(i).type()) : columns.get(i));
        }
        return named;
    }

    /** Names in parentheses; none when there are none. */
    List<String> columnNames() {
        List<String> names = new ArrayList<>();
        if (cursor.acceptSymbol("(")) {
            while (!cursor.isAtEnd() && !cursor.acceptSymbol(")")) {
                SqlToken token = cursor.next();
                if (token.isName()) {
                    edits.column(cursor.position() - 1);
                    names.add(token.text());
                }
            }
        }
        return names;
    }
}
