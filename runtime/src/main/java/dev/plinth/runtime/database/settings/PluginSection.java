package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;

/**
 * What {@code backend.database} says of one plugin: its own part over the part that all share.
 *
 * @param shared {@code backend.database}
 * @param own {@code backend.database.plugin.<id>}, with or without a value
 * @param inherits whether the shared connection is meant for this plugin: it is not when the plugin names another client
 */
record PluginSection(Config shared, Config own, boolean inherits) {

    String pluginId() {
        return own.name();
    }

    /** The same of another plugin. */
    PluginSection of(Config other) {
        return new PluginSection(shared, other, inherits);
    }

    /** A key that may stand in both parts. */
    Layered setting(String name) {
        return Layered.of(own.child(name), shared.child(name));
    }
}
