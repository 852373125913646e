package dev.plinth.runtime.config;

import java.util.Map;

/** Finds the schemas that plugins ship, without starting any plugin. */
@FunctionalInterface
public interface PluginSchemas {

    /** No plugin is installed. */
    PluginSchemas NONE = root -> Map.of();

    /** The text of each installed plugin's schema by the plugin's id; empty text for a plugin that ships none. */
    Map<String, String> find(Config root);
}
