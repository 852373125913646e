package dev.plinth.runtime.database.sqlite;

import java.util.List;
import java.util.Map;

/**
 * One statement as SQLite runs it.
 *
 * @param parameters what each parameter is written into or compared with
 * @param aliases names given to columns in the result, and the columns
 * @param atomic whether it leaves nothing behind when it fails; {@code OR FAIL} and {@code OR ROLLBACK} do
 */
record SqlStatement(
        String text, Kind kind, List<ParameterTarget> parameters, Map<String, String> aliases, boolean atomic) {

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
        /** Cannot run in a transaction. */
        STANDALONE;

        boolean isTransactionControl() {
            return this == BEGIN || this == COMMIT || this == ROLLBACK;
        }
    }
}
