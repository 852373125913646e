package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Config;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** What the configuration says about plugins, those included that come while the backend runs. Blocks. */
public interface PluginRules {

    /** The checksums that jars must have, by plugin id in lower case. */
    Map<String, String> checksums();

    /** How long the start of these plugins may take, which need not be installed yet; also the code that is run before it. */
    Duration startLimit(Set<String> pluginIds);

    /** A jar has come, or is another one now: what holds for its plugins. */
    Admission admit(Discovery jar);

    /**
     * How the plugins of a jar are to be run.
     *
     * @param config the whole configuration, for the plugins' sections
     * @param settings by plugin id; a plugin without any gets the defaults
     */
    record Admission(Config config, Map<String, PluginSettings> settings) {}
}
