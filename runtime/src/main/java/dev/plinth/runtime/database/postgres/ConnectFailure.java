package dev.plinth.runtime.database.postgres;

import java.util.Objects;

/** Marks the driver's error as one of connecting, on its way to whoever waits for a connection. */
final class ConnectFailure extends RuntimeException {

    ConnectFailure(Throwable cause) {
        super(cause.getMessage(), cause, false, false);
    }

    @Override
    public synchronized Throwable getCause() {
        return Objects.requireNonNull(super.getCause());
    }
}
