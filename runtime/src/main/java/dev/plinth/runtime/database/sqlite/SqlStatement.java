package dev.plinth.runtime.database.sqlite;

/**
 * One statement as SQLite runs it.
 *
 * @param parameters how many arguments it takes
 * @param atomic whether it leaves nothing behind when it fails; {@code OR FAIL} and {@code OR ROLLBACK} do
 */
record SqlStatement(String text, Kind kind, int parameters, boolean atomic) {

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
