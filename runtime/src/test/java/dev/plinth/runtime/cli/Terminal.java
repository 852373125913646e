package dev.plinth.runtime.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;

/** A console that keeps what is written to it. */
final class Terminal {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console;

    Terminal(Path workingDirectory, Map<String, String> environment, boolean colours) {
        this.console = new Console(environment, workingDirectory, stream(out), stream(err), colours, colours);
    }

    static Terminal in(Path workingDirectory, Map<String, String> environment) {
        return new Terminal(workingDirectory, environment, false);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    Console console() {
        return console;
    }

    int config(String... args) {
        return new CommandLine(new ConfigCommand(console)).execute(args);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    String lastErrorLine() {
        String[] lines = err().split("\n", -1);
        return lines.length < 2 ? "" : lines[lines.length - 2];
    }
}
