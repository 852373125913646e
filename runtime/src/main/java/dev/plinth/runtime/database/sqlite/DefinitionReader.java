package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.Scope.Output;
import dev.plinth.runtime.database.sqlite.Scope.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the expressions and queries in CREATE and ALTER. */
final class DefinitionReader {

    private static final Set<String> WORDS_BEFORE_A_NAME = Set.of(
            "create",
            "unique",
            "index",
            "concurrently",
            "if",
            "not",
            "exists",
            "table",
            "temp",
            "temporary",
            "unlogged");

    /** They find the same rows as SQLite's only kind, which stands in for them. */
    private static final Set<String> KINDS_OF_INDEXES = Set.of("btree", "hash", "gin", "brin");

    private static final String NOTHING = "SELECT 1 WHERE FALSE";

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final Expressions expressions;
    private final Expressions.Queries queries;
    private final Translator.TableColumns tables;

    DefinitionReader(
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
    }

    /** Answers the columns of the query that a table is made of; none when it is not, or they cannot be told. */
    List<Output> read() {
        List<SqlToken> head = cursor.tokens.subList(0, Math.min(5, cursor.tokens.size()));
        if (cursor.isWord("truncate")) {
            truncate();
        } else if (cursor.areWords("alter", "table")) {
            alterTable();
        } else if (cursor.isWord("drop")) {
            drop();
        } else if (!cursor.isWord("create") || isAmong(head, "trigger")) {
            return List.of();
        } else if (isAmong(head, "table")) {
            return createTable();
        } else if (isAmong(head, "view")) {
            createView();
        } else if (isAmong(head, "index")) {
            createIndex();
        } else {
            throw Refusal.unsupported(
                    "SQLite has no CREATE " + cursor.peek(1).text().toUpperCase(java.util.Locale.ROOT));
        }
        return List.of();
    }

    private static boolean isAmong(List<SqlToken> tokens, String word) {
        return tokens.stream().anyMatch(token -> token.isWord(word));
    }

    private void truncate() {
        cursor.next();
        edits.replace(0, "DELETE FROM");
        if (cursor.isWord("table")) {
            edits.remove(1, 2);
            cursor.next();
        }
        String table = cursor.next().text();
        if (cursor.isAtEnd() || cursor.accept("restrict")) {
            edits.remove(cursor.position() - 1, cursor.tokens.size());
            edits.name(cursor.position() - 1);
            refuseReferenced(table);
        } else if (cursor.accept("restart")) {
            // The first number is 1 again when SQLite has forgotten the last.
            instead(
                    tables.isStored("sqlite_sequence")
                            ? "DELETE FROM main.sqlite_sequence WHERE name = '" + table.replace("'", "''") + "'"
                            : NOTHING);
        } else {
            throw Refusal.unsupported("SQLite has no TRUNCATE ... CASCADE");
        }
    }

    private void refuseReferenced(String table) {
        if (tables.isReferenced(table)) {
            throw Refusal.of(
                    "cannot truncate a table referenced in a foreign key constraint: use DELETE FROM " + table,
                    "0A000");
        }
    }

    /** Writes something else in place of the whole statement. */
    private void instead(String text) {
        edits.remove(0, cursor.tokens.size());
        edits.replace(0, text);
        cursor.moveTo(cursor.tokens.size());
    }

    private void drop() {
        int last = cursor.tokens.size() - 1;
        if (cursor.tokens.get(last).isWord("cascade")) {
            throw Refusal.unsupported("SQLite has no DROP ... CASCADE");
        }
        if (cursor.tokens.get(last).isWord("restrict")) {
            edits.remove(last, last + 1);
        }
    }

    private List<Output> createTable() {
        skipWords();
        String name = cursor.next().text();
        int open = cursor.position();
        if (cursor.isSymbol("(")) {
            cursor.skipParentheses();
        }
        if (cursor.accept("as")) {
            return queries.query(new Scope(null));
        }
        if (SqlTokens.isSymbolAt(cursor.tokens, open, "(")) {
            columns(name, open);
        }
        return List.of();
    }

    private void skipWords() {
        while (cursor.isAnyWord(WORDS_BEFORE_A_NAME)) {
            cursor.next();
        }
    }

    private void columns(String table, int open) {
        List<Output> columns = new ArrayList<>();
        List<int[]> parts = parts(open);
        for (int[] part : parts) {
            Output column = column(part[0], part[1]);
            if (column != null) {
                columns.add(column);
            }
        }
        Scope scope = new Scope(null);
        scope.add(new Source(table, columns));
        for (int[] part : parts) {
            edits.column(part[0]);
            expressionsIn(part[0], part[1], column(part[0], part[1]), scope);
        }
    }

