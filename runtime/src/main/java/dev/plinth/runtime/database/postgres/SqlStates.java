package dev.plinth.runtime.database.postgres;

import io.vertx.sqlclient.DatabaseException;

/** The SQLSTATEs that decide what is done next. */
final class SqlStates {

    static final String INVALID_CATALOG_NAME = "3D000";
    static final String READ_ONLY = "25006";
    static final String DISK_FULL = "53100";
    static final String INSUFFICIENT_PRIVILEGE = "42501";

    private static final String OPERATOR_INTERVENTION = "57";

    private SqlStates() {}

    /** Whether a server that works has said no. */
    static boolean isAnswer(Throwable failure) {
        String state = of(failure);
        return !state.isEmpty() && !state.startsWith(OPERATOR_INTERVENTION);
    }

    /** The server's code, from the error itself or from what caused it; empty when there is none. */
    static String of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DatabaseException error && error.getSqlState() != null) {
                return error.getSqlState();
            }
        }
        return "";
    }
}
