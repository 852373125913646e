package dev.plinth.runtime.cli;

import dev.plinth.runtime.BackendSettings;
import dev.plinth.runtime.PluginJars;
import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.PluginLoader;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** The plugin jars of this process. */
record InstalledJars(PluginLoader loader, Installation installation) implements PluginJars {

    @Override
    public Map<String, String> checksums() {
        return installation.checksums();
    }

    @Override
    public Duration startLimit(Set<String> pluginIds) {
        return installation.startLimit(pluginIds);
    }

    @Override
    public BackendSettings add(Discovery jar) {
        return installation.add(jar).settings();
    }
}
