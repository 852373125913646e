package dev.plinth.runtime;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigCheck;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.settings.DatabaseSettingsResolver;
import dev.plinth.runtime.http.HttpSettings;
import dev.plinth.runtime.http.admin.AdminSettings;
import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.PluginDescriptor;
import dev.plinth.runtime.plugin.PluginSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * All that a backend needs to know, read from the configuration once.
 *
 * @param config the whole of it, for the plugins' own sections
 * @param peers other instances that may have other plugins
 * @param watchPlugins whether jars that come, change and go while it runs are noticed
 * @param plugins by plugin id
 * @param databases of every plugin, resolved
 * @param databasePlanner resolves them from another configuration
 */
public record BackendSettings(
        Config config,
        HttpSettings http,
        AdminSettings admin,
        List<PeerSettings> peers,
        boolean watchPlugins,
        Map<String, PluginSettings> plugins,
        DatabasePlan databases,
        Function<Config, DatabasePlan> databasePlanner) {

    /** Where plugins are looked for when the configuration does not say. */
    private static final String PLUGINS = "plugins";

    /**
     * Reads everything; what is wrong goes to the problems, with the default in its place.
     *
     * @param environment for PostgreSQL's own variables
     * @param workingDirectory to which relative paths relate
     */
    public static BackendSettings read(
            Config config,
            Discovery discovery,
            Map<String, String> environment,
            Path workingDirectory,
            Problems problems) {
        List<String> ids =
                discovery.plugins().stream().map(PluginDescriptor::id).toList();
        Function<Config, DatabasePlan> planner =
                any -> new DatabaseSettingsResolver(any, environment, workingDirectory).resolve(ids);
        DatabasePlan databases = planner.apply(config);
        problems.addAll(databases.problems());
        Map<String, PluginSettings> plugins = new LinkedHashMap<>();
        ids.forEach(id -> plugins.put(id, PluginSettings.read(config, id, problems)));
        PluginSettings.checksums(config, problems);
        return new BackendSettings(
                config,
                HttpSettings.read(config, problems),
                AdminSettings.read(config, problems),
                PeerSettings.read(config, problems),
                config.at("backend.watchPlugins").bool(problems).orElse(true),
                plugins,
                databases,
                planner);
    }

    /** The same, where a plugin whose own configuration is wrong is not started. */
    public BackendSettings refusing(ConfigCheck check) {
        Map<String, PluginSettings> judged = new LinkedHashMap<>();
        plugins.forEach((id, settings) -> judged.put(id, judge(settings, check.errorsOf(id))));
        return new BackendSettings(config, http, admin, peers, watchPlugins, judged, databases, databasePlanner);
    }

    /** The databases of the same plugins as another configuration has them. Reads the files that it names. */
    DatabasePlan databasesIn(Config other) {
        return databasePlanner.apply(other);
    }

    private static PluginSettings judge(PluginSettings settings, List<Problem> errors) {
        return errors.isEmpty()
                ? settings
                : settings.refusedFor(errors.stream().map(Problem::toString).collect(Collectors.joining("; ")));
    }

    /** {@code backend.pluginDirectories}, as absolute paths. */
    public static List<Path> pluginDirectories(Config config, Path workingDirectory, Problems problems) {
        Config directories = config.at("backend.pluginDirectories");
        if (!directories.isPresent()) {
            return List.of(workingDirectory.resolve(PLUGINS));
        }
        return directories.items(problems).stream()
                .flatMap(item -> item.string(problems).stream())
                .map(workingDirectory::resolve)
                .toList();
    }
}
