package dev.plinth.runtime.database.migration;

import dev.plinth.plugin.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into its statements. Semicolons in strings, quoted names, comments, dollar quotes, parentheses and the bodies of
 * triggers and SQL functions do not end a statement.
 */
final class SqlSplitter {

    private static final Pattern DOLLAR_TAG = Pattern.compile("\\$(?:[\\p{L}_][\\p{L}\\p{N}_]*)?\\$");
    private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*");
    private static final Pattern TRIGGER = Pattern.compile("CREATE (TEMP |TEMPORARY )?TRIGGER\\b.*");
    private static final Pattern ROUTINE = Pattern.compile("CREATE (OR REPLACE )?(FUNCTION|PROCEDURE)\\b.*");
    private static final int WORDS_THAT_TELL_THE_KIND = 4;

    private final String text;
    private final boolean postgres;
    private final List<Statement> statements = new ArrayList<>();

    private int position;
    private int start = -1;
    private int end;
    private int parentheses;
    private int blocks;
    private final StringBuilder firstWords = new StringBuilder();
    private int words;

    private SqlSplitter(String text, Dialect dialect) {
        this.text = text;
        this.postgres = dialect == Dialect.POSTGRESQL;
    }

    /**
     * One statement.
     *
     * @param line on which it begins, from 1
     */
    record Statement(String sql, int line) {

        /** The line of the file that holds this character of the statement. */
        int lineOf(int characterIndex) {
            String before = sql.substring(0, Math.max(0, Math.min(characterIndex, sql.length())));
            return line + (int) before.chars().filter(c -> c == '\n').count();
        }
    }

    /**
     * The statements in their order, without comments around them.
     *
     * @throws IllegalArgumentException when a string, quoted name or comment does not end, with the line where it begins
     */
    static List<Statement> split(String text, Dialect dialect) {
        return new SqlSplitter(text, dialect).split();
    }

    private List<Statement> split() {
        while (position < text.length()) {
            step();
        }
        endStatement();
        return statements;
    }

    private void step() {
        char c = text.charAt(position);
        if (Character.isWhitespace(c)) {
            position++;
        } else if (text.startsWith("--", position)) {
            skipLine();
        } else if (text.startsWith("/*", position)) {
            skipComment();
        } else if (c == ';' && parentheses == 0 && blocks == 0) {
            endStatement();
            position++;
        } else {
            token(c);
        }
    }

    private void token(char c) {
        if (start < 0) {
            start = position;
        }
        Matcher word = at(WORD);
        if (word.lookingAt()) {
            word(word.group());
        } else if (c == '\'') {
            skipQuoted('\'', false);
        } else if (c == '"' || (!postgres && c == '`')) {
            skipQuoted(c, false);
        } else if (!postgres && c == '[') {
            skipTo("]", position + 1, "quoted name");
        } else if (postgres && c == '$' && at(DOLLAR_TAG).lookingAt()) {
            skipDollarQuoted();
        } else {
            parenthesis(c);
            position++;
        }
        end = position;
    }

    private void word(String word) {
        position += word.length();
        boolean string = position < text.length() && text.charAt(position) == '\'';
        if (postgres && string && word.equalsIgnoreCase("e")) {
            skipQuoted('\'', true);
            return;
        }
        String upper = word.toUpperCase(Locale.ROOT);
        if (words++ < WORDS_THAT_TELL_THE_KIND) {
            firstWords.append(upper).append(' ');
        }
        block(upper);
    }

    /** Follows BEGIN ... END and CASE ... END where a body may stand. */
    private void block(String word) {
        boolean body = (postgres ? ROUTINE : TRIGGER).matcher(firstWords).matches();
        if (!body) {
            return;
        }
        if (word.equals("BEGIN") || (word.equals("CASE") && blocks > 0)) {
            blocks++;
        } else if (word.equals("END") && blocks > 0) {
            blocks--;
        }
    }

    private void parenthesis(char c) {
        if (c == '(') {
            parentheses++;
        } else if (c == ')' && parentheses > 0) {
            parentheses--;
        }
    }

    private void endStatement() {
        if (start >= 0) {
            statements.add(new Statement(text.substring(start, end), lineAt(start)));
        }
        start = -1;
        parentheses = 0;
        blocks = 0;
        words = 0;
        firstWords.setLength(0);
    }

    private void skipLine() {
        int newline = text.indexOf('\n', position);
        position = newline < 0 ? text.length() : newline + 1;
    }

    /** Comments nest in PostgreSQL. */
    private void skipComment() {
        int begin = position;
        int depth = 0;
        do {
            if (text.startsWith("/*", position) && (depth == 0 || postgres)) {
                depth++;
                position += 2;
            } else if (text.startsWith("*/", position)) {
                depth--;
                position += 2;
            } else {
                position++;
            }
            if (position >= text.length() && depth > 0) {
                throw unclosed("comment", begin);
            }
        } while (depth > 0);
    }

    private void skipQuoted(char quote, boolean backslashes) {
        int begin = position++;
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (backslashes && c == '\\') {
                position++;
            } else if (c == quote) {
                return;
            }
        }
        // A doubled quote ends one string and begins the next: the effect is the same.
        throw unclosed(quote == '\'' ? "string" : "quoted name", begin);
    }

    private void skipDollarQuoted() {
        Matcher tag = at(DOLLAR_TAG);
        if (tag.lookingAt()) {
            skipTo(tag.group(), tag.end(), "dollar-quoted string");
        }
    }

    private void skipTo(String closing, int from, String what) {
        int found = text.indexOf(closing, from);
        if (found < 0) {
            throw unclosed(what, position);
        }
        position = found + closing.length();
    }

    private Matcher at(Pattern pattern) {
        return pattern.matcher(text).region(position, text.length());
    }

    private IllegalArgumentException unclosed(String what, int begin) {
        return new IllegalArgumentException(
                "line " + lineAt(begin) + ": the " + what + " that begins here does not end");
    }

    private int lineAt(int index) {
        return 1 + (int) text.substring(0, index).chars().filter(c -> c == '\n').count();
    }
}
