package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigDocs;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.ConfigLoader;
import dev.plinth.runtime.config.ConfigRule;
import dev.plinth.runtime.config.ConfigSchema;
import dev.plinth.runtime.config.Explanation;
import dev.plinth.runtime.config.JsonWriter;
import dev.plinth.runtime.config.LoadedConfig;
import dev.plinth.runtime.config.PluginSchemas;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.config.YamlWriter;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows, explains, checks and documents the configuration. */
@Command(
        name = "config",
        description = "Show, explain, check and document the configuration.",
        synopsisSubcommandLabel = "(print | explain | check | schema | docs)",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class ConfigCommand {

    private final Console console;
    private final PluginSchemas pluginSchemas;
    private final List<ConfigRule> rules;

    ConfigCommand(Console console) {
        this(console, PluginSchemas.NONE, List.of());
    }

    /**
     * A command for a process.
     *
     * @param pluginSchemas finds the installed plugins
     * @param rules what {@code check} checks beside the schemas
     */
    ConfigCommand(Console console, PluginSchemas pluginSchemas, List<ConfigRule> rules) {
        this.console = console;
        this.pluginSchemas = pluginSchemas;
        this.rules = List.copyOf(rules);
    }

    @Command(
            description = "Print the merged configuration, secrets masked.",
            exitCodeOnInvalidInput = ExitCode.USAGE,
            mixinStandardHelpOptions = true,
            versionProvider = Version.Provider.class)
    int print(
            @Mixin ConfigOptions options,
            @Option(
                            names = "--format",
                            paramLabel = "yaml|json",
                            converter = Format.Converter.class,
                            description = "yaml (default) or json.")
                    @Nullable
                    Format format,
            @Option(names = "--show-secrets", description = "Show secrets as they are.") boolean showSecrets) {
        return reporting(format, () -> {
            LoadedConfig loaded = load(options, new Problems()).loaded();
            warn(loaded.warnings(), format);
            @Nullable Object plain = ShownValues.of(loaded.config().node().orElseThrow(), showSecrets);
            console.out().print(format == Format.JSON ? JsonWriter.pretty(plain) + "\n" : YamlWriter.write(plain));
            return ExitCode.SUCCESS;
        });
    }

    @Command(
            description = "Say for a key, or all below it, what each layer gives, which wins, and what it means.",
            exitCodeOnInvalidInput = ExitCode.USAGE,
            mixinStandardHelpOptions = true,
            versionProvider = Version.Provider.class)
    int explain(
            @Mixin ConfigOptions options,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "KEY",
                            defaultValue = "",
                            description = "Dotted path, parts with dots in quotes; without it, everything.")
                    String key,
            @Option(
                            names = "--format",
                            paramLabel = "yaml|json",
                            converter = Format.Converter.class,
                            description = "yaml or json, for programs.")
                    @Nullable
                    Format format,
            @Option(names = "--show-secrets", description = "Show secrets as they are.") boolean showSecrets) {
        return reporting(format, () -> {
            Known known = load(options, new Problems());
            List<Explanation> explanations = Explanation.of(key, known.loaded(), known.schema());
            if (explanations.isEmpty()) {
                Failures.report(console, List.of(unknownKey(key)), format == Format.JSON);
                return ExitCode.FAILURE;
            }
            ExplanationPrinter printer = new ExplanationPrinter(showSecrets);
            write(format, printer.document(explanations), () -> printer.text(explanations));
            return ExitCode.SUCCESS;
        });
    }

    private static Problem unknownKey(String key) {
        return Problem.error(
                "unknown-key",
                key,
                "",
                "no layer sets this key, and no schema describes it",
                "plinth config docs lists the keys");
    }

    @Command(
            description = "List everything that is wrong. Exit code 78 when anything is an error.",
            exitCodeOnInvalidInput = ExitCode.USAGE,
            mixinStandardHelpOptions = true,
            versionProvider = Version.Provider.class)
    int check(
            @Mixin ConfigOptions options,
            @Option(
                            names = "--format",
                            paramLabel = "yaml|json",
                            converter = Format.Converter.class,
                            description = "yaml or json, for programs.")
                    @Nullable
                    Format format) {
        List<Problem> problems = ConfigLoader.check(options.request(console), pluginSchemas, rules)
                .check()
                .problems();
        write(format, Failures.document(problems), () -> summary(problems));
        if (problems.stream().noneMatch(Problem::isError)) {
            return ExitCode.SUCCESS;
        }
        if (format == Format.JSON) {
            Failures.report(console, problems, true);
        }
        return Failures.exitCode(problems);
    }

    @Command(
            description =
                    "Print one JSON Schema of the runtime's keys and those of the installed plugins, for editors.",
            exitCodeOnInvalidInput = ExitCode.USAGE,
            mixinStandardHelpOptions = true,
            versionProvider = Version.Provider.class)
    int schema(@Mixin ConfigOptions options) {
        return reporting(Format.TEXT, () -> {
            console.out().println(load(options, new Problems()).schema().toJson());
            return ExitCode.SUCCESS;
        });
    }

    @Command(
            description = "Print every key with type, default and meaning, as Markdown.",
            exitCodeOnInvalidInput = ExitCode.USAGE,
            mixinStandardHelpOptions = true,
            versionProvider = Version.Provider.class)
    int docs(@Mixin ConfigOptions options) {
        return reporting(Format.TEXT, () -> {
            console.out()
                    .print(ConfigDocs.markdown(load(options, new Problems()).schema()));
            return ExitCode.SUCCESS;
        });
    }

    /** A configuration with all that is known of its keys. */
    private record Known(LoadedConfig loaded, ConfigSchema schema) {}

    private Known load(ConfigOptions options, Problems problems) {
        LoadedConfig loaded = ConfigLoader.load(options.request(console));
        Map<String, String> schemas = pluginSchemas.find(loaded.config());
        ConfigSchema schema = ConfigSchema.runtime().withPlugins(schemas, problems);
        return new Known(loaded.withSchema(schema), schema);
    }

    private int reporting(@Nullable Format format, Supplier<Integer> work) {
        try {
            return work.get();
        } catch (ConfigException e) {
            return Failures.report(console, e, format == Format.JSON);
        }
    }

    private void write(@Nullable Format format, Map<String, Object> document, Supplier<String> text) {
        String written = format == Format.JSON
                ? JsonWriter.pretty(document) + "\n"
                : format == Format.YAML ? YamlWriter.write(document) : text.get();
        console.out().print(written);
    }

    private void warn(List<Problem> warnings, @Nullable Format format) {
        if (format != Format.JSON) {
            Failures.print(console, console.err(), warnings);
        }
    }

    private String summary(List<Problem> problems) {
        Failures.print(console, console.out(), problems);
        long errors = problems.stream().filter(Problem::isError).count();
        return problems.isEmpty()
                ? "no problems found\n"
                : counted(errors, "error") + ", " + counted(problems.size() - errors, "warning") + "\n";
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
