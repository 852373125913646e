package dev.plinth.runtime.cli;

/** Exit codes, as the help lists them. They follow BSD's {@code sysexits.h}. */
final class ExitCode {

    static final int SUCCESS = 0;
    static final int FAILURE = 1;
    static final int USAGE = 64;
    static final int NOT_RUNNING = 69;
    static final int CONFIGURATION = 78;

    private ExitCode() {}
}
