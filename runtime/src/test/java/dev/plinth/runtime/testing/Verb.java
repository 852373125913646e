package dev.plinth.runtime.testing;

import dev.plinth.runtime.cli.Cli;
import dev.plinth.runtime.cli.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** What a verb did, run in this very process: the fat jar would need half a second for each to get that far. */
public record Verb(int exitCode, String out, String err) {

    public static Verb run(Path directory, Map<String, String> environment, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(environment, directory, stream(out), stream(err), false, false);
        int exitCode = Cli.run(console, arguments);
        return new Verb(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
