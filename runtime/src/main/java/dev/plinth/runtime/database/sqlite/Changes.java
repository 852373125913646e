package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.Scope.Output;
import dev.plinth.runtime.database.sqlite.Scope.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads INSERT, UPDATE and DELETE. */
final class Changes {

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final Expressions expressions;
    private final FromClause from;
    private final Selects selects;
    private final Translator.TableColumns tables;

    /** What reads the queries inside of a change. */
    interface Selects {

        /** Reads a query whose columns are written into these. */
        List<Output> inserted(Scope outer, List<Output> targets);

        List<Output> returned(Scope scope);
    }

    Changes(
            TokenCursor cursor,
            TokenEdits edits,
            Expressions expressions,
            FromClause from,
            Selects selects,
            Translator.TableColumns tables) {
        this.cursor = cursor;
        this.edits = edits;
        this.expressions = expressions;
        this.from = from;
        this.selects = selects;
        this.tables = tables;
    }

    @Nullable
    List<Output> insert(Scope scope) {
        cursor.next();
        if (cursor.accept("or")) {
            cursor.next();
        }
        cursor.accept("into");
        String table = from.tableName();
        String alias = cursor.accept("as") ? cursor.next().text() : table;
        List<Output> columns = tables.columns(table);
        int list = cursor.position();
        List<String> names = cursor.isSymbol("(") && !isQueryBehind() ? from.columnNames() : List.of();
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

    /** SQLite wants the columns of the constraint. */
    private void constraint(String table) {
        int name = cursor.position();
        List<String> columns = tables.columnsOfConstraint(table, cursor.next().text());
        if (columns.isEmpty()) {
            throw Refusal.of(
                    "constraint \"" + cursor.peek(-1).text() + "\" for table \"" + table + "\" does not exist",
                    "42704");
        }
        String written = columns.stream().map(SqlRewriter::writeName).collect(Collectors.joining(", "));
        edits.remove(name - 2, name + 1);
        edits.replace(name, "(" + written + ")");
    }

    private static RuntimeException noColumn(String table, String column) {
        return Refusal.of("column \"" + column + "\" of relation \"" + table + "\" does not exist", "42703");
    }

    /** Answers how many columns the query has; 0 when that cannot be told. */
    private int insertedQuery(Scope scope, List<Output> targets) {
        int start = cursor.position();
        int columns = selects.inserted(scope, targets).size();
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
        boolean constraint = cursor.accept("on", "constraint");
        if (constraint) {
            constraint(table);
        }
        boolean named = constraint || cursor.acceptSymbol("(");
        if (named && !constraint) {
            do {
                expressions.parse(scope);
            } while (cursor.acceptSymbol(","));
            cursor.acceptSymbol(")");
        }
        expressions.where(scope);
        cursor.accept("do");
        if (cursor.isWord("update") && !named) {
            throw Refusal.of("ON CONFLICT DO UPDATE requires inference specification or constraint name", "42601");
        }
        if (cursor.accept("update", "set")) {
            Scope inner = new Scope(scope);
            inner.add(new Source("excluded", columns));
            assignments(inner, table, columns);
            Scope conditions = new Scope(inner);
            expressions.where(conditions);
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
        return Translator.complete(selects.returned(scope));
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
            type(table, columns, name);
            edits.replace(cursor.position(), tables.defaultOf(table, name));
            cursor.next();
            return;
        }
        Operand value = expressions.parse(scope);
        expressions.casts.assign(value, type(table, columns, name), name);
    }

    private static ColumnType type(String table, @Nullable List<Output> columns, String name) {
        return columns == null
                ? ColumnType.UNDECLARED
                : columns.stream()
                        .filter(column -> name.equals(column.name()))
                        .findFirst()
                        .map(Changes::changeable)
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
        List<String> names = from.columnNames();
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

    @Nullable
    List<Output> update(Scope scope) {
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
            from.read(scope);
        }
        int behind = cursor.position();
        cursor.moveTo(assignments);
        assignments(scope, table, columns);
        cursor.moveTo(behind);
        expressions.where(scope);
        return returning(scope, changed, scope);
    }

    private Source changedTable(Scope scope) {
        String table = from.tableName();
        String alias = table;
        if (cursor.accept("as")) {
            alias = cursor.next().text();
        } else if (cursor.peek().isName() && !cursor.isAnyWord(FromClause.NO_ALIAS)) {
            edits.before(cursor.position(), "AS");
            alias = cursor.next().text();
        }
        Source changed = new Source(alias, tables.columns(table));
        scope.add(changed);
        return changed;
    }

    @Nullable
    List<Output> delete(Scope scope) {
        cursor.next();
        cursor.accept("from");
        cursor.accept("only");
        Source changed = changedTable(scope);
        Scope others = new Scope(scope);
        if (cursor.isWord("using")) {
            using(others);
        } else {
            expressions.where(scope);
        }
        return returning(scope, changed, others);
    }

    /** {@code DELETE FROM a USING b WHERE ...}: there is a row in b for which it holds. */
    private void using(Scope inner) {
        edits.replace(cursor.position(), "WHERE EXISTS (SELECT 1 FROM");
        cursor.next();
        from.read(inner);
        expressions.where(inner);
        edits.after(cursor.position() - 1, ")");
    }
}
