package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads the rows behind VALUES of an INSERT. SQLite knows no DEFAULT among them: such a column is left out. */
final class InsertedRows {

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final Expressions expressions;
    private final Set<Integer> defaults = new HashSet<>();
    private final List<Integer> starts = new ArrayList<>();
    private int rows;
    private int width;

    InsertedRows(TokenCursor cursor, TokenEdits edits, Expressions expressions) {
        this.cursor = cursor;
        this.edits = edits;
        this.expressions = expressions;
    }

    /**
     * @param targets the columns that are written; none when they are not known
     * @param list where the columns' names begin in the statement
     * @param listEnd behind them; the same where none are named
     */
    void read(List<Output> targets, int list, int listEnd) {
        do {
            row(targets);
            rows++;
        } while (cursor.acceptSymbol(","));
        if (!defaults.isEmpty()) {
            leaveOut(targets, list, listEnd);
        } else if (list == listEnd && !targets.isEmpty()) {
            nameColumns(edits, targets, width, list);
        }
    }

    /** Values without names of columns are for the first ones; SQLite wants one for each. */
    static void nameColumns(TokenEdits edits, List<Output> targets, int width, int at) {
        if (width > targets.size()) {
            throw Refusal.of("INSERT has more expressions than target columns", "42601");
        }
        targets.subList(0, width).forEach(InsertedRows::mustBeWritable);
        if (width < targets.size()) {
            edits.before(at, "(" + names(targets.subList(0, width)) + ")");
        }
    }

    static void mustBeWritable(Output column) {
        if (column.generated()) {
            throw Refusal.of(
                    "cannot insert a non-DEFAULT value into column \"" + column.name() + "\": it is a generated column",
                    "428C9");
        }
    }

    private static String names(List<Output> columns) {
        return columns.stream()
                .map(column -> SqlRewriter.writeName(String.valueOf(column.name())))
                .collect(Collectors.joining(", "));
    }

    private void row(List<Output> targets) {
        cursor.acceptSymbol("(");
        int column = 0;
        do {
            if (cursor.isWord("default")) {
                defaultAt(column);
            } else {
                value(column, targets);
            }
            column++;
        } while (cursor.acceptSymbol(","));
        cursor.acceptSymbol(")");
        if (rows > 0 && column != width) {
            throw Refusal.of("VALUES lists must all be the same length", "42601");
        }
        width = column;
    }

    private void defaultAt(int column) {
        if (rows > 0 && !defaults.contains(column)) {
            throw mixed();
        }
        defaults.add(column);
        starts.add(cursor.position());
        cursor.next();
    }

    private static RuntimeException mixed() {
        return Refusal.unsupported("SQLite has no DEFAULT for some rows and a value for others");
    }

    private void value(int column, List<Output> targets) {
        if (rows > 0 && defaults.contains(column)) {
            throw mixed();
        }
        Operand value = expressions.parse(new Scope(null));
        if (column < targets.size()) {
            Output target = targets.get(column);
            expressions.casts.assign(value, target.type(), String.valueOf(target.name()));
        }
    }

    private void leaveOut(List<Output> targets, int list, int listEnd) {
        if (targets.isEmpty() || width == defaults.size()) {
            throw Refusal.unsupported("SQLite has no DEFAULT in VALUES: leave the column out");
        }
        for (int start : starts) {
            boolean first = SqlTokens.isSymbolAt(cursor.tokens, start - 1, "(");
            edits.remove(first ? start : start - 1, first ? start + 2 : start + 1);
        }
        List<Output> written = new ArrayList<>();
        for (int i = 0; i < Math.min(width, targets.size()); i++) {
            if (!defaults.contains(i)) {
                written.add(targets.get(i));
            }
        }
        written.forEach(InsertedRows::mustBeWritable);
        edits.remove(list, listEnd);
        edits.before(list, "(" + names(written) + ")");
    }
}
