package dev.plinth.runtime;

import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.PluginLoader;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Jars that come and change while the backend runs. Thread-safe; blocks. */
public interface PluginJars {

    PluginLoader loader();

    /** The checksums that jars must have now, by plugin id in lower case. */
    Map<String, String> checksums();

    /** How long the start of these plugins may take. */
    Duration startLimit(Set<String> pluginIds);

    /** A jar has come, or is another one now: the settings of all that is installed with it. */
    BackendSettings add(Discovery jar);
}
