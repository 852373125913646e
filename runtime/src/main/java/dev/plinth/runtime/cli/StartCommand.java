package dev.plinth.runtime.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts the backend and keeps it running until a signal. */
@Command(name = "start", description = "Start the backend with all plugins, until SIGTERM or SIGINT.")
final class StartCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--log-format", description = "text or json; by default text on a terminal.")
    private LogFormat logFormat = LogFormat.TEXT;

    StartCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Logging.configure(logFormat, console.err(), java.util.Map.of());
        return ExitCode.SUCCESS;
    }
}
