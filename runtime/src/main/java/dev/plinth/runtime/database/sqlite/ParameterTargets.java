package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what a statement's parameters are written into or compared with, where they stand alone beside a column. */
final class ParameterTargets {

    private static final Set<String> COMPARISONS = Set.of("=", "<>", "!=", "<", "<=", ">", ">=");

    private static final Set<String> OPERATORS = Set.of(
            "+", "-", "*", "/", "%", "||", "->", "->>", "::", "#>", "#>>", "&", "|", "<<", ">>", ".", "[", "@>", "<@");

    private static final Set<String> BEFORE_A_CONDITION =
            Set.of("where", "and", "or", "not", "on", "set", "when", "having");

    private static final Set<String> BEFORE_A_TABLE = Set.of("from", "join", "into", "update");

    private static final Set<String> NO_ALIAS = Set.of(
            "set",
            "where",
            "values",
            "select",
            "on",
            "left",
            "right",
            "inner",
            "outer",
            "cross",
            "full",
            "join",
            "order",
            "group",
            "limit",
            "default",
            "using",
            "returning",
            "natural",
            "union",
            "having");

    private final List<SqlToken> tokens;
    private final Map<String, String> tables = new LinkedHashMap<>();
    private final Map<Integer, ParameterTarget> inserted = new HashMap<>();
    private final Map<Integer, Integer> lists = new HashMap<>();
    private boolean inSet;

    private ParameterTargets(List<SqlToken> tokens) {
        this.tokens = tokens;
    }

    static List<ParameterTarget> find(List<SqlToken> tokens, int parameters) {
        return parameters == 0 ? List.of() : new ParameterTargets(tokens).find(parameters);
    }

    private List<ParameterTarget> find(int parameters) {
        findTables();
        findInserted();
        List<ParameterTarget> targets = new ArrayList<>();
        for (int i = 0; i < parameters; i++) {
            targets.add(ParameterTarget.UNKNOWN);
        }
        for (int i = 0; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            if (token.isAnyWord(Set.of("set", "where", "from", "returning"))) {
                inSet = token.isWord("set");
            }
            if (token.kind() == SqlToken.Kind.PARAMETER) {
                int parameter = Integer.parseInt(token.text()) - 1;
                ParameterTarget known = targets.get(parameter);
                targets.set(parameter, known.equals(ParameterTarget.UNKNOWN) ? target(i) : known);
            }
        }
        return List.copyOf(targets);
    }

