package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.ConfigLoader;
import dev.plinth.runtime.config.LoadedConfig;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.PlanJson;
import dev.plinth.runtime.database.settings.DatabaseSettingsResolver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what each plugin's database settings come to. Connects to nothing. */
@Command(
        name = "plan",
        description = "Show which database each plugin will use, and why, without connecting.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class DbPlanCommand implements Callable<Integer> {

    private final Console console;
    private final Function<Config, List<String>> installedPlugins;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Option(
            names = "--plugin",
            paramLabel = "ID",
            description = "Only this plugin, be it installed or not; repeatable. By default all installed ones.")
    private List<String> plugins = new ArrayList<>();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--show-secrets", description = "Show passwords and keys as they are.")
    private boolean showSecrets;

    @Option(names = "--verbose", description = "Show every value, and where it comes from.")
    private boolean verbose;

    /**
     * A command for a process.
     *
     * @param installedPlugins the ids of the plugins that a configuration installs
     */
    DbPlanCommand(Console console, Function<Config, List<String>> installedPlugins) {
        this.console = console;
        this.installedPlugins = installedPlugins;
    }

    @Override
    public Integer call() {
        try {
            LoadedConfig loaded = ConfigLoader.load(options.request(console));
            return show(plan(loaded.config()));
        } catch (ConfigException e) {
            return Failures.report(console, e, isJson());
        }
    }

    private DatabasePlan plan(Config config) {
        List<String> ids = plugins.isEmpty() ? installedPlugins.apply(config) : plugins;
        return new DatabaseSettingsResolver(config, console.environment(), console.workingDirectory()).resolve(ids);
    }

    private int show(DatabasePlan plan) {
        boolean failed = plan.problems().stream().anyMatch(Problem::isError);
        if (isJson()) {
            console.out().println(new PlanJson(showSecrets, verbose).of(plan).encodePrettily());
        } else {
            console.out().print(verbose ? new PlanDetails(showSecrets).of(plan) : PlanTable.of(plan));
        }
        if (failed || !isJson()) {
            Failures.report(console, plan.problems(), isJson());
        }
        return failed ? ExitCode.CONFIGURATION : ExitCode.SUCCESS;
    }

    private boolean isJson() {
        return json.isGiven();
    }
}
