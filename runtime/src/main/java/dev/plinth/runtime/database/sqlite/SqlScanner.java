package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import java.nio.charset.StandardCharsets;
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
        int blank = position;
        while (skipBlank()) {
            boolean follows = at(position) == '\'' && endsWithString();
            if (follows && continuesString(blank)) {
                continueString();
            } else if (follows) {
                // SQLite would take it for a name of what is before it.
                throw syntaxError("syntax error at or near \"'\"", position);
            } else {
                next();
            }
            blank = position;
        }
        return tokens;
    }

    private boolean endsWithString() {
        return !tokens.isEmpty() && tokens.get(tokens.size() - 1).kind() == SqlToken.Kind.STRING;
    }

    /** As the standard says, a constant goes on in the next pair of quotes when that is on another line. */
    private boolean continuesString(int blank) {
        String between = sql.substring(blank, position);
        return sql.charAt(tokens.get(tokens.size() - 1).start()) != '$'
                && (between.indexOf('\n') >= 0 || between.indexOf('\r') >= 0)
                && !between.contains("/*");
    }

    private void continueString() {
        SqlToken begun = tokens.remove(tokens.size() - 1);
        tokenStart = begun.start();
        if (sql.charAt(tokenStart) == '\'') {
            add(SqlToken.Kind.STRING, begun.text() + quoted('\'', "string"), position);
        } else {
            escapeString(position, begun.text());
        }
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
            escapeString(position + 1, "");
        } else if (isOtherConstant(c)) {
            throw Refusal.unsupported("SQLite has no " + c + "'...' (position " + (position + 1) + ")");
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

    /** {@code U&'...'}, {@code U&"..."}, {@code B'...'} and {@code X'...'}. */
    private boolean isOtherConstant(char c) {
        boolean unicode = (c == 'u' || c == 'U')
                && at(position + 1) == '&'
                && (at(position + 2) == '\'' || at(position + 2) == '"');
        return unicode || ("bBxX".indexOf(c) >= 0 && at(position + 1) == '\'');
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

    /** @param begun what came before, on another line */
    private void escapeString(int quote, String begun) {
        StringBuilder text = new StringBuilder(begun);
        int i = quote + 1;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c == '\'' && at(i + 1) == '\'') {
                text.append('\'');
                i += 2;
            } else if (c == '\'') {
                add(SqlToken.Kind.STRING, whole(text), i + 1);
                return;
            } else if (c == '\\' && i + 1 < sql.length()) {
                i = unescape(i + 1, text);
            } else {
                text.append(c);
                i++;
            }
        }
        throw syntaxError("unterminated quoted string", quote);
    }

    private static String whole(StringBuilder text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw Refusal.of("invalid Unicode surrogate pair", "42601");
        }
        return text.toString();
    }

    /** Adds what stands behind a backslash; answers where it ends. */
    private int unescape(int i, StringBuilder text) {
        char c = sql.charAt(i);
        switch (c) {
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'u' -> {
                return codePoint(i + 1, 4, text);
            }
            case 'U' -> {
                return codePoint(i + 1, 8, text);
            }
            case 'x' -> {
                return isDigit(at(i + 1), 16) ? character(i + 1, 2, 16, text) : plain(i, text);
            }
            default -> {
                return isDigit(c, 8) ? character(i, 3, 8, text) : plain(i, text);
            }
        }
        return i + 1;
    }

    private int plain(int i, StringBuilder text) {
        text.append(sql.charAt(i));
        return i + 1;
    }

    private static boolean isDigit(char c, int radix) {
        return c < 128 && Character.digit(c, radix) >= 0;
    }

    private int codePoint(int start, int digits, StringBuilder text) {
        int end = start;
        while (end < start + digits && isDigit(at(end), 16)) {
            end++;
        }
        if (end < start + digits) {
            throw Refusal.of("invalid Unicode escape (position " + (start - 1) + ")", "22025");
        }
        long point = Long.parseLong(sql.substring(start, end), 16);
        boolean surrogate = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
        if (surrogate && digits == 4) {
            text.append((char) point);
        } else if (point == 0 || point > Character.MAX_CODE_POINT || surrogate) {
            throw syntaxError("invalid Unicode escape value", start - 2);
        } else {
            text.appendCodePoint((int) point);
        }
        return end;
    }

    /** A byte, which is a character only as far as ASCII goes. */
    private int character(int start, int most, int radix, StringBuilder text) {
        int end = start;
        while (end < start + most && isDigit(at(end), radix)) {
            end++;
        }
        int code = Integer.parseInt(sql.substring(start, end), radix) & 0xFF;
        if (code == 0 || code > 127) {
            throw code == 0
                    ? Refusal.of("invalid byte sequence for encoding \"UTF8\": 0x00", "22021")
                    : Refusal.unsupported("SQLite has no bytes in text: write \\u" + "00e4 for one character, say");
        }
        text.append((char) code);
        return end;
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
