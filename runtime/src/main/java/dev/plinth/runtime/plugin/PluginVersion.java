package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.plugin.LoopWatch.Offender;

/** A plugin as it was found, with how it is to be run. */
record PluginVersion(PluginDescriptor descriptor, PluginSettings settings, Config section) {

    String id() {
        return descriptor.id();
    }

    /** Whether it is the code of this very version, not of another one of the plugin. */
    boolean isOf(Offender offender) {
        return id().equals(offender.id()) && descriptor.isLoadedBy(offender.loader());
    }
}
