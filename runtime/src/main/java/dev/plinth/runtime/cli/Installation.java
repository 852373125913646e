package dev.plinth.runtime.cli;

import dev.plinth.runtime.BackendSettings;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigCheck;
import dev.plinth.runtime.config.ConfigSchema;
import dev.plinth.runtime.config.ConfigWatcher;
import dev.plinth.runtime.config.LoadedConfig;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.PluginDescriptor;
import dev.plinth.runtime.plugin.PluginSettings;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which plugins are installed, and what the configuration says about them now; both change while the backend runs. Thread-safe. */
final class Installation {

    private static final Logger LOG = LoggerFactory.getLogger(Installation.class);

    private final Console console;
    private Supplier<LoadedConfig> configuration;
    private Consumer<ConfigSchema> schemaListener = schema -> {};
    private Discovery discovery;

    Installation(Console console, LoadedConfig loaded, Discovery discovery) {
        this.console = console;
        this.configuration = () -> loaded;
        this.discovery = discovery.withoutCode();
    }

    /** From now on the configuration is what the watcher read last, and the watcher knows what plugins say about theirs. */
    synchronized void follow(ConfigWatcher watcher) {
        configuration = watcher::current;
        schemaListener = watcher::use;
    }

    /**
     * The settings of all that is installed, and what is wrong with them.
     *
     * @param settings where a plugin whose own configuration is wrong is not started
     */
    record Judgement(BackendSettings settings, ConfigSchema schema, ConfigCheck check) {}

    /** A jar has come, or is another one now. */
    synchronized Judgement add(Discovery jar) {
        discovery = discovery.with(jar.withoutCode());
        Judgement now = judge();
        schemaListener.accept(now.schema());
        Set<String> ids = jar.plugins().stream().map(PluginDescriptor::id).collect(Collectors.toSet());
        ids.forEach(id -> now.check().errorsOf(id).forEach(problem -> LOG.error("plugin '{}': {}", id, problem)));
        return now;
    }

    /** What jars must be like. */
    synchronized Map<String, String> checksums() {
        return PluginSettings.checksums(configuration.get().config(), new Problems());
    }

    /** The longest of these plugins, whether they are installed or not. */
    synchronized Duration startLimit(Set<String> pluginIds) {
        return pluginIds.stream()
                .map(id -> PluginSettings.read(configuration.get().config(), id, new Problems())
                        .startLimit())
                .max(Comparator.naturalOrder())
                .orElse(PluginSettings.DEFAULT.startLimit());
    }

    /** Another configuration, with what the plugins say that holds where it says nothing. */
    synchronized Config withDefaults(Config config) {
        return schema().withDefaults(config);
    }

    /** Of the runtime and of all that is installed. */
    synchronized ConfigSchema schema() {
        return ConfigSchema.runtime().withPlugins(discovery.configSchemas(), new Problems());
    }

    synchronized Judgement judge() {
        Problems problems = new Problems();
        ConfigSchema schema = ConfigSchema.runtime().withPlugins(discovery.configSchemas(), problems);
        LoadedConfig loaded = configuration.get();
        Config config = schema.withDefaults(loaded.config());
        BackendSettings settings =
                BackendSettings.read(config, discovery, console.environment(), console.workingDirectory(), problems);
        List<Problem> found = problems.list();
        ConfigCheck check = ConfigCheck.of(loaded.withSchema(schema), schema, List.of(root -> found));
        return new Judgement(settings.refusing(check), schema, check);
    }
}