    /** The parts between commas, from and to. */
    private List<int[]> parts(int open) {
        int close = SqlTokens.closing(cursor.tokens, open);
        List<int[]> parts = new ArrayList<>();
        int start = open + 1;
        for (int i = open + 1; i < close; i++) {
            if (cursor.tokens.get(i).isSymbol("(")) {
                i = SqlTokens.closing(cursor.tokens, i);
            } else if (cursor.tokens.get(i).isSymbol(",")) {
                parts.add(new int[] {start, i});
                start = i + 1;
            }
        }
        parts.add(new int[] {start, Math.min(close, cursor.tokens.size())});
        return parts;
    }

    /** The column that is defined here; null for a constraint. */
    private @Nullable Output column(int start, int end) {
        List<SqlToken> part = cursor.tokens.subList(Math.min(start, end), end);
        if (!DefinitionRules.isColumn(part)) {
            return null;
        }
        List<SqlToken> type = DefinitionRules.typeOf(part);
        return new Output(part.get(0).text(), ColumnType.of(SqlRewriter.text(type)));
    }

    /** What stands behind DEFAULT, CHECK and GENERATED ALWAYS AS. */
    private void expressionsIn(int start, int end, @Nullable Output column, Scope scope) {
        for (int i = start; i < end; i++) {
            cursor.moveTo(i);
            if (cursor.accept("collate")) {
                expressions.collation();
            } else if (cursor.accept("references")) {
                mustExist(cursor.next().text(), scope);
            } else if (cursor.accept("default") && column != null) {
                Operand value = expressions.parse(new Scope(null), Expressions.OTHER);
                expressions.casts.assign(value, column.type(), String.valueOf(column.name()));
                i = cursor.position() - 1;
            } else if (cursor.accept("check")) {
                cursor.acceptSymbol("(");
                expressions.condition(scope, "CHECK");
                i = cursor.position() - 1;
            } else if (cursor.areWords("always", "as") && cursor.peek(2).isSymbol("(")) {
                cursor.moveTo(i + 3);
                Operand value = expressions.parse(scope);
                if (column != null) {
                    expressions.casts.assign(value, column.type(), String.valueOf(column.name()));
                }
                i = cursor.position() - 1;
            }
        }
    }

    /** A table that is referred to, as SQLite would look for it only once there are rows. */
    private void mustExist(String table, Scope defined) {
        List<Output> columns = tables.columns(table);
        if (columns == null && !defined.isSource(table)) {
            throw Refusal.of("relation \"" + table + "\" does not exist", "42P01");
        }
        if (columns != null && cursor.acceptSymbol("(")) {
            do {
                String name = cursor.next().text();
                if (columns.stream().noneMatch(column -> name.equals(column.name()))) {
                    throw Refusal.of(
                            "column \"" + name + "\" referenced in foreign key constraint does not exist", "42703");
                }
            } while (cursor.acceptSymbol(","));
        }
    }

    private void alterTable() {
        cursor.moveTo(2);
        boolean ifExists = cursor.accept("if", "exists");
        cursor.accept("only");
        String table = cursor.next().text();
        while (cursor.acceptSymbol(".")) {
            table = cursor.next().text();
        }
        List<Output> columns = tables.columns(table);
        if (ifExists && columns == null) {
            instead(NOTHING);
            return;
        }
        if (ifExists) {
            edits.remove(2, 4);
        }
        if (cursor.accept("add")) {
            cursor.accept("column");
            add(table, columns);
        } else if (cursor.accept("alter")) {
            cursor.accept("column");
            defaultOf(cursor.next().text(), columns);
        } else if (cursor.accept("drop") && !cursor.isWord("constraint")) {
            cursor.accept("column");
            dropIfExists(columns);
            drop();
        }
    }

    /** What stands behind SET DEFAULT. */
    private void defaultOf(String name, @Nullable List<Output> columns) {
        if (!cursor.isAnyWord(Set.of("set", "drop", "type"))) {
            throw Refusal.unsupported("SQLite cannot change this of a column");
        }
        if (columns == null || !cursor.accept("set", "default")) {
            return;
        }
        Operand value = expressions.parse(new Scope(null));
        columns.stream()
                .filter(column -> name.equals(column.name()))
                .forEach(column -> expressions.casts.assign(value, column.type(), name));
    }

    private void dropIfExists(@Nullable List<Output> columns) {
        int start = cursor.position();
        if (cursor.accept("if", "exists")) {
            if (hasColumn(columns, cursor.peek().text())) {
                edits.remove(start, start + 2);
            } else {
                instead(NOTHING);
            }
        }
    }

    private static boolean hasColumn(@Nullable List<Output> columns, String name) {
        return columns != null && columns.stream().anyMatch(column -> name.equals(column.name()));
    }

    private void add(String table, @Nullable List<Output> known) {
        int start = cursor.position();
        if (cursor.accept("if", "not", "exists")) {
            if (hasColumn(known, cursor.peek().text())) {
                instead(NOTHING);
                return;
            }
            edits.remove(start, start + 3);
            start += 3;
        }
        Output column = column(start, cursor.tokens.size());
        if (column == null && addsUnique(table, known)) {
            return;
        }
        Scope scope = new Scope(null);
        if (known != null) {
            List<Output> columns = new ArrayList<>(known);
            if (column != null) {
                columns.add(column);
            }
            scope.add(new Source(table, columns));
        } else {
            scope.add(new Source(table, null));
        }
        expressionsIn(start, cursor.tokens.size(), column, scope);
    }