    private void findTables() {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).isAnyWord(BEFORE_A_TABLE) && tokens.get(i + 1).isName()) {
                String table = tokens.get(i + 1).text();
                tables.put(table, table);
                int alias = SqlTokens.isWordAt(tokens, i + 2, "as") ? i + 3 : i + 2;
                if (alias < tokens.size()
                        && tokens.get(alias).isName()
                        && !tokens.get(alias).isAnyWord(NO_ALIAS)) {
                    tables.put(tokens.get(alias).text(), table);
                }
            }
        }
    }

    private void findInserted() {
        int into = 0;
        while (into < tokens.size() && !tokens.get(into).isWord("into")) {
            into++;
        }
        if (into + 2 >= tokens.size() || !tokens.get(into + 1).isName()) {
            return;
        }
        String table = tokens.get(into + 1).text();
        int next = SqlTokens.isWordAt(tokens, into + 2, "as") ? into + 4 : into + 2;
        List<String> columns = new ArrayList<>();
        if (SqlTokens.isSymbolAt(tokens, next, "(")) {
            int close = SqlTokens.closing(tokens, next);
            for (SqlToken token : tokens.subList(next + 1, close)) {
                if (token.isName()) {
                    columns.add(token.text());
                }
            }
            next = close + 1;
        }
        if (SqlTokens.isWordAt(tokens, next, "values")) {
            findInserted(table, columns, next + 1);
        }
    }

    private void findInserted(String table, List<String> columns, int start) {
        int open = start;
        while (SqlTokens.isSymbolAt(tokens, open, "(")) {
            int close = SqlTokens.closing(tokens, open);
            int column = 0;
            int depth = 0;
            for (int i = open; i < close; i++) {
                depth += tokens.get(i).isSymbol("(") ? 1 : 0;
                depth -= tokens.get(i).isSymbol(")") ? 1 : 0;
                if (depth == 1 && tokens.get(i).isSymbol(",")) {
                    column++;
                } else if (depth == 1 && tokens.get(i).kind() == SqlToken.Kind.PARAMETER && isWholeValue(i)) {
                    inserted.put(i, insertedInto(table, columns, column));
                }
            }
            open = SqlTokens.isSymbolAt(tokens, close + 1, ",") ? close + 2 : tokens.size();
        }
    }

    private boolean isWholeValue(int i) {
        boolean starts = SqlTokens.isSymbolAt(tokens, i - 1, "(") || SqlTokens.isSymbolAt(tokens, i - 1, ",");
        boolean ends = SqlTokens.isSymbolAt(tokens, i + 1, ")") || SqlTokens.isSymbolAt(tokens, i + 1, ",");
        return starts && ends;
    }

    private static ParameterTarget insertedInto(String table, List<String> columns, int column) {
        if (columns.isEmpty()) {
            return ParameterTarget.position(table, column);
        }
        return column < columns.size()
                ? ParameterTarget.column(List.of(table), columns.get(column), true)
                : ParameterTarget.UNKNOWN;
    }

    private ParameterTarget target(int i) {
        ParameterTarget insertion = inserted.get(i);
        if (insertion != null) {
            return insertion;
        }
        if (SqlTokens.isSymbolAt(tokens, i + 1, "::")) {
            return cast(i + 2);
        }
        if (SqlTokens.isWordAt(tokens, i + 1, "as") && SqlTokens.isWordAt(tokens, i - 2, "cast")) {
            return cast(i + 2);
        }
        return compared(i);
    }

    private ParameterTarget cast(int type) {
        int end = ExpressionRules.endOfType(tokens, type);
        return type < end
                ? ParameterTarget.cast(ColumnType.of(SqlRewriter.text(tokens.subList(type, end))))
                : ParameterTarget.UNKNOWN;
    }

    private ParameterTarget compared(int i) {
        boolean whole = i + 1 >= tokens.size() || !isOperator(tokens.get(i + 1));
        if (whole && isComparison(i - 1)) {
            return columnEndingAt(i - 2, inSet);
        }
        if (isComparison(i + 1) && isBoundary(i - 1)) {
            return columnStartingAt(i + 2);
        }
        int list = startOfList(i);
        if (whole && list > 0) {
            return columnEndingAt(list, false);
        }
        return whole ? between(i) : ParameterTarget.UNKNOWN;
    }

    private boolean isComparison(int i) {
        return i >= 0
                && i < tokens.size()
                && tokens.get(i).kind() == SqlToken.Kind.SYMBOL
                && COMPARISONS.contains(tokens.get(i).text());
    }

    private static boolean isOperator(SqlToken token) {
        return token.kind() == SqlToken.Kind.SYMBOL && OPERATORS.contains(token.text());
    }

    private boolean isBoundary(int i) {
        return i < 0
                || tokens.get(i).isAnyWord(BEFORE_A_CONDITION)
                || tokens.get(i).isSymbol("(")
                || tokens.get(i).isSymbol(",");
    }

    /** In {@code column IN ($1, $2)} the index of the column's last token; -1 elsewhere. */
    private int startOfList(int i) {
        // The one before it in the list knows already: lists may be long.
        Integer known = SqlTokens.isSymbolAt(tokens, i - 1, ",") ? lists.get(i - 2) : null;
        int start = known == null ? startOfList(tokens, i - 1) : known;
        lists.put(i, start);
        return start;
    }

    private static int startOfList(List<SqlToken> tokens, int open) {
        if (!SqlTokens.isSymbolAt(tokens, open, "(") || !SqlTokens.isWordAt(tokens, open - 1, "in")) {
            return -1;
        }
        return SqlTokens.isWordAt(tokens, open - 2, "not") ? open - 3 : open - 2;
    }

    private ParameterTarget between(int i) {
        if (SqlTokens.isWordAt(tokens, i - 1, "between")) {
            return columnEndingAt(i - 2, false);
        }
        if (SqlTokens.isWordAt(tokens, i - 1, "and") && SqlTokens.isWordAt(tokens, i - 3, "between")) {
            return columnEndingAt(i - 4, false);
        }
        return ParameterTarget.UNKNOWN;
    }

    private ParameterTarget columnEndingAt(int end, boolean assigned) {
        if (end < 0 || !tokens.get(end).isName()) {
            return ParameterTarget.UNKNOWN;
        }
        boolean qualified = SqlTokens.isSymbolAt(tokens, end - 1, ".") && end >= 2;
        int start = qualified ? end - 2 : end;
        if (!isBoundary(start - 1)) {
            return ParameterTarget.UNKNOWN;
        }
        return column(
                qualified ? tokens.get(start).text() : null, tokens.get(end).text(), assigned);
    }

    private ParameterTarget columnStartingAt(int start) {
        if (start >= tokens.size() || !tokens.get(start).isName()) {
            return ParameterTarget.UNKNOWN;
        }
        boolean qualified = SqlTokens.isSymbolAt(tokens, start + 1, ".") && start + 2 < tokens.size();
        int end = qualified ? start + 2 : start;
        boolean whole = end + 1 >= tokens.size()
                || !(isOperator(tokens.get(end + 1)) || tokens.get(end + 1).isSymbol("("));
        return whole
                ? column(
                        qualified ? tokens.get(start).text() : null,
                        tokens.get(end).text(),
                        false)
                : ParameterTarget.UNKNOWN;
    }

    private ParameterTarget column(@Nullable String qualifier, String column, boolean assigned) {
        if (qualifier == null) {
            return ParameterTarget.column(List.copyOf(Set.copyOf(tables.values())), column, assigned);
        }
        String table = tables.get(qualifier);
        return table == null ? ParameterTarget.UNKNOWN : ParameterTarget.column(List.of(table), column, assigned);
    }
}
