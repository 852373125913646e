package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Config;

/** A plugin as it was found, with how it is to be run. */
record PluginVersion(PluginDescriptor descriptor, PluginSettings settings, Config section) {

    String id() {
        return descriptor.id();
    }
}
