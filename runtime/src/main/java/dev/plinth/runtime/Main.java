package dev.plinth.runtime;

import dev.plinth.runtime.cli.Cli;
import dev.plinth.runtime.cli.Console;
import java.nio.file.Path;

/** Entry point of the fat jar, and the only place that reads the process environment. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        Console console = new Console(
                System.getenv(), Path.of("").toAbsolutePath(), System.out, System.err, System.console() != null);
        System.exit(Cli.run(console, args));
    }
}
