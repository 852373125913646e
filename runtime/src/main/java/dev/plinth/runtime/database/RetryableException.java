package dev.plinth.runtime.database;

import dev.plinth.plugin.DatabaseUnavailableException;

/** A failure whose cause may pass by itself: the server is away, starting up, or full. */
public final class RetryableException extends DatabaseUnavailableException {

    public RetryableException(String message, Throwable cause) {
        super(message, cause);
    }
}
