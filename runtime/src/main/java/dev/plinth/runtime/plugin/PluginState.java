package dev.plinth.runtime.plugin;

import java.util.Locale;

/** Where a plugin stands in its life. */
public enum PluginState {
    DISCOVERED,
    /** Its database is being reached or created. */
    PROVISIONING,
    MIGRATING,
    STARTING,
    READY,
    /** Serving, though one of its health checks fails. */
    DEGRADED,
    FAILED,
    STOPPING,
    STOPPED;

    /** Whether it is on its way to serve, so that a request may wait for it. */
    public boolean isStarting() {
        return this == DISCOVERED || this == PROVISIONING || this == MIGRATING || this == STARTING;
    }

    /** Whether requests reach it. */
    public boolean isServing() {
        return this == READY || this == DEGRADED;
    }

    /** The name in documents and on pages. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
