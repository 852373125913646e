package dev.plinth.runtime.database.pool;

import dev.plinth.plugin.StatementException;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.PrepareStatementCommand;
import io.vertx.sqlclient.internal.command.QueryCommandBase;

/**
 * A text without a statement in it. It is refused before it is sent, as the PostgreSQL client never completes one, and drivers
 * differ in what it means.
 */
final class EmptyStatement {

    private EmptyStatement() {}

    static boolean is(CommandBase<?> command) {
        return (command instanceof QueryCommandBase<?> query && isEmpty(query.sql()))
                || (command instanceof PrepareStatementCommand prepare && isEmpty(prepare.sql()));
    }

    static StatementException refusal() {
        return new StatementException(
                "the statement is empty: there is nothing in it but blanks, comments and semicolons",
                0,
                "42601",
                null,
                null,
                null);
    }

    /** The first character decides for nearly all texts. */
    static boolean isEmpty(String sql) {
        int i = 0;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (Character.isWhitespace(c) || c == ';') {
                i++;
            } else if (sql.startsWith("--", i)) {
                int end = sql.indexOf('\n', i);
                i = end < 0 ? sql.length() : end;
            } else if (sql.startsWith("/*", i)) {
                i = behindComment(sql, i);
            } else {
                return false;
            }
        }
        return true;
    }

    /** Comments nest; one without an end is the database's to refuse. */
    private static int behindComment(String sql, int start) {
        int depth = 0;
        int i = start;
        while (i < sql.length()) {
            if (sql.startsWith("/*", i)) {
                depth++;
                i += 2;
            } else if (sql.startsWith("*/", i)) {
                depth--;
                i += 2;
                if (depth == 0) {
                    return i;
                }
            } else {
                i++;
            }
        }
        return start + 2;
    }
}
