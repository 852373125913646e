package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cuts SQL text as PostgreSQL reads it into tokens. */
final class SqlScanner {

    private static final List<String> LONG_SYMBOLS = List.of(
            "->>", "#>>", "!~~*", "!~~", "!~*", "~~*", "->", "::", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "#>",
            "@>", "<@", "?|", "?&", "#-", "!~", "~*", "~~");

    private final String sql;
    private final List<SqlToken> tokens = new ArrayList<>();
    private int position;
    private int tokenStart;

    private SqlScanner(String sql) {
        this.sql = sql;
    }

    /** Fails with SQLSTATE 42601 when a constant, quoted name or comment has no end. */
    static List<SqlToken> scan(String sql) {
        return new SqlScanner(sql).scan();
    }

    private List<SqlToken> scan() {
        while (skipBlank()) {
            next();
        }
        return tokens;
    }

    /** Skips white space and comments; false at the end of the text. */
    private boolean skipBlank() {
        while (position < sql.length()) {
            if (Character.isWhitespace(sql.charAt(position))) {
                position++;
            } else if (sql.startsWith("--", position)) {
                int end = sql.indexOf('\n', position);
                position = end < 0 ? sql.length() : end + 1;
            } else if (sql.startsWith("/*", position)) {
                skipBlockComment();
            } else {
                return true;
            }
        }
        return false;
    }

    /** Comments nest in PostgreSQL, as the standard says, and not in SQLite; the text handed to SQLite has none. */
    private void skipBlockComment() {
        int start = position;
        int depth = 0;
        do {
            if (sql.startsWith("/*", position)) {
                depth++;
                position += 2;
            } else if (sql.startsWith("*/", position)) {
                depth--;
                position += 2;
            } else {
                position++;
            }
            if (depth > 0 && position >= sql.length()) {
                throw syntaxError("unterminated /* comment", start);
            }
        } while (depth > 0);
    }

    private void next() {
        tokenStart = position;
        char c = sql.charAt(position);
        if (c == '\'') {
            add(SqlToken.Kind.STRING, quoted('\'', "string"), position);
        } else if (c == '"') {
            add(SqlToken.Kind.NAME, quoted('"', "identifier"), position);
        } else if ((c == 'e' || c == 'E') && at(position + 1) == '\'') {
            escapeString();
        } else if (c == '$') {
            dollar();
        } else if (isDigit(c) || (c == '.' && isDigit(at(position + 1)))) {
            number();
        } else if (isNameStart(c)) {
            word();
        } else {
            symbol();
        }
    }

    private void add(SqlToken.Kind kind, String text, int end) {
        tokens.add(new SqlToken(kind, text, tokenStart, end));
        position = end;
    }

    /** Reads to the closing quote, a doubled one standing for itself; leaves the position behind it. */
    private String quoted(char quote, String what) {
        StringBuilder text = new StringBuilder();
        int i = position + 1;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c == quote && at(i + 1) == quote) {
                text.append(quote);
                i += 2;
            } else if (c == quote) {
                position = i + 1;
                return text.toString();
            } else {
                text.append(c);
                i++;
            }
        }
        throw syntaxError("unterminated quoted " + what, position);
    }

    private void escapeString() {
        StringBuilder text = new StringBuilder();
        int i = position + 2;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c == '\'' && at(i + 1) == '\'') {
                text.append('\'');
                i += 2;
            } else if (c == '\'') {
                add(SqlToken.Kind.STRING, text.toString(), i + 1);
                return;
            } else if (c == '\\' && i + 1 < sql.length()) {
                text.append(unescape(sql.charAt(i + 1)));
                i += 2;
            } else {
                text.append(c);
                i++;
            }
        }
        throw syntaxError("unterminated quoted string", position);
    }

    private static char unescape(char c) {
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> c;
        };
    }

    private void dollar() {
        int i = position + 1;
        if (isDigit(at(i))) {
            while (isDigit(at(i))) {
                i++;
            }
            add(SqlToken.Kind.PARAMETER, sql.substring(position + 1, i), i);
            return;
        }
        while (isNamePart(at(i)) && at(i) != '$') {
            i++;
        }
        if (at(i) != '$') {
            throw syntaxError("syntax error at or near \"$\"", position);
        }
        String tag = sql.substring(position, i + 1);
        int close = sql.indexOf(tag, i + 1);
        if (close < 0) {
            throw syntaxError("unterminated dollar-quoted string", position);
        }
        add(SqlToken.Kind.STRING, sql.substring(i + 1, close), close + tag.length());
    }

    private void number() {
        int i = position;
        while ((isNamePart(at(i)) && at(i) != '$') || at(i) == '.' || isExponentSign(i)) {
            i++;
        }
        add(SqlToken.Kind.NUMBER, sql.substring(position, i), i);
    }

    private boolean isExponentSign(int i) {
        boolean hexadecimal = sql.startsWith("0x", position) || sql.startsWith("0X", position);
        boolean afterExponent = at(i - 1) == 'e' || at(i - 1) == 'E';
        return (at(i) == '+' || at(i) == '-') && afterExponent && !hexadecimal;
    }

    private void word() {
        int i = position;
        while (isNamePart(at(i))) {
            i++;
        }
        add(SqlToken.Kind.WORD, sql.substring(position, i).toLowerCase(Locale.ROOT), i);
    }

    private void symbol() {
        String found = LONG_SYMBOLS.stream()
                .filter(symbol -> sql.startsWith(symbol, position))
                .findFirst()
                .orElseGet(() -> sql.substring(position, position + 1));
        add(SqlToken.Kind.SYMBOL, found, position + found.length());
    }

    private char at(int i) {
        return i < sql.length() ? sql.charAt(i) : '\0';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameStart(char c) {
        return Character.isLetter(c) || c == '_' || c > 127;
    }

    private static boolean isNamePart(char c) {
        return isNameStart(c) || isDigit(c) || c == '$';
    }

    static StatementException syntaxError(String message, int position) {
        return new StatementException(message + " (position " + (position + 1) + ")", 0, "42601", null, null, null);
    }
}
