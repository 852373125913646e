package dev.plinth.runtime.database.sqlite;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One statement, as it was written.
 *
 * @param text tells it from others
 * @param parameters how many it has
 * @param atomic whether it leaves nothing behind when it fails; {@code OR FAIL} and {@code OR ROLLBACK} do
 * @param prelude whether it is the first part of what was written as one statement, and has no result of its own
 */
record SqlStatement(List<SqlToken> tokens, String text, Kind kind, int parameters, boolean atomic, boolean prelude) {

    /** The table that INSERT, UPDATE, DELETE or ALTER changes; null for anything else. */
    @Nullable
    String target() {
        if (SqlTokens.areWordsAt(tokens, 0, "alter", "table")) {
            int only = SqlTokens.isWordAt(tokens, 2, "only") ? 3 : 2;
            return tokens.get(Math.min(SqlTokens.isWordAt(tokens, 2, "if") ? 4 : only, tokens.size() - 1))
                    .text();
        }
        for (int i = 0; i + 1 < tokens.size(); i++) {
            boolean before = tokens.get(i).isWord("into")
                    || tokens.get(i).isWord("update")
                    || (tokens.get(i).isWord("from") && SqlTokens.isWordAt(tokens, i - 1, "delete"));
            if (before && kind == Kind.WRITE && tokens.get(i + 1).isName()) {
                return tokens.get(i + 1).text();
            }
        }
        return null;
    }

    enum Kind {
        READ,
        WRITE,
        BEGIN,
        COMMIT,
        ROLLBACK,
        SAVEPOINT,
        ROLLBACK_TO,
        /** Changes tables and the like, so that what was compiled before no longer holds. */
        DEFINITION,
        /** Has no effect on SQLite. */
        NOTHING,
        /** Cannot run in a transaction. */
        STANDALONE;

        boolean isTransactionControl() {
            return this == BEGIN || this == COMMIT || this == ROLLBACK;
        }
    }
}
