package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Changes to a statement's tokens, collected while it is read from the inside out. */
final class TokenEdits {

    static final Set<String> KEY_WORDS = Set.of(
            "index",
            "add",
            "alter",
            "commit",
            "drop",
            "transaction",
            "escape",
            "autoincrement",
            "indexed",
            "delete",
            "insert",
            "update",
            "isnull",
            "notnull",
            "nothing",
            "set",
            "values");

    private final List<SqlToken> tokens;
    private final Map<Integer, List<SqlToken>> before = new HashMap<>();
    private final Map<Integer, List<SqlToken>> after = new HashMap<>();
    private final Map<Integer, List<SqlToken>> instead = new HashMap<>();

    TokenEdits(List<SqlToken> tokens) {
        this.tokens = tokens;
    }

    /** Puts text before a token, and before what was put there earlier: that belongs to something further inside. */
    void before(int index, String text) {
        before.computeIfAbsent(index, key -> new ArrayList<>(1)).add(0, SqlToken.raw(text));
    }

    /** Puts text behind a token, and behind what was put there earlier. */
    void after(int index, String text) {
        after.computeIfAbsent(index, key -> new ArrayList<>(1)).add(SqlToken.raw(text));
    }

    void replace(int index, SqlToken token) {
        instead.put(index, List.of(token));
    }

    void replace(int index, String text) {
        replace(index, SqlToken.raw(text));
    }

    /** Writes a word as a name, which SQLite might otherwise take for a key word. */
    void name(int index) {
        if (index >= tokens.size()) {
            return;
        }
        SqlToken token = tokens.get(index);
        if (token.kind() == SqlToken.Kind.WORD) {
            replace(index, new SqlToken(SqlToken.Kind.NAME, token.text(), token.start(), token.end()));
        }
    }

    /** Writes a word as a name where SQLite would take it for a key word, and PostgreSQL does not. */
    void column(int index) {
        if (index < tokens.size() && tokens.get(index).isAnyWord(KEY_WORDS)) {
            name(index);
        }
    }

    /** Removes tokens, but not what was put before or behind them. */
    void remove(int start, int end) {
        for (int i = start; i < end; i++) {
            instead.put(i, List.of());
        }
    }

    /** Puts tokens around an operand. */
    void wrap(Operand operand, String open, String close) {
        before(operand.start(), open);
        after(operand.end() - 1, close);
    }

    /** Writes an operator as the call of a function. */
    Operand call(String function, Operand left, int operator, Operand right, ColumnType type) {
        before(left.start(), function + "(");
        replace(operator, ",");
        after(right.end() - 1, ")");
        return Operand.of(type, left.start(), right.end());
    }

    List<SqlToken> apply() {
        List<SqlToken> result = new ArrayList<>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            result.addAll(before.getOrDefault(i, List.of()));
            List<SqlToken> replaced = instead.get(i);
            if (replaced == null) {
                result.add(tokens.get(i));
            } else {
                result.addAll(replaced);
            }
            result.addAll(after.getOrDefault(i, List.of()));
        }
        return result;
    }
}
