package dev.plinth.runtime.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code plinth}: its verbs, its help and its exit codes. */
@Command(
        name = "plinth",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Runs many plugins, each on its own database.",
        subcommands = HelpCommand.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:success",
            "1:failure, such as a plugin that may not fail",
            "64:usage: an unknown verb, option or value",
            "69:no running instance found",
            "78:configuration: see the listed problems"
        },
        footer = {"", "Start here: plinth start"})
public final class Cli implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    private Cli() {}

    /**
     * Runs one command line.
     *
     * @return the exit code
     */
    public static int run(Console console, String... args) {
        return commandLine(console).execute(args);
    }

    private static CommandLine commandLine(Console console) {
        CommandLine commandLine = new CommandLine(new Cli());
        commandLine.addSubcommand(new StartCommand(console));
        commandLine
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        console.terminal() ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF));
        inheritHelp(commandLine);
        return commandLine;
    }

    /** Every verb answers {@code --help} and {@code --version}, and tells usage errors by the same exit code. */
    private static void inheritHelp(CommandLine commandLine) {
        commandLine.getCommandSpec().exitCodeOnInvalidInput(ExitCode.USAGE);
        commandLine.getCommandSpec().mixinStandardHelpOptions(true);
        commandLine.getCommandSpec().versionProvider(new Version());
        commandLine.getSubcommands().values().forEach(Cli::inheritHelp);
    }

    /** Without a verb: the help, and a failure, as nothing was done. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }
}
