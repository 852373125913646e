package dev.plinth.runtime.database.sqlite;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A place in a statement's tokens, and steps from there. */
final class TokenCursor {

    private static final SqlToken END = new SqlToken(SqlToken.Kind.SYMBOL, "", -1, -1);

    final List<SqlToken> tokens;
    private int position;

    TokenCursor(List<SqlToken> tokens) {
        this.tokens = tokens;
    }

    int position() {
        return position;
    }

    void moveTo(int index) {
        position = index;
    }

    boolean isAtEnd() {
        return position >= tokens.size();
    }

    /** The token here; one that matches nothing at the end. */
    SqlToken peek() {
        return peek(0);
    }

    SqlToken peek(int offset) {
        int index = position + offset;
        return index >= 0 && index < tokens.size() ? tokens.get(index) : END;
    }

    /** Fails with SQLSTATE 42601 at the end of the statement. */
    SqlToken next() {
        if (isAtEnd()) {
            throw syntaxError();
        }
        SqlToken token = peek();
        position++;
        return token;
    }

    RuntimeException syntaxError() {
        return isAtEnd()
                ? Refusal.of("syntax error at end of input", "42601")
                : SqlScanner.syntaxError("syntax error at or near \"" + peek().text() + "\"", peek().start());
    }

    boolean isWord(String word) {
        return peek().isWord(word);
    }

    boolean isAnyWord(Set<String> words) {
        return peek().isAnyWord(words);
    }

    boolean areWords(String... words) {
        return SqlTokens.areWordsAt(tokens, position, words);
    }

    boolean isSymbol(String symbol) {
        return peek().isSymbol(symbol);
    }

    boolean accept(String... words) {
        if (!areWords(words)) {
            return false;
        }
        position += words.length;
        return true;
    }

    boolean acceptSymbol(String symbol) {
        if (!isSymbol(symbol)) {
            return false;
        }
        position++;
        return true;
    }

    /** A name, quoted or not; null when there is none. */
    @Nullable
    String acceptName() {
        return peek().isName() ? next().text() : null;
    }

    /** Behind the parenthesis that closes the one here. */
    void skipParentheses() {
        position = Math.min(SqlTokens.closing(tokens, position) + 1, tokens.size());
    }

    /** To the first of these words outside parentheses, or the parenthesis that closes what is around, or the end. */
    void skipTo(Set<String> words) {
        while (!isAtEnd() && !isSymbol(")") && !isAnyWord(words)) {
            if (isSymbol("(")) {
                skipParentheses();
            } else {
                position++;
            }
        }
    }
}
