package dev.plinth.runtime.plugin;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import io.vertx.core.Future;

/** The plugin host's view of the databases. */
public interface PluginDatabases {

    /** Stays open while the database cannot be reached; fails when waiting cannot help. */
    Future<DatabaseReply> open(DatabaseRequest request);

    /** Takes a stopped plugin's pool back. */
    Future<?> release(String pluginId);

    /** What the configuration says that the plugin's database speaks. */
    Dialect dialect(String pluginId);
}
