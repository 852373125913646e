package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a statement written for PostgreSQL into the one that SQLite runs. It reads the statement with the types of the tables'
 * columns, so that each rule is exact: it keeps the statement's meaning, and depends on nothing but the statement and the tables.
 */
final class Translator implements Changes.Selects {

    static final Set<String> ENDS_ITEMS = Set.of(
            "from",
            "where",
            "group",
            "having",
            "window",
            "order",
            "limit",
            "offset",
            "fetch",
            "for",
            "union",
            "intersect",
            "except",
            "returning",
            "on",
            "do");

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final ParameterTypes parameters;
    private final TableColumns tables;
    private final Expressions expressions;
    private final FromClause from;
    private final Changes changes;

    /** What stands in SELECT for a column of its result; in each SELECT of a UNION. Those with a name have no other one. */
    private final IdentityHashMap<Output, List<Operand>> items = new IdentityHashMap<>();

    /** The columns into which the query that comes next is written. */
    private List<Output> inserted = List.of();

    /** The columns of a table or view, in order; null when there is no such table. */
    interface TableColumns {

        @Nullable
        List<Output> columns(String table);

        /** Whether another table's foreign key refers to this one. */
        default boolean isReferenced(String table) {
            return false;
        }

        default boolean isIndex(String name) {
            return false;
        }

        /** Whether this is an index of the table that no two rows may share a place in. */
        default boolean isUniqueIndex(String table, String name) {
            return false;
        }

        /** The columns of a primary key or UNIQUE constraint; none when there is no such constraint. */
        default List<String> columnsOfConstraint(String table, String name) {
            return List.of();
        }

        /** What a column is set to by DEFAULT, as SQLite is given it. */
        default String defaultOf(String table, String column) {
            throw Refusal.unsupported("SQLite cannot set a column to its DEFAULT");
        }

        /** The text of CREATE TABLE that SQLite keeps; null when there is no such table. */
        default @Nullable String definition(String table) {
            return null;
        }

        /** A number that changes with the tables. */
        default long version() {
            return 0;
        }

        default boolean isUsedByView(String table) {
            return false;
        }

        /** The indexes in which this column takes part, but for those of constraints made with the table. */
        default List<String> indexesOn(String table, String column) {
            return List.of();
        }

        /** Whether this is a table, and not a view. */
        default boolean isStored(String table) {
            return false;
        }
    }

    private Translator(List<SqlToken> tokens, int parameters, TableColumns tables) {
        this.cursor = new TokenCursor(tokens);
        this.edits = new TokenEdits(tokens);
        this.parameters = new ParameterTypes(parameters);
        this.tables = tables;
        this.expressions = new Expressions(cursor, edits, this.parameters, this::query);
        this.from = new FromClause(cursor, edits, expressions, this::query, tables);
        this.changes = new Changes(cursor, edits, expressions, from, this, tables);
    }

    static Translation translate(SqlStatement statement, TableColumns tables) {
        if (statement.kind() == SqlStatement.Kind.NOTHING) {
            return new Translation(ServerCommands.inPlaceOf(statement.tokens(), tables), List.of(), null);
        }
        Translator translator = new Translator(statement.tokens(), statement.parameters(), tables);
        List<Output> columns = translator.statement(statement.kind());
        refuseIntervals(columns);
        List<SqlToken> tokens = translator.edits.apply();
        refuseQuestionMarks(tokens);
        return statement.kind() == SqlStatement.Kind.DEFINITION
                ? definition(DefinitionRules.apply(tokens), columns, tables)
                : new Translation(SqlRewriter.text(tokens), translator.parameters.all(), columns);
    }

    private static Translation definition(List<SqlToken> tokens, @Nullable List<Output> query, TableColumns tables) {
        TableChange change = query == null ? TableChanges.of(tokens, tables) : TableOfQuery.of(tokens, query, tables);
        String text = change == null ? SqlRewriter.text(tokens) : change.text();
        return new Translation(text, List.of(), null, change);
    }

    private static void refuseIntervals(@Nullable List<Output> columns) {
        if (columns != null && columns.stream().anyMatch(column -> column.type().kind() == Kind.ARRAY)) {
            throw Refusal.unsupported("SQLite gives no arrays: keep them as JSON");
        }
        if (columns != null && columns.stream().anyMatch(column -> column.type().kind() == Kind.INTERVAL)) {
            throw Refusal.unsupported(
                    "SQLite gives no INTERVAL: write EXTRACT(EPOCH FROM ...) for seconds, or CAST(... AS TEXT)");
        }
    }

