package dev.plinth.runtime.database.sqlite;

import java.util.Set;

/**
 * A piece of SQL text that means something: white space and comments are not tokens.
 *
 * @param start where it begins in the text
 * @param end where the next character is
 */
record SqlToken(Kind kind, String text, int start, int end) {

    enum Kind {
        /** An unquoted name or key word, folded to lower case. */
        WORD,
        /** A name in double quotes, without them. */
        NAME,
        /** A text constant, without its quotes. */
        STRING,
        NUMBER,
        /** {@code $n}; the text is the number. */
        PARAMETER,
        /** Any operator or punctuation. */
        SYMBOL,
        /** Text for SQLite alone, put in by a rule. */
        RAW
    }

    /** A token that was not in the text. */
    static SqlToken raw(String text) {
        return new SqlToken(Kind.RAW, text, -1, -1);
    }

    static SqlToken word(String word) {
        return new SqlToken(Kind.WORD, word, -1, -1);
    }

    static SqlToken symbol(String symbol) {
        return new SqlToken(Kind.SYMBOL, symbol, -1, -1);
    }

    boolean isName() {
        return kind == Kind.WORD || kind == Kind.NAME;
    }

    boolean isAnyWord(Set<String> words) {
        return kind == Kind.WORD && words.contains(text);
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    boolean isSymbol(String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }
}
