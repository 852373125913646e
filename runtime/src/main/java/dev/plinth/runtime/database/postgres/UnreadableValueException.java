package dev.plinth.runtime.database.postgres;

/** A statement was carried out, and gave a value for which the driver has no Java value. */
final class UnreadableValueException extends RuntimeException {

    UnreadableValueException(RuntimeException cause) {
        super(cause.getMessage(), cause, false, false);
    }
}
