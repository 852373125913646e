package dev.plinth.runtime.database.pool;

import java.time.Duration;

/** The database did not answer a statement for as long as it may take, and was not waited for any longer. */
public final class NoAnswerException extends RuntimeException {

    public NoAnswerException(Duration limit) {
        super("no answer within " + limit.toMillis() + " ms", null, false, false);
    }
}
