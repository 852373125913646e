package dev.plinth.runtime.cli;

import ch.qos.logback.classic.Level;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
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
        // Without it, logback would write to stdout, where results go.
        Logging.configure(LogFormat.TEXT, console.err(), Level.WARN);
        return commandLine(console).execute(args);
    }

    private static CommandLine commandLine(Console console) {
        CommandLine commandLine = new CommandLine(new Cli());
        InstalledPlugins plugins = new InstalledPlugins(console);
        commandLine.addSubcommand(new StartCommand(console));
        commandLine.addSubcommand(new ConfigCommand(console, plugins, List.of(plugins)));
        commandLine.addSubcommand(DbCommand.of(console, plugins::ids));
        commandLine
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler(Cli::usageError)
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        console.terminal() ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF));
        inheritHelp(commandLine);
        return commandLine;
    }

    /** Every verb answers {@code --help} and {@code --version}, and tells usage errors by the same exit code. */
    private static void inheritHelp(CommandLine commandLine) {
        CommandSpec spec = commandLine.getCommandSpec();
        spec.exitCodeOnInvalidInput(ExitCode.USAGE);
        // A verb that is a method has its options as parameters, and says so itself.
        if (!(spec.userObject() instanceof Method)) {
            spec.mixinStandardHelpOptions(true);
            spec.versionProvider(new Version());
        }
        commandLine.getSubcommands().values().forEach(Cli::inheritHelp);
    }

    /** One line, where the whole help would push it off the screen. */
    private static int usageError(ParameterException error, String... arguments) {
        CommandLine verb = error.getCommandLine();
        verb.getErr()
                .println("plinth: " + error.getMessage() + "; see "
                        + verb.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    /** Without a verb: the help, and a failure, as nothing was done. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }
}