    /** One that is no operator would be a placeholder to SQLite. */
    private static void refuseQuestionMarks(List<SqlToken> tokens) {
        for (SqlToken token : tokens) {
            if (token.isSymbol("?")) {
                throw SqlScanner.syntaxError(
                        "syntax error at or near \"?\": placeholders are $1, $2, ...", token.start());
            }
        }
    }

    private @Nullable List<Output> statement(SqlStatement.Kind kind) {
        return switch (kind) {
            case READ, WRITE -> statement(new Scope(null));
            case DEFINITION -> {
                yield complete(new DefinitionReader(cursor, edits, expressions, this::query, tables).read());
            }
            default -> null;
        };
    }

    private @Nullable List<Output> statement(Scope outer) {
        Scope scope = new Scope(outer);
        if (cursor.isWord("with")) {
            List<Output> targets = takeInserted();
            with(scope);
            inserted = targets;
        }
        return switch (cursor.peek().text()) {
            case "insert", "replace" -> changes.insert(scope);
            case "update" -> changes.update(scope);
            case "delete" -> changes.delete(scope);
            case "select", "values", "(" -> complete(compound(scope));
            default -> null;
        };
    }

    @Override
    public List<Output> inserted(Scope outer, List<Output> targets) {
        inserted = targets;
        List<Output> columns = query(outer);
        inserted = List.of();
        return columns;
    }

    @Override
    public List<Output> returned(Scope scope) {
        return items(scope, List.of(), false, new Grouping(cursor.tokens));
    }

    private List<Output> query(Scope outer) {
        List<Output> columns = statement(outer);
        return columns == null ? List.of() : columns;
    }

    /** Columns that cannot be told are none for others, and null for the result. */
    static @Nullable List<Output> complete(List<Output> columns) {
        return columns.isEmpty() ? null : columns;
    }

    private void with(Scope scope) {
        cursor.next();
        boolean recursive = cursor.accept("recursive");
        do {
            String name = from.name();
            List<String> names = from.columnNames();
            cursor.accept("as");
            cursor.accept("not");
            cursor.accept("materialized");
            cursor.acceptSymbol("(");
            if (cursor.isAnyWord(Set.of("insert", "update", "delete"))) {
                throw Refusal.unsupported("SQLite can only read in WITH");
            }
            List<Output> columns = recursive ? recursive(scope, name, names) : query(scope);
            cursor.acceptSymbol(")");
            define(scope, name, FromClause.named(columns, names));
        } while (cursor.acceptSymbol(","));
    }

    private static void define(Scope scope, String name, List<Output> columns) {
        scope.defineQuery(name, columns);
    }

    /** The query's first part tells the columns for the others, which may read it. */
    private List<Output> recursive(Scope outer, String name, List<String> names) {
        Scope scope = new Scope(outer);
        if (!cursor.isWord("select") && !cursor.isWord("values")) {
            return query(outer);
        }
        List<Output> first = core(scope);
        define(outer, name, FromClause.named(first, names));
        return rest(scope, first);
    }

    /** SELECT or VALUES, with what UNION adds, and ORDER BY and LIMIT behind. */
    private List<Output> compound(Scope scope) {
        List<Output> targets = inserted;
        return rest(scope, core(scope), targets);
    }

    private List<Output> takeInserted() {
        List<Output> targets = inserted;
        inserted = List.of();
        return targets;
    }

    private List<Output> rest(Scope scope, List<Output> first) {
        return rest(scope, first, List.of());
    }

    private List<Output> rest(Scope scope, List<Output> first, List<Output> targets) {
        List<Output> columns = first;
        boolean several = false;
        while (cursor.isAnyWord(Set.of("union", "intersect", "except"))) {
            cursor.next();
            cursor.accept("all");
            cursor.accept("distinct");
            inserted = targets;
            columns = common(columns, core(new Scope(scope)));
            several = true;
        }
        end(several ? new Scope(null) : scope, columns);
        return columns;
    }

