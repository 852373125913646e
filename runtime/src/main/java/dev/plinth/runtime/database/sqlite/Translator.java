package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Scope.Output;
import dev.plinth.runtime.database.sqlite.Scope.Source;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns a statement written for PostgreSQL into the one that SQLite runs. It reads the statement with the types of the tables'
 * columns, so that each rule is exact: it keeps the statement's meaning, and depends on nothing but the statement and the tables.
 */
final class Translator {

    private static final Set<String> ENDS_ITEMS = Set.of(
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

    private static final Set<String> JOINS =
            Set.of("join", "left", "right", "full", "inner", "cross", "natural", "outer");

    /** SQLite's own. */
    private static final Set<String> FUNCTIONS_IN_FROM = Set.of("json_each", "json_tree");

    /** What stands where an alias could, and is none: what ends the list, and these. */
    private static final Set<String> NO_ALIAS = union(
            ENDS_ITEMS,
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
                    "values"));

    private static Set<String> union(Set<String> some, Set<String> others) {
        return Stream.concat(some.stream(), others.stream()).collect(Collectors.toUnmodifiableSet());
    }

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final ParameterTypes parameters;
    private final TableColumns tables;
    private final Expressions expressions;

    /** The columns into which the query that comes next is written. */
    private List<Output> inserted = List.of();

    /** The columns of a table or view, in order; null when there is no such table. */
    interface TableColumns {

