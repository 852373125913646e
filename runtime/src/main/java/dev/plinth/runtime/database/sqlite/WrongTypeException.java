package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;

/** An argument is not of its parameter's type: the client of PostgreSQL does not even send such a statement. */
final class WrongTypeException extends RuntimeException {

    private final StatementException refusal;

    /** @param message in the words of the PostgreSQL client */
    WrongTypeException(String message) {
        super(message, null, false, false);
        this.refusal = Refusal.of(message, "22P02");
    }

    /** What the plugin is told. */
    StatementException refusal() {
        return refusal;
    }
}