    private List<Output> common(List<Output> a, List<Output> b) {
        if (!a.isEmpty() && !b.isEmpty() && a.size() != b.size()) {
            throw Refusal.of("each UNION query must have the same number of columns", "42601");
        }
        List<Output> columns = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            ColumnType type = i < b.size()
                    ? TypeRules.common(a.get(i).type(), b.get(i).type())
                    : a.get(i).type();
            boolean known = i < b.size() && isKnown(a.get(i)) && isKnown(b.get(i));
            if (known && type.kind() == Kind.UNDECLARED) {
                throw Refusal.of(
                        "UNION types " + a.get(i).type().pgName() + " and "
                                + b.get(i).type().pgName() + " cannot be matched",
                        "42804");
            }
            Output column = new Output(a.get(i).name(), type);
            if (known) {
                become(column, a.get(i), b.get(i));
            }
            columns.add(column);
        }
        return columns;
    }

    /** Turns what two queries give into numbers of the type that they have in common. */
    private void become(Output common, Output a, Output b) {
        List<Operand> all = new ArrayList<>();
        all.addAll(items.getOrDefault(a, List.of()));
        all.addAll(items.getOrDefault(b, List.of()));
        items.put(common, all.stream().map(item -> to(common.type(), item)).toList());
    }

    /** It keeps its name, by which ORDER BY may call it. */
    private Operand to(ColumnType type, Operand item) {
        Operand changed = expressions.numbers.ordered(expressions.numbers.to(type, item));
        if (changed.equals(item) || item.name() == null) {
            return changed;
        }
        edits.after(item.end() - 1, "AS " + SqlRewriter.writeName(item.name()));
        return changed.named(null);
    }

    private static boolean isKnown(Output column) {
        return column.type().kind() != Kind.UNDECLARED;
    }

    private List<Output> core(Scope scope) {
        if (cursor.isSymbol("(")) {
            return inParentheses(scope);
        }
        return cursor.accept("values") ? values() : select(scope);
    }

    /** SQLite allows no parentheses around a part of UNION: one without an order of its own needs none. */
    private List<Output> inParentheses(Scope scope) {
        int open = cursor.position();
        cursor.next();
        cursor.skipTo(Set.of("order", "limit", "offset", "fetch"));
        boolean ordered = !cursor.isSymbol(")");
        cursor.moveTo(open + 1);
        List<Output> columns = query(scope);
        if (ordered) {
            edits.before(open, "SELECT * FROM");
        } else {
            edits.remove(open, open + 1);
            edits.remove(cursor.position(), cursor.position() + 1);
        }
        cursor.acceptSymbol(")");
        return columns;
    }

    private List<Output> values() {
        List<List<Operand>> rows = new ArrayList<>();
        do {
            cursor.acceptSymbol("(");
            List<Operand> row = new ArrayList<>();
            do {
                row.add(expressions.parse(new Scope(null)));
            } while (cursor.acceptSymbol(","));
            cursor.acceptSymbol(")");
            rows.add(row);
        } while (cursor.acceptSymbol(","));
        List<Output> columns = new ArrayList<>();
        for (int i = 0; i < rows.get(0).size(); i++) {
            int column = i;
            List<Operand> all = rows.stream()
                    .filter(row -> row.size() > column)
                    .map(row -> row.get(column))
                    .toList();
            List<Operand> unified = expressions.typing.unified(all);
            unified.forEach(expressions.numbers::ordered);
            columns.add(new Output("column" + (i + 1), unified.get(0).type()));
        }
        return columns;
    }

    private List<Output> select(Scope scope) {
        List<Output> targets = takeInserted();
        cursor.next();
        boolean distinct = cursor.accept("distinct");
        if (distinct && cursor.isWord("on")) {
            throw Refusal.unsupported("SQLite has no DISTINCT ON");
        }
        cursor.accept("all");
        int items = cursor.position();
        skipToFrom();
        int endOfItems = cursor.position();
        if (cursor.accept("from")) {
            from.read(scope);
        }
        int afterFrom = cursor.position();
        @Nullable Output rows = rowsListed(scope, targets, items, endOfItems, afterFrom);
        boolean all = isWholeTable(scope, items) && !distinct;
        cursor.moveTo(items);
        Grouping grouping = new Grouping(cursor.tokens);
        @Nullable Grouping around = expressions.collect(grouping);
        List<Output> columns = rows == null
                ? items(scope, targets, distinct, grouping)
                : itemsAndRows(scope, targets, items, endOfItems, rows, grouping);
        expressions.collect(null);
        cursor.moveTo(Math.max(afterFrom, cursor.position()));
        if (all && !grouping.hasAggregates()) {
            // Rows come as they were inserted, and not as in an index that SQLite may find smaller to read.
            edits.after(afterFrom - 1, "NOT INDEXED");
        }
        expressions.where(scope);
        groups(scope, columns, grouping);
        expressions.collect(around);
        grouping.check();
        if (rows != null && grouping.isGrouped()) {
            throw Refusal.unsupported("SQLite gives the rows of functions in FROM, and not beside groups");
        }
        return columns;
    }

    /** A function that gives rows, as the last of what is listed; null when there is none. */
    private @Nullable Output rowsListed(Scope scope, List<Output> targets, int items, int end, int afterFrom) {
        List<List<SqlToken>> listed = SqlTokens.splitAtCommas(cursor.tokens.subList(items, end));
        int start = listed.isEmpty() ? end : end - listed.get(listed.size() - 1).size();
        if (!RowFunctions.isAlone(cursor.tokens, start, end)) {
            return null;
        }
        boolean outer = cursor.tokens.subList(end, afterFrom).stream()
                .anyMatch(token -> token.isAnyWord(Set.of("right", "full")));
        if (outer) {
            throw Refusal.unsupported("SQLite gives the rows of functions in FROM, and not beside RIGHT or FULL JOIN");
        }
        cursor.moveTo(start);
        Output rows = from.rows.listed(scope, end, target(targets, listed.size() - 1));
        cursor.moveTo(afterFrom);
        return rows;
    }

    private List<Output> itemsAndRows(
            Scope scope, List<Output> targets, int items, int end, Output rows, Grouping grouping) {
        List<List<SqlToken>> listed = SqlTokens.splitAtCommas(cursor.tokens.subList(items, end));
        List<Output> columns = new ArrayList<>();
        if (listed.size() > 1) {
            Set<String> listedExpressions = new HashSet<>();
            for (int i = 0; i < listed.size() - 1; i++) {
                if (SqlTokens.isSymbolAt(cursor.tokens, cursor.position(), "*")) {
                    throw Refusal.unsupported("SQLite gives the rows of functions in FROM, and not beside *");
                }
                int start = cursor.position();
                columns.add(item(scope, target(targets, i), listedExpressions));
                grouping.item(String.valueOf(columns.get(i).name()), start, cursor.position());
                cursor.acceptSymbol(",");
            }
        }
        cursor.moveTo(end);
        columns.add(rows);
        return columns;
    }

    /** The column that the one listed here is written into; null when there is none. */
    private static @Nullable Output target(List<Output> targets, int index) {
        return index < targets.size() ? targets.get(index) : null;
    }

    /** Whether FROM, which ends here, is of one table, and neither a condition nor an order follows. */
    private boolean isWholeTable(Scope scope, int items) {
        int end = cursor.position();
        int from = end - 1;
        while (from > items && end - from < 4 && !cursor.tokens.get(from).isWord("from")) {
            from--;
        }
        List<SqlToken> source = cursor.tokens.subList(from + 1, end);
        boolean plain = SqlTokens.isWordAt(cursor.tokens, from, "from")
                && !source.isEmpty()
                && source.stream().allMatch(SqlToken::isName)
                && scope.query(source.get(0).text()) == null
                && tables.isStored(source.get(0).text());
        return plain && !cursor.isAnyWord(Set.of("where", "group", "having", "window", "order"));
    }

    private void skipToFrom() {
        cursor.skipTo(ENDS_ITEMS);
        while (cursor.isWord("from") && cursor.peek(-1).isWord("distinct")) {
            cursor.next();
            cursor.skipTo(ENDS_ITEMS);
        }
    }

    /** The columns that SELECT or RETURNING lists; none when a star in it cannot be told. */
    private List<Output> items(Scope scope, List<Output> targets, boolean distinct, Grouping grouping) {
        List<Output> columns = new ArrayList<>();
        Set<String> expressionsListed = new HashSet<>();
        boolean known = true;
        boolean stars = false;
        do {
            int start = cursor.position();
            List<Output> all = star(scope, grouping);
            if (all == null) {
                columns.add(item(scope, known ? target(targets, columns.size()) : null, expressionsListed));
                grouping.item(String.valueOf(columns.get(columns.size() - 1).name()), start, cursor.position());
            } else {
                stars = true;
                known &= !all.isEmpty();
                columns.addAll(all);
            }
        } while (cursor.acceptSymbol(","));
        if (distinct && !stars) {
            scope.distinct(expressionsListed);
        }
        return known ? columns : List.of();
    }

    /** The columns for {@code *} or {@code t.*}, none when they cannot be told; null when there is no star here. */
    private @Nullable List<Output> star(Scope scope, Grouping grouping) {
        String qualifier = null;
        if (cursor.peek().isName()
                && cursor.peek(1).isSymbol(".")
                && cursor.peek(2).isSymbol("*")) {
            qualifier = cursor.next().text();
            cursor.next();
        }
        if (!cursor.isSymbol("*")) {
            return null;
        }
        cursor.next();
        @Nullable String written = RowFunctions.star(scope.sources(qualifier));
        if (written != null) {
            int star = cursor.position() - 1;
            edits.remove(qualifier == null ? star : star - 2, star);
            edits.replace(star, written);
        }
        grouping.usesAll(scope.sources(qualifier));
        List<Output> all = scope.all(qualifier);
        return all == null ? List.of() : all;
    }

    private Output item(Scope scope, @Nullable Output target, Set<String> listed) {
        Operand value = expressions.parse(scope);
        listed.add(SqlTokens.expression(cursor.tokens, value.start(), cursor.position()));
        if (target != null) {
            expressions.casts.assign(value, target.type(), String.valueOf(target.name()));
        } else if (value.isUntyped()) {
            value = expressions.typing.resolve(value, ColumnType.of(Kind.TEXT));
        }
        String name = value.name();
        boolean alias = cursor.accept("as") || (cursor.peek().isName() && !cursor.isAnyWord(ENDS_ITEMS));
        if (alias) {
            edits.name(cursor.position());
            name = cursor.next().text();
        } else if (name != null && scope.hasRows()) {
            edits.after(cursor.position() - 1, "AS " + SqlRewriter.writeName(name));
        }
        Output output = new Output(name == null ? "?column?" : name, value.type());
        items.put(output, List.of(expressions.numbers.ordered(alias ? value.named(null) : value)));
        return output;
    }

    private void groups(Scope scope, List<Output> columns, Grouping grouping) {
        if (cursor.accept("group", "by")) {
            if (cursor.isAnyWord(Set.of("rollup", "cube", "grouping"))) {
                throw Refusal.unsupported(
                        "SQLite has no " + cursor.peek().text().toUpperCase(java.util.Locale.ROOT));
            }
            do {
                int start = cursor.position();
                boolean number = cursor.peek().kind() == SqlToken.Kind.NUMBER;
                boolean column = scope.source(null, cursor.peek().text()) != null;
                if (number || (Orders.isResult(cursor, columns) && !column)) {
                    grouping.groupsByItem(cursor.next().text());
                } else {
                    expressions.numbers.ordered(expressions.parse(scope));
                    grouping.groupsBy(scope, start, cursor.position());
                }
            } while (cursor.acceptSymbol(","));
        }
        if (cursor.accept("having")) {
            expressions.collect(grouping);
            expressions.condition(scope, "HAVING");
            expressions.collect(null);
        }
        if (cursor.accept("window")) {
            do {
                cursor.next();
                cursor.accept("as");
                new Functions(expressions, cursor, edits).window(scope);
            } while (cursor.acceptSymbol(","));
        }
    }

    /** ORDER BY, LIMIT, OFFSET, FETCH and FOR UPDATE. */
    private void end(Scope scope, List<Output> columns) {
        if (cursor.accept("order", "by")) {
            Orders.read(cursor, edits, expressions, scope, columns);
        }
        new Limits(cursor, edits, expressions).read();
        if (cursor.isWord("for") && cursor.peek(1).isAnyWord(Set.of("update", "share", "no", "key"))) {
            // A transaction that writes has SQLite's database for itself: there are no rows to lock.
            int start = cursor.position();
            cursor.skipTo(Set.of());
            edits.remove(start, cursor.position());
        }
    }
}
