package dev.plinth.runtime.plugin;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Future;
import java.util.Map;

/** The plugin host's view of the databases. */
public interface PluginDatabases {

    /** Stays open while the database cannot be reached; fails when waiting cannot help. */
    Future<DatabaseReply> open(DatabaseRequest request);

    /** Takes the pool of a plugin's run back, which has ended. */
    Future<?> release(String pluginId, long run);

    /** Takes back what a plugin's run holds on an event loop that is blocked, before what is asked for after this. */
    default void recall(String pluginId, long run, EventExecutor loop) {}

    /** An event loop is blocked, and will not go on soon. */
    default void blocked(EventExecutor loop) {}

    /** How the plugins' databases are, in a word or two, by plugin id; only of plugins that have one. Never fails. */
    default Future<Map<String, String>> states() {
        return Future.succeededFuture(Map.of());
    }

    /** What the configuration says that the plugin's database speaks. */
    Dialect dialect(String pluginId);
}
