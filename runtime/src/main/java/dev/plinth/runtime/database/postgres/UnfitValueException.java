package dev.plinth.runtime.database.postgres;

/** A value is not of its parameter's type, as the server told it when the statement was prepared. Nothing was sent. */
final class UnfitValueException extends RuntimeException {

    UnfitValueException(String message) {
        super(message, null, false, false);
    }
}
