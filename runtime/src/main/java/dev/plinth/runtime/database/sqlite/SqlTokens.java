package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finding one's way in a list of tokens. */
final class SqlTokens {

    private static final Set<String> BEFORE_A_NAME =
            Set.of("from", "join", "into", "table", "references", "savepoint", "release", "to", "constraint");

    private static final Set<String> BEFORE_A_COLUMN = Set.of("column", "rename", "alter", "add", "drop");

    private SqlTokens() {}

    static boolean isSymbolAt(List<SqlToken> tokens, int index, String symbol) {
        return index >= 0 && index < tokens.size() && tokens.get(index).isSymbol(symbol);
    }

    static boolean isWordAt(List<SqlToken> tokens, int index, String word) {
        return index >= 0 && index < tokens.size() && tokens.get(index).isWord(word);
    }

    static boolean areWordsAt(List<SqlToken> tokens, int index, String... words) {
        for (int i = 0; i < words.length; i++) {
            if (!isWordAt(tokens, index + i, words[i])) {
                return false;
            }
        }
        return true;
    }

    /** Words that are names to PostgreSQL and key words to SQLite, as the names that they are where only a name can stand. */
    static List<SqlToken> withNames(List<SqlToken> tokens) {
        List<SqlToken> result = new ArrayList<>(tokens);
        for (int i = 1; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            if (token.isAnyWord(TokenEdits.KEY_WORDS) && isNameAt(result, i)) {
                result.set(i, new SqlToken(SqlToken.Kind.NAME, token.text(), token.start(), token.end()));
            }
        }
        return result;
    }

    private static boolean isNameAt(List<SqlToken> tokens, int index) {
        SqlToken before = tokens.get(index - 1);
        boolean qualified = before.isSymbol(".") || isSymbolAt(tokens, index + 1, ".");
        return qualified
                || before.isAnyWord(BEFORE_A_NAME)
                || isUpdatedAt(tokens, index)
                || isDefinedAt(tokens, index)
                || (areWordsAt(tokens, 0, "alter", "table") && index > 3 && before.isAnyWord(BEFORE_A_COLUMN))
                || (tokens.get(0).isWord("drop") && before.isSymbol(","));
    }

    private static boolean isUpdatedAt(List<SqlToken> tokens, int index) {
        return isWordAt(tokens, index - 1, "update")
                && !isWordAt(tokens, index - 2, "do")
                && !isWordAt(tokens, index - 2, "on");
    }

    /** {@code CREATE INDEX name ON name}, {@code DROP VIEW IF EXISTS name}. */
    private static boolean isDefinedAt(List<SqlToken> tokens, int index) {
        boolean exists = isWordAt(tokens, index - 1, "exists")
                && (isWordAt(tokens, index - 2, "if") || areWordsAt(tokens, index - 3, "if", "not"));
        boolean kind = tokens.get(index - 1).isAnyWord(Set.of("view", "index", "concurrently"));
        boolean indexed =
                isWordAt(tokens, index - 1, "on") && (isWordAt(tokens, 1, "index") || isWordAt(tokens, 2, "index"));
        return exists || ((kind || indexed) && tokens.get(0).isAnyWord(Set.of("create", "drop")));
    }

    /** The index of the parenthesis that closes the one here; the number of tokens when none does. */
    static int closing(List<SqlToken> tokens, int open) {
        int depth = 0;
        for (int i = open; i < tokens.size(); i++) {
            if (tokens.get(i).isSymbol("(")) {
                depth++;
            } else if (tokens.get(i).isSymbol(")") && --depth == 0) {
                return i;
            }
        }
        return tokens.size();
    }

    /** The index of the parenthesis that opens what is closed here; -1 when there is none. */
    static int opening(List<SqlToken> tokens, int close) {
        int depth = 0;
        for (int i = close; i >= 0; i--) {
            if (tokens.get(i).isSymbol(")")) {
                depth++;
            } else if (tokens.get(i).isSymbol("(") && --depth == 0) {
                return i;
            }
        }
        return -1;
    }

    /** The parts between commas that are in no parentheses of their own. */
    static List<List<SqlToken>> splitAtCommas(List<SqlToken> tokens) {
        List<List<SqlToken>> parts = new ArrayList<>();
        List<SqlToken> current = new ArrayList<>();
        int depth = 0;
        for (SqlToken token : tokens) {
            if (token.isSymbol("(")) {
                depth++;
            } else if (token.isSymbol(")")) {
                depth--;
            }
            if (depth == 0 && token.isSymbol(",")) {
                parts.add(current);
                current = new ArrayList<>();
            } else {
                current.add(token);
            }
        }
        if (!current.isEmpty()) {
            parts.add(current);
        }
        return parts;
    }

    /** An expression as text to compare with others, a column without its table. */
    static String expression(List<SqlToken> tokens, int start, int end) {
        boolean qualified = end - start == 3 && tokens.get(start + 1).isSymbol(".");
        return SqlRewriter.text(tokens.subList(qualified ? start + 2 : start, end));
    }

    /** Behind the type name that begins here: words, and a length in parentheses. */
    static int endOfType(List<SqlToken> tokens, int start) {
        int end = Math.min(start + 1, tokens.size());
        while (end < tokens.size() && tokens.get(end).isAnyWord(Set.of("precision", "varying", "with", "without"))) {
            end += tokens.get(end).isAnyWord(Set.of("with", "without")) ? 3 : 1;
        }
        if (isSymbolAt(tokens, end, "(")) {
            end = closing(tokens, end) + 1;
            if (areWordsAt(tokens, end, "with", "time", "zone") || areWordsAt(tokens, end, "without", "time", "zone")) {
                end += 3;
            }
        }
        return Math.min(end, tokens.size());
    }
}
