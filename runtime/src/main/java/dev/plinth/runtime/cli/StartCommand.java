package dev.plinth.runtime.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The verb {@code start}, with all that picocli can do with it; see {@link StartOptions#plain}. */
@Command(
        name = "start",
        description = "Start the backend with all plugins, until SIGTERM or SIGINT.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class StartCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Short for --set backend.listen.port=N; 0 picks a free one.")
    private @Nullable Integer port;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            description = "text or json; by default text on a terminal, and json elsewhere.",
            converter = LogFormat.Converter.class)
    private @Nullable LogFormat logFormat;

    @Option(names = "--verbose", description = "Say where the time of the start went.")
    private boolean verbose;

    StartCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        return new BackendStart(console, options()).run();
    }

    StartOptions options() {
        return new StartOptions(
                options.request(console, StartOptions.portSet(Optional.ofNullable(port))),
                Optional.ofNullable(logFormat),
                verbose);
    }
}