    /** A unique index does what a unique constraint does. */
    private boolean addsUnique(String table, @Nullable List<Output> known) {
        String name = cursor.accept("constraint") ? cursor.next().text() : null;
        if (cursor.isAnyWord(Set.of("check", "foreign"))) {
            return false;
        }
        if (!cursor.accept("unique") || !cursor.acceptSymbol("(")) {
            throw Refusal.unsupported("SQLite cannot add this constraint to a table");
        }
        List<String> columns = new ArrayList<>();
        do {
            columns.add(cursor.next().text());
            if (known != null && !hasColumn(known, columns.get(columns.size() - 1))) {
                throw Refusal.of(
                        "column \"" + columns.get(columns.size() - 1) + "\" named in key does not exist", "42703");
            }
        } while (cursor.acceptSymbol(","));
        cursor.acceptSymbol(")");
        String index = name == null ? table + "_" + String.join("_", columns) + "_key" : name;
        instead("CREATE UNIQUE INDEX " + SqlRewriter.writeName(index) + " ON " + SqlRewriter.writeName(table) + " ("
                + columns.stream().map(SqlRewriter::writeName).collect(Collectors.joining(", ")) + ")");
        return true;
    }

    /** The types of the columns go into the view's text, as SQLite could not tell those of expressions. */
    private void createView() {
        cursor.skipTo(Set.of("as"));
        int as = cursor.position();
        cursor.next();
        List<Output> columns = queries.query(new Scope(null));
        if (!columns.isEmpty()) {
            edits.before(as, Tables.comment(columns.stream().map(Output::type).toList()));
        }
    }

    private void createIndex() {
        skipWords();
        removeWord("concurrently");
        int name = cursor.position();
        cursor.skipTo(Set.of("on"));
        cursor.next();
        cursor.accept("only");
        String table = cursor.next().text();
        if (name + 2 == cursor.position()) {
            edits.before(name, SqlRewriter.writeName(nameOfIndex(table)));
        }
        if (cursor.isWord("using")) {
            if (!cursor.peek(1).isAnyWord(KINDS_OF_INDEXES)) {
                throw Refusal.unsupported("SQLite has no " + cursor.peek(1).text() + " indexes");
            }
            edits.remove(cursor.position(), cursor.position() + 2);
            cursor.moveTo(cursor.position() + 2);
        }
        Scope scope = new Scope(null);
        scope.add(new Source(table, tables.columns(table)));
        cursor.acceptSymbol("(");
        do {
            expressions.numbers.ordered(expressions.parse(scope));
            indexOrder();
        } while (cursor.acceptSymbol(","));
        cursor.acceptSymbol(")");
        if (cursor.isWord("include")) {
            // These columns only make it quicker.
            int start = cursor.position();
            cursor.next();
            cursor.skipParentheses();
            edits.remove(start, cursor.position());
        }
        if (cursor.accept("where")) {
            expressions.condition(scope, "WHERE");
        }
    }

    /** As PostgreSQL would call it: after its columns, those of INCLUDE too. */
    private String nameOfIndex(String table) {
        StringBuilder base = new StringBuilder(table);
        int open = cursor.position();
        while (open < cursor.tokens.size() && !cursor.tokens.get(open).isSymbol("(")) {
            open++;
        }
        while (SqlTokens.isSymbolAt(cursor.tokens, open, "(")) {
            int close = SqlTokens.closing(cursor.tokens, open);
            for (int[] part : parts(open)) {
                base.append('_').append(nameInIndex(part[0]));
            }
            open = SqlTokens.isWordAt(cursor.tokens, close + 1, "include") ? close + 2 : close;
        }
        String name = base + "_idx";
        for (int i = 1; tables.isIndex(name); i++) {
            name = base + "_idx" + i;
        }
        return name;
    }

    /** The name of a column or of a function; an operator has none. */
    private String nameInIndex(int start) {
        SqlToken first = cursor.tokens.get(start);
        return first.isName() ? first.text() : "expr";
    }

    private void removeWord(String word) {
        for (int i = 0; i < cursor.position(); i++) {
            if (cursor.tokens.get(i).isWord(word)) {
                edits.remove(i, i + 1);
            }
        }
    }

    /** SQLite's indexes know no place for null, and no classes of operators. */
    private void indexOrder() {
        while (!cursor.isAtEnd() && !cursor.isSymbol(",") && !cursor.isSymbol(")")) {
            if (!cursor.isAnyWord(Set.of("asc", "desc"))) {
                edits.remove(cursor.position(), cursor.position() + 1);
            }
            cursor.next();
        }
    }
}
