package dev.plinth.runtime.cli;

import ch.qos.logback.classic.Level;
import dev.plinth.runtime.config.Masking;
import dev.plinth.runtime.config.Nearest;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code plinth}: its verbs, its help and its exit codes. */
@Command(
        name = "plinth",
        mixinStandardHelpOptions = true,
        versionProvider = Version.Provider.class,
        description = "Runs many plugins, each on its own database.",
        subcommands = HelpCommand.class,
        footer = {"", "Start here: plinth start"})
public final class Cli implements Callable<Integer> {

    private static final Pattern GIVEN_VALUE = Pattern.compile("('[^'=]+=)[^']*'");

    private static Map<String, String> exitCodes() {
        Map<String, String> codes = new LinkedHashMap<>();
        codes.put("0", "success");
        codes.put("1", "failure, such as a plugin that does not start, or an order that was refused");
        codes.put("64", "usage: an unknown verb, option or value");
        codes.put("69", "no running instance found");
        codes.put("78", "configuration: see the listed problems");
        return codes;
    }

    @Spec
    private CommandSpec spec;

    private Cli() {}

    /**
     * Runs one command line.
     *
     * @return the exit code
     */
    public static int run(Console console, String... arguments) {
        String[] args = withoutHelpVerb(arguments);
        Optional<StartOptions> start = StartOptions.plain(console, args);
        if (start.isPresent()) {
            return start(console, start.get());
        }
        // A start does it by itself, and what it takes to write times as text is a tenth of one that logs JSON.
        Logging.configure(LogFormat.TEXT, console.err(), Level.WARN);
        return commandLine(console, args.length == 0 ? "" : args[0]).execute(args);
    }

    /** {@code help plugin stop} is {@code plugin stop --help}: picocli's own verb knows the first level alone. */
    private static String[] withoutHelpVerb(String... arguments) {
        List<String> all = List.of(arguments);
        boolean asksForHelp = arguments.length > 2
                && all.get(0).equals("help")
                && all.stream().noneMatch(argument -> argument.startsWith("-"));
        return asksForHelp
                ? Stream.concat(all.stream().skip(1), Stream.of("--help")).toArray(String[]::new)
                : arguments;
    }

    /** As picocli would: a fault ends the process too, which threads of Vert.x would otherwise keep. */
    private static int start(Console console, StartOptions options) {
        try {
            return new BackendStart(console, options).run();
        } catch (RuntimeException e) {
            e.printStackTrace(console.err());
            return ExitCode.FAILURE;
        }
    }

    /** Reading what a verb can do takes a good part of a start: only the one that is asked for is read, if it is one. */
    private static CommandLine commandLine(Console console, String verb) {
        CommandLine commandLine = new CommandLine(new Cli());
        Map<String, Supplier<Object>> verbs = verbs(console);
        if (verbs.containsKey(verb)) {
            commandLine.addSubcommand(verbs.get(verb).get());
        } else {
            verbs.values().forEach(any -> commandLine.addSubcommand(any.get()));
        }
        commandLine
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((error, arguments) -> usageError(console, error, arguments))
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        console.terminal() ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF));
        inheritHelp(commandLine);
        return commandLine;
    }

    /** In the order in which the help lists them. */
    private static Map<String, Supplier<Object>> verbs(Console console) {
        InstalledPlugins plugins = new InstalledPlugins(console);
        Map<String, Supplier<Object>> verbs = new LinkedHashMap<>();
        verbs.put("start", () -> new StartCommand(console));
        verbs.put("config", () -> new ConfigCommand(console, plugins, List.of(plugins::checkWithJars)));
        verbs.put("db", () -> DbCommand.of(console, plugins::ids));
        verbs.put("plugin", () -> PluginCommand.of(console));
        verbs.put("status", () -> new StatusCommand(console));
        verbs.put("optimize", () -> new OptimizeCommand(console));
        return verbs;
    }

    /** Every verb answers {@code --help} and {@code --version}, and tells usage errors by the same exit code. */
    private static void inheritHelp(CommandLine commandLine) {
        CommandSpec spec = commandLine.getCommandSpec();
        spec.exitCodeOnInvalidInput(ExitCode.USAGE);
        spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(exitCodes());
        // A verb that is a method has its options as parameters, and says so itself.
        if (!(spec.userObject() instanceof Method)) {
            spec.mixinStandardHelpOptions(true);
            spec.versionProvider(new Version.Provider());
        }
        commandLine.getSubcommands().values().forEach(Cli::inheritHelp);
    }

    /** One line, where the whole help would push it off the screen; to programs, a problem as any other. */
    private static int usageError(Console console, ParameterException error, String... arguments) {
        String verb = error.getCommandLine().getCommandSpec().qualifiedName();
        // A misspelt --set may bring a password.
        String message = GIVEN_VALUE.matcher(message(error)).replaceAll("$1" + Masking.MASK + "'");
        if (asksForJson(List.of(arguments))) {
            Failures.report(console, List.of(Failures.usage(message)), true);
        } else {
            console.err()
                    .println(Failures.printable(
                            "plinth: " + message + (message.endsWith("?") ? " see " : "; see ") + verb + " --help"));
        }
        return ExitCode.USAGE;
    }

    private static String message(ParameterException error) {
        if (!(error instanceof UnmatchedArgumentException unmatched)) {
            return String.valueOf(error.getMessage()).replaceFirst("\\.$", "");
        }
        String given = unmatched.getUnmatched().get(0);
        CommandSpec spec = error.getCommandLine().getCommandSpec();
        return unmatched.isUnknownOption()
                ? error.getMessage()
                        + meant(given.replaceFirst("=.*", ""), spec.optionsMap().keySet())
                : "nothing is called '" + given + "' here"
                        + meant(given, spec.subcommands().keySet());
    }

    private static String meant(String given, Set<String> known) {
        return Nearest.of(given, known)
                .map(name -> ", did you mean '" + name + "'?")
                .orElse("");
    }

    /** Looked for in the arguments themselves, as those of a wrong command line are not read to the end. */
    private static boolean asksForJson(List<String> arguments) {
        int option = arguments.lastIndexOf("--format");
        return arguments.contains("--format=json")
                || (option >= 0
                        && option + 1 < arguments.size()
                        && arguments.get(option + 1).equals("json"));
    }

    /** Without a verb: the help, and a failure, as nothing was done. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }
}
