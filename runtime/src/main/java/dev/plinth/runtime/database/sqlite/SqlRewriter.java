package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Cuts a text into its statements, and writes tokens as SQLite reads them:
 *
 * <ul>
 *   <li>{@code $n} becomes {@code ?n};
 *   <li>unquoted names are folded to lower case, and quoted ones are written {@code [name]}, as SQLite would read a misspelt
 *       {@code "name"} as text;
 *   <li>{@code E'...'} and {@code $$...$$} become plain text constants;
 *   <li>comments are left out.
 * </ul>
 *
 * <p>{@link Translator} has the rest, which needs to know the tables.
 */
final class SqlRewriter {

    private static final Set<String> DEFINITIONS = Set.of("create", "drop", "alter", "reindex");
    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "replace");

    private SqlRewriter() {}

    /** The statements in this text, none for a blank one. Fails with SQLSTATE 42601 where it cannot be read. */
    static List<SqlStatement> rewrite(String sql) {
        List<SqlStatement> statements = new ArrayList<>();
        for (List<SqlToken> tokens : split(SqlScanner.scan(sql))) {
            List<List<SqlToken>> steps = DefinitionSteps.of(SqlTokens.withNames(tokens));
            for (int i = 0; i < steps.size(); i++) {
                statements.add(statement(steps.get(i), i < steps.size() - 1));
            }
        }
        return List.copyOf(statements);
    }

    private static List<List<SqlToken>> split(List<SqlToken> tokens) {
        List<List<SqlToken>> statements = new ArrayList<>();
        List<SqlToken> current = new ArrayList<>();
        for (SqlToken token : tokens) {
            if (token.isSymbol(";") && !isInsideTrigger(current)) {
                addIfNotEmpty(statements, current);
                current = new ArrayList<>();
            } else {
                current.add(token);
            }
        }
        addIfNotEmpty(statements, current);
        return statements;
    }

    private static void addIfNotEmpty(List<List<SqlToken>> statements, List<SqlToken> statement) {
        if (!statement.isEmpty()) {
            statements.add(statement);
        }
    }

    /** A trigger's body has statements of its own between BEGIN and END. */
    private static boolean isInsideTrigger(List<SqlToken> tokens) {
        boolean trigger = tokens.size() > 2
                && tokens.get(0).isWord("create")
                && tokens.subList(1, Math.min(4, tokens.size())).stream().anyMatch(token -> token.isWord("trigger"));
        if (!trigger) {
            return false;
        }
        int open = 0;
        for (SqlToken token : tokens) {
            if (token.isWord("begin") || token.isWord("case")) {
                open++;
            } else if (token.isWord("end")) {
                open--;
            }
        }
        return open > 0;
    }

    private static SqlStatement statement(List<SqlToken> tokens, boolean prelude) {
        Pragmas.check(tokens);
        ServerCommands.check(tokens);
        return new SqlStatement(tokens, text(tokens), kind(tokens), parameters(tokens), isAtomic(tokens), prelude);
    }

    /** What SQLite reads: one space where the text had any blank or comment. */
    static String text(List<SqlToken> tokens) {
        StringBuilder text = new StringBuilder();
        int lastEnd = 0;
        for (SqlToken token : tokens) {
            boolean adjacent = token.start() >= 0 && token.start() == lastEnd;
            if (!text.isEmpty() && !adjacent) {
                text.append(' ');
            }
            text.append(write(token));
            lastEnd = token.end();
        }
        return text.toString();
    }

    private static String write(SqlToken token) {
        return switch (token.kind()) {
            case WORD, NUMBER, RAW -> token.text();
            case NAME -> writeName(token.text());
            case STRING -> "'" + token.text().replace("'", "''") + "'";
            case PARAMETER -> "?" + token.text();
            case SYMBOL -> writeSymbol(token);
        };
    }

    static String writeName(String name) {
        return name.contains("]") ? "`" + name.replace("`", "``") + "`" : "[" + name + "]";
    }

    private static String writeSymbol(SqlToken token) {
        if (Set.of(":", "@").contains(token.text())) {
            throw SqlScanner.syntaxError(
                    "syntax error at or near \"" + token.text() + "\": placeholders are $1, $2, ...", token.start());
        }
        return token.text();
    }

    private static SqlStatement.Kind kind(List<SqlToken> tokens) {
        String first = tokens.get(0).text();
        return switch (first) {
            case "select", "values", "explain", "(" -> SqlStatement.Kind.READ;
            case "truncate" -> SqlStatement.Kind.DEFINITION;
            case "with" -> hasAny(tokens, WRITES) ? SqlStatement.Kind.WRITE : SqlStatement.Kind.READ;
            case "insert", "update", "delete", "replace" -> SqlStatement.Kind.WRITE;
            case "begin", "start" -> SqlStatement.Kind.BEGIN;
            case "commit", "end" -> SqlStatement.Kind.COMMIT;
            case "rollback", "abort" ->
                tokens.stream().anyMatch(token -> token.isWord("to"))
                        ? SqlStatement.Kind.ROLLBACK_TO
                        : SqlStatement.Kind.ROLLBACK;
            case "savepoint", "release" -> SqlStatement.Kind.SAVEPOINT;
            case "comment", "lock", "set" -> SqlStatement.Kind.NOTHING;
            case "analyze", "vacuum", "pragma", "attach", "detach" -> SqlStatement.Kind.STANDALONE;
            default -> DEFINITIONS.contains(first) ? SqlStatement.Kind.DEFINITION : SqlStatement.Kind.WRITE;
        };
    }

    private static boolean hasAny(List<SqlToken> tokens, Set<String> words) {
        return tokens.stream().anyMatch(token -> token.kind() == SqlToken.Kind.WORD && words.contains(token.text()));
    }

    private static boolean isAtomic(List<SqlToken> tokens) {
        return !hasAny(tokens, Set.of("fail", "rollback"));
    }

    private static int parameters(List<SqlToken> tokens) {
        int highest = 0;
        for (SqlToken token : tokens) {
            if (token.kind() == SqlToken.Kind.PARAMETER) {
                highest = Math.max(highest, parameter(token));
            }
        }
        return highest;
    }

    private static int parameter(SqlToken token) {
        int number = token.text().length() > 5 ? Integer.MAX_VALUE : Integer.parseInt(token.text());
        if (number < 1 || number > 32_766) {
            throw new StatementException(
                    "there is no parameter $" + token.text() + ": parameters are $1 to $32766",
                    0,
                    "42P02",
                    null,
                    null,
                    null);
        }
        return number;
    }
}
