package dev.plinth.runtime.plugin;

import java.util.List;

/**
 * All that is known of one plugin.
 *
 * @param version as its descriptor or its jar's manifest says; may be empty
 * @param source the jar or directory it comes from
 * @param uncaught exceptions that its code let through to its event loop or workers, since it was found
 * @param reloadFailure why the newest version of its jar does not run; empty when it does
 * @param checks its own, as they came out last; empty when it does not serve
 * @param database {@code up}, {@code preparing}, {@code down} with the reason, or {@code none}
 */
public record PluginSnapshot(
        PluginStatus status,
        String version,
        String source,
        long uncaught,
        String reloadFailure,
        List<CheckOutcome> checks,
        String database) {

    public PluginSnapshot {
        checks = List.copyOf(checks);
    }
}
