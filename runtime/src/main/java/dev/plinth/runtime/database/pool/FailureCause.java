package dev.plinth.runtime.database.pool;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import io.vertx.sqlclient.DatabaseException;

/** Why work on a pool failed, in a word. */
public enum FailureCause {
    /** No connection came free within the acquire timeout, or too many requests waited already. */
    EXHAUSTED,
    /** The database could not be reached, or was lost on the way. */
    UNAVAILABLE,
    /** The statement took longer than it may. */
    DEADLINE,
    /** The database refused the statement. */
    STATEMENT,
    OTHER;

    /** What the server says when it ends a statement that took too long. */
    private static final String CANCELED = "57014";

    /** @param error as the plugin sees it */
    static FailureCause of(Throwable error) {
        if (error instanceof PoolExhaustedException) {
            return EXHAUSTED;
        }
        if (error instanceof DatabaseUnavailableException) {
            return error.getCause() instanceof NoAnswerException ? DEADLINE : UNAVAILABLE;
        }
        if (error instanceof DatabaseException refused) {
            return CANCELED.equals(refused.getSqlState()) ? DEADLINE : STATEMENT;
        }
        return OTHER;
    }
}
