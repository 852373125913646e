package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.Scope.Output;
import dev.plinth.runtime.database.sqlite.Scope.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

    void read() {
        List<SqlToken> head = cursor.tokens.subList(0, Math.min(5, cursor.tokens.size()));
        if (cursor.isWord("truncate")) {
            truncate();
        } else if (cursor.areWords("alter", "table")) {
            alterTable();
        } else if (cursor.isWord("drop")) {
            drop();
        } else if (!cursor.isWord("create") || isAmong(head, "trigger")) {
            return;
        } else if (isAmong(head, "table")) {
            createTable();
        } else if (isAmong(head, "view")) {
            createView();
        } else if (isAmong(head, "index")) {
            createIndex();
        } else {
            throw Refusal.unsupported(
                    "SQLite has no CREATE " + cursor.peek(1).text().toUpperCase(java.util.Locale.ROOT));
        }
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
        cursor.next();
        if (!cursor.isAtEnd()) {
            throw Refusal.unsupported("SQLite can only TRUNCATE one table, without more");
        }
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

    private void createTable() {
        skipWords();
        String name = cursor.next().text();
        if (cursor.isWord("as")) {
            cursor.next();
            queries.query(new Scope(null));
        } else if (cursor.isSymbol("(")) {
            columns(name, cursor.position());
        }
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
        if (cursor.accept("if", "exists")) {
            throw Refusal.unsupported("SQLite has no ALTER TABLE IF EXISTS");
        }
        cursor.accept("only");
        String table = cursor.next().text();
        if (cursor.isWord("add")) {
            cursor.next();
            cursor.accept("column");
            if (cursor.areWords("if", "not", "exists")) {
                throw Refusal.unsupported("SQLite has no ADD COLUMN IF NOT EXISTS");
            }
            addColumn(table);
        } else if (cursor.isWord("alter")) {
            throw Refusal.unsupported("SQLite cannot change a column");
        } else if (cursor.areWords("drop", "constraint")) {
            throw Refusal.unsupported("SQLite cannot drop a constraint");
        } else if (cursor.areWords("drop", "column", "if")) {
            throw Refusal.unsupported("SQLite has no DROP COLUMN IF EXISTS");
        }
    }

    private void addColumn(String table) {
        int start = cursor.position();
        int end = cursor.tokens.size();
        Output column = column(start, end);
        if (column == null) {
            throw Refusal.unsupported("SQLite cannot add a constraint to a table");
        }
        for (int i = start; i < end; i++) {
            if (cursor.tokens.get(i).isSymbol("(")) {
                i = SqlTokens.closing(cursor.tokens, i);
            } else if (cursor.tokens.get(i).isSymbol(",")) {
                throw Refusal.unsupported("SQLite can only do one change in an ALTER TABLE");
            }
        }
        List<Output> known = tables.columns(table);
        Scope scope = new Scope(null);
        if (known != null) {
            List<Output> columns = new ArrayList<>(known);
            columns.add(column);
            scope.add(new Source(table, columns));
        } else {
            scope.add(new Source(table, null));
        }
        expressionsIn(start, end, column, scope);
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
        cursor.skipTo(Set.of("on"));
        cursor.next();
        String table = cursor.next().text();
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
        if (cursor.accept("where")) {
            expressions.condition(scope, "WHERE");
        }
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