        @Nullable
        List<Output> columns(String table);

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
        boolean definition = statement.kind() == SqlStatement.Kind.DEFINITION;
        return new Translation(
                SqlRewriter.text(definition ? DefinitionRules.apply(tokens) : tokens),
                translator.parameters.all(),
                columns);
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
                new DefinitionReader(cursor, edits, expressions, this::query, tables).read();
                yield null;
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
            case "insert", "replace" -> insert(scope);
            case "update" -> update(scope);
            case "delete" -> delete(scope);
            case "select", "values", "(" -> complete(compound(scope));
            default -> null;
        };
    }

    private List<Output> query(Scope outer) {
        List<Output> columns = statement(outer);
        return columns == null ? List.of() : columns;
    }

    /** Columns that cannot be told are none for others, and null for the result. */
    private static @Nullable List<Output> complete(List<Output> columns) {
        return columns.isEmpty() ? null : columns;
    }

    private void with(Scope scope) {
        cursor.next();
        boolean recursive = cursor.accept("recursive");
        do {
            String name = cursor.next().text();
            List<String> names = columnNames();
            cursor.accept("as");
            cursor.accept("not");
            cursor.accept("materialized");
            cursor.acceptSymbol("(");
            if (cursor.isAnyWord(Set.of("insert", "update", "delete"))) {
                throw Refusal.unsupported("SQLite can only read in WITH");
            }
            List<Output> columns = recursive ? recursive(scope, name, names) : query(scope);
            cursor.acceptSymbol(")");
            define(scope, name, named(columns, names));
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
        define(outer, name, named(first, names));
        return rest(scope, first);
    }

    private static List<Output> named(List<Output> columns, List<String> names) {
        List<Output> named = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            named.add(i < names.size() ? new Output(names.get(i), columns.get(i).type()) : columns.get(i));
        }
        return named;
    }

    /** Names in parentheses; none when there are none. */
    private List<String> columnNames() {
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

    private static List<Output> common(List<Output> a, List<Output> b) {
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
            columns.add(new Output(a.get(i).name(), type));
        }
        return columns;
    }

    private static boolean isKnown(Output column) {
        return column.type().kind() != Kind.UNDECLARED;
    }

    private List<Output> core(Scope scope) {
        if (cursor.isSymbol("(")) {
            // SQLite allows no parentheses around a part of UNION; one without ORDER BY needs none.
            edits.remove(cursor.position(), cursor.position() + 1);
            cursor.next();
            List<Output> columns = query(scope);
            edits.remove(cursor.position(), cursor.position() + 1);
            cursor.acceptSymbol(")");
            return columns;
        }
        return cursor.accept("values") ? values() : select(scope);
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
            columns.add(new Output("column" + (i + 1), expressions.common(all)));
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
        if (cursor.accept("from")) {
            from(scope);
        }
        int afterFrom = cursor.position();
        boolean all = isWholeTable(scope, items) && !distinct;
        cursor.moveTo(items);
        Grouping grouping = new Grouping(cursor.tokens);
        @Nullable Grouping around = expressions.collect(grouping);
        List<Output> columns = items(scope, targets, distinct, grouping);
        expressions.collect(null);
        cursor.moveTo(Math.max(afterFrom, cursor.position()));
        if (all && !grouping.hasAggregates()) {
            // Rows come as they were inserted, and not as in an index that SQLite may find smaller to read.
            edits.after(afterFrom - 1, "NOT INDEXED");
        }
        where(scope);
        groups(scope, columns, grouping);
        expressions.collect(around);
        grouping.check();
        return columns;
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
                columns.add(item(
                        scope,
                        columns.size() < targets.size() && known ? targets.get(columns.size()) : null,
                        expressionsListed));
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
        grouping.usesAll(scope.sources(qualifier));
        List<Output> all = scope.all(qualifier);
        return all == null ? List.of() : all;
    }

    private Output item(Scope scope, @Nullable Output target, Set<String> listed) {
        Operand value = expressions.parse(scope);
        listed.add(SqlTokens.expression(cursor.tokens, value.start(), cursor.position()));
        if (target != null) {
            expressions.assign(value, target.type(), String.valueOf(target.name()));
        } else if (value.isUntyped()) {
            value = expressions.resolve(value, ColumnType.of(Kind.TEXT));
        }
        String name = value.name();
        boolean alias = cursor.accept("as") || (cursor.peek().isName() && !cursor.isAnyWord(ENDS_ITEMS));
        if (alias) {
            edits.name(cursor.position());
            name = cursor.next().text();
        }
        return new Output(name == null ? "?column?" : name, value.type());
    }

    private void from(Scope scope) {
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
            throw Refusal.unsupported("SQLite has no LATERAL");
        }
        int start = cursor.position();
        if (cursor.acceptSymbol("(")) {
            if (expressions.isQuery()) {
                List<Output> columns = query(scope);
                cursor.acceptSymbol(")");
                alias(scope, start, "", columns);
            } else {
                join(scope);
                cursor.acceptSymbol(")");
            }
        } else if (cursor.isWord("generate_series") && cursor.peek(1).isSymbol("(")) {
            series(scope, start);
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
    private String tableName() {
        String name = cursor.next().text();
        while (cursor.isSymbol(".") && cursor.peek(1).isName()) {
            cursor.next();
            name = cursor.next().text();
        }
        return name;
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
            shown = cursor.next().text();
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
            Operand bound = expressions.resolve(expressions.parse(scope), ColumnType.of(Kind.INTEGER));
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

    private void where(Scope scope) {
        if (cursor.accept("where")) {
            expressions.condition(scope, "WHERE");
        }
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
                    expressions.parse(scope);
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

    private @Nullable List<Output> insert(Scope scope) {
        cursor.next();
        if (cursor.accept("or")) {
            cursor.next();
        }
        cursor.accept("into");
        String table = tableName();
        String alias = cursor.accept("as") ? cursor.next().text() : table;
        List<Output> columns = tables.columns(table);
        int list = cursor.position();
        List<String> names = cursor.isSymbol("(") && !isQueryBehind() ? columnNames() : List.of();
        int listEnd = cursor.position();
        if (cursor.isWord("overriding")) {
            edits.remove(listEnd, listEnd + 3);
            cursor.moveTo(listEnd + 3);
        }
        List<Output> targets = targets(table, columns, names);
        if (cursor.accept("default")) {
            cursor.next();
        } else if (cursor.accept("values")) {
            new InsertedRows(cursor, edits, expressions).read(targets, list, listEnd);
        } else {
            int query = insertedQuery(scope, targets);
            if (list == listEnd && query > 0 && !targets.isEmpty()) {
                InsertedRows.nameColumns(edits, targets, query, list);
            }
        }
        scope.add(new Source(alias, columns));
        conflict(scope, table, columns);
        return returning(scope, new Source(alias, columns), scope);
    }

    private boolean isQueryBehind() {
        return cursor.peek(1).isAnyWord(Set.of("select", "values", "with"));
    }

    /** The columns that are written, in order; of undeclared type where they are not known. */
    private static List<Output> targets(String table, @Nullable List<Output> columns, List<String> names) {
        if (columns == null) {
            return List.of();
        }
        if (names.isEmpty()) {
            return columns;
        }
        List<Output> targets = new ArrayList<>();
        for (String name : names) {
            if (targets.stream().anyMatch(target -> name.equals(target.name()))) {
                throw Refusal.of("column \"" + name + "\" specified more than once", "42701");
            }
            targets.add(columns.stream()
                    .filter(column -> name.equals(column.name()))
                    .findFirst()
                    .orElseThrow(() -> noColumn(table, name)));
        }
        return targets;
    }

    private static RuntimeException noColumn(String table, String column) {
        return Refusal.of("column \"" + column + "\" of relation \"" + table + "\" does not exist", "42703");
    }

    /** Answers how many columns the query has; 0 when that cannot be told. */
    private int insertedQuery(Scope scope, List<Output> targets) {
        int start = cursor.position();
        inserted = targets;
        int columns = query(scope).size();
        inserted = List.of();
        if (cursor.isWord("on") && !hasWhere(start, cursor.position())) {
            // Without it SQLite takes ON for that of a join.
            edits.before(cursor.position(), "WHERE TRUE");
        }
        return columns;
    }

    private boolean hasWhere(int start, int end) {
        cursor.moveTo(start);
        cursor.skipTo(Set.of("where", "group", "order", "limit", "union", "on"));
        boolean has = cursor.position() < end && !cursor.isWord("on");
        cursor.moveTo(end);
        return has;
    }

    private void conflict(Scope scope, String table, @Nullable List<Output> columns) {
        if (!cursor.accept("on", "conflict")) {
            return;
        }
        if (cursor.isWord("on")) {
            throw Refusal.unsupported("SQLite has no ON CONFLICT ON CONSTRAINT: name the columns");
        }
        if (cursor.acceptSymbol("(")) {
            do {
                expressions.parse(scope);
            } while (cursor.acceptSymbol(","));
            cursor.acceptSymbol(")");
        }
        where(scope);
        cursor.accept("do");
        if (cursor.accept("update", "set")) {
            Scope inner = new Scope(scope);
            inner.add(new Source("excluded", columns));
            assignments(inner, table, columns);
            Scope conditions = new Scope(inner);
            where(conditions);
        } else {
            cursor.accept("nothing");
        }
    }

    /** SQLite knows the changed table by its name only here, and no other table. */
    private @Nullable List<Output> returning(Scope scope, Source changed, Scope others) {
        if (!cursor.accept("returning")) {
            return null;
        }
        for (int i = cursor.position(); i + 1 < cursor.tokens.size(); i++) {
            String name = cursor.tokens.get(i).text();
            boolean qualifies =
                    cursor.tokens.get(i).isName() && cursor.tokens.get(i + 1).isSymbol(".");
            if (qualifies && name.equals(changed.name())) {
                edits.remove(i, i + 2);
            } else if (qualifies && others.isSource(name)) {
                throw Refusal.unsupported("SQLite's RETURNING gives columns of the changed table only");
            }
        }
        return complete(items(scope, List.of(), false, new Grouping(cursor.tokens)));
    }

    private void assignments(Scope scope, String table, @Nullable List<Output> columns) {
        do {
            if (cursor.isSymbol("(")) {
                assignSeveral(scope, table, columns);
            } else {
                edits.column(cursor.position());
                String name = cursor.next().text();
                cursor.acceptSymbol("=");
                assign(scope, table, columns, name);
            }
        } while (cursor.acceptSymbol(","));
    }

    private void assign(Scope scope, String table, @Nullable List<Output> columns, String name) {
        if (cursor.isWord("default")) {
            throw Refusal.unsupported("SQLite cannot set a column to its DEFAULT");
        }
        Operand value = expressions.parse(scope);
        expressions.assign(value, type(table, columns, name), name);
    }

    private static ColumnType type(String table, @Nullable List<Output> columns, String name) {
        return columns == null
                ? ColumnType.UNDECLARED
                : columns.stream()
                        .filter(column -> name.equals(column.name()))
                        .findFirst()
                        .map(Translator::changeable)
                        .orElseThrow(() -> noColumn(table, name));
    }

    private static ColumnType changeable(Output column) {
        if (column.generated()) {
            throw Refusal.of("column \"" + column.name() + "\" can only be updated to DEFAULT", "428C9");
        }
        return column.type();
    }

    /** {@code (a, b) = (1, 2)}, or a query. */
    private void assignSeveral(Scope scope, String table, @Nullable List<Output> columns) {
        List<String> names = columnNames();
        cursor.acceptSymbol("=");
        cursor.accept("row");
        if (!cursor.isSymbol("(") || isQueryBehind()) {
            expressions.parse(scope);
            return;
        }
        cursor.next();
        for (String name : names) {
            assign(scope, table, columns, name);
            cursor.acceptSymbol(",");
        }
        cursor.acceptSymbol(")");
    }

    private @Nullable List<Output> update(Scope scope) {
        cursor.next();
        if (cursor.accept("or")) {
            cursor.next();
        }
        cursor.accept("only");
        String table = cursor.peek().text();
        Source changed = changedTable(scope);
        @Nullable List<Output> columns = changed.columns();
        cursor.accept("set");
        int assignments = cursor.position();
        cursor.skipTo(Set.of("from", "where", "returning"));
        while (cursor.isWord("from") && cursor.peek(-1).isWord("distinct")) {
            cursor.next();
            cursor.skipTo(Set.of("from", "where", "returning"));
        }
        if (cursor.accept("from")) {
            from(scope);
        }
        int behind = cursor.position();
        cursor.moveTo(assignments);
        assignments(scope, table, columns);
        cursor.moveTo(behind);
        where(scope);
        return returning(scope, changed, scope);
    }

    private Source changedTable(Scope scope) {
        String table = tableName();
        String alias = table;
        if (cursor.accept("as")) {
            alias = cursor.next().text();
        } else if (cursor.peek().isName() && !cursor.isAnyWord(NO_ALIAS)) {
            edits.before(cursor.position(), "AS");
            alias = cursor.next().text();
        }
        Source changed = new Source(alias, tables.columns(table));
        scope.add(changed);
        return changed;
    }

    private @Nullable List<Output> delete(Scope scope) {
        cursor.next();
        cursor.accept("from");
        cursor.accept("only");
        Source changed = changedTable(scope);
        Scope others = new Scope(scope);
        if (cursor.isWord("using")) {
            using(others);
        } else {
            where(scope);
        }
        return returning(scope, changed, others);
    }

    /** {@code DELETE FROM a USING b WHERE ...}: there is a row in b for which it holds. */
    private void using(Scope inner) {
        edits.replace(cursor.position(), "WHERE EXISTS (SELECT 1 FROM");
        cursor.next();
        from(inner);
        where(inner);
        edits.after(cursor.position() - 1, ")");
    }
}
