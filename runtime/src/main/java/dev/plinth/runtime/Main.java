package dev.plinth.runtime;

import dev.plinth.runtime.cli.Cli;
import dev.plinth.runtime.cli.Console;
import dev.plinth.runtime.logging.LogbackProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Entry point of the fat jar, and the only place that reads the process environment. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        LogbackProvider.use();
        boolean terminal = isTerminal();
        Console console = new Console(
                System.getenv(),
                Path.of("").toAbsolutePath(),
                System.out,
                System.err,
                terminal,
                terminal || isErrTerminal());
        System.exit(Cli.run(console, args));
    }

    /** Where results go to a file, somebody may still be looking at the logs; Java does not tell, Linux does. */
    private static boolean isErrTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException notOnLinux) {
            return false;
        }
    }

    /** From Java 22 on there is always a console, and it has to be asked; before, there is one only on a terminal. */
    private static boolean isTerminal() {
        @SuppressWarnings("SystemConsoleNull")
        java.io.Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException beforeJava22) {
            return true;
        }
    }
}
