package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.Problem;

/** A running backend was not found, or did not do what it was asked. Its message is shown as it is. */
final class InstanceException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final String NOT_RUNNING = "not-running";
    private static final String REFUSED = "order-refused";

    private final int exitCode;
    private final String code;

    private InstanceException(int exitCode, String code, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.code = code;
    }

    static InstanceException notRunning(String message) {
        return new InstanceException(ExitCode.NOT_RUNNING, NOT_RUNNING, message);
    }

    static InstanceException refused(String message) {
        return new InstanceException(ExitCode.FAILURE, REFUSED, message);
    }

    int exitCode() {
        return exitCode;
    }

    Problem problem() {
        return Problem.error(code, "", "", String.valueOf(getMessage()), "");
    }
}
