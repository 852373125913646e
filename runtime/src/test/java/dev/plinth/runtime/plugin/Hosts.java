package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.gate.RequestLimits;
import dev.plinth.runtime.plugin.PluginRules.Admission;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hosts with the same settings for every plugin that comes. */
final class Hosts {

    private Hosts() {}

    /** Without any directory from which plugins could come. */
    static PluginHost fixed(
            Vertx vertx,
            Config config,
            List<PluginDescriptor> plugins,
            Map<String, PluginSettings> settings,
            PluginDatabases databases,
            PluginListener listener) {
        PluginLoader loader = new PluginLoader(
                Hosts.class.getClassLoader(), List.of(), Path.of(System.getProperty("java.io.tmpdir")));
        Admission admission = new Admission(config, settings);
        return new PluginHost(
                vertx,
                new Discovery(plugins, List.of(), List.of()),
                admission,
                loader,
                new Rules(admission, Map.of()),
                databases,
                listener,
                OtherInstances.NONE,
                id -> RequestLimits.DEFAULT);
    }

    /** With what is in a directory now. */
    static PluginHost of(Vertx vertx, Path directory, Rules rules, PluginDatabases databases, PluginListener listener) {
        PluginLoader loader = new PluginLoader(
                Hosts.class.getClassLoader(), List.of(directory), Path.of(System.getProperty("java.io.tmpdir")));
        return new PluginHost(
                vertx,
                loader.discover(rules.checksums()).get(),
                rules.admission(),
                loader,
                rules,
                databases,
                listener,
                OtherInstances.NONE,
                id -> RequestLimits.DEFAULT);
    }

    /** The same for every jar. */
    record Rules(Admission admission, Map<String, String> checksums) implements PluginRules {

        static Rules of(Map<String, PluginSettings> settings) {
            return new Rules(new Admission(Config.empty(), settings), Map.of());
        }

        @Override
        public Duration startLimit(Set<String> pluginIds) {
            return pluginIds.stream()
                    .map(id -> admission
                            .settings()
                            .getOrDefault(id, PluginSettings.DEFAULT)
                            .startLimit())
                    .max(Comparator.naturalOrder())
                    .orElse(PluginSettings.DEFAULT.startLimit());
        }

        @Override
        public Admission admit(Discovery jar) {
            return admission;
        }
    }
}
