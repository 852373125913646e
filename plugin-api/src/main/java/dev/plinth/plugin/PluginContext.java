package dev.plinth.plugin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the runtime gives to one instance of a plugin. Belongs to that instance's context. */
public interface PluginContext {

    /** The plugin's id, as {@link Plugin#id()} says. */
    String id();

    /**
     * The Vert.x instance that all plugins share. What is deployed through it is the plugin's to undeploy; what would end or change it
     * for others is refused.
     */
    Vertx vertx();

    /** The plugin's own section of the configuration: {@code <id>:} at its root, empty when there is none. */
    PluginConfig config();

    /**
     * The plugin's own database, created on first use, with the plugin's migrations applied.
     *
     * <p>Asking again gives the same pool. The pool is the runtime's: closing it does nothing, and it stops working when
     * the plugin stops. While the database cannot be reached the future stays open, and the plugin counts as starting.
     *
     * @return fails with {@link DatabaseUnavailableException} when waiting cannot help
     */
    Future<Pool> database();

    /** The SQL dialect of {@link #database()}, for the rare text that cannot serve both. */
    Dialect dialect();

    /** Routes of this plugin; what is mounted at {@code /items} here is served at {@code /api/<id>/items}. */
    Router router();

    /**
     * Adds a check to the plugin's part of {@code /health/ready}. A failing check marks the plugin as degraded.
     *
     * @param name of the thing checked, shown with the check's failure
     * @param check runs on the plugin's context; a failed future, or none within two seconds, is a failed check
     */
    void health(String name, Supplier<Future<?>> check);

    /** Calls the listener on the plugin's context with the new section, each time that it really changed. */
    void onConfigChange(Consumer<PluginConfig> listener);

    /**
     * Calls another plugin, with the deadline that {@code backend.plugins.<id>.callTimeout} gives this one.
     *
     * @see #call(String, String, JsonObject, Duration)
     */
    default Future<JsonObject> call(String pluginId, String method, JsonObject body) {
        throw new UnsupportedOperationException("this runtime has no calls between plugins");
    }

    /**
     * Calls another plugin, in this process or in another instance of the backend. Waits for one that is starting.
     *
     * @param deadline for all of it
     * @return the answer, on this plugin's context; fails with {@link CallException}, at the latest at the deadline or when this
     *     plugin stops
     */
    default Future<JsonObject> call(String pluginId, String method, JsonObject body, Duration deadline) {
        throw new UnsupportedOperationException("this runtime has no calls between plugins");
    }

    /**
     * Answers calls of other plugins from when this plugin is ready until it stops. To be called in {@link Plugin#start}.
     *
     * @param handler runs on this plugin's context; failing with {@link CallException} tells the caller the error, all else only
     *     that this plugin failed
     */
    default void answer(String method, Function<PluginCall, Future<JsonObject>> handler) {
        throw new UnsupportedOperationException("this runtime has no calls between plugins");
    }

    /**
     * Tells all who have subscribed to the address, in all instances of the backend. Nobody learns whether it arrived.
     *
     * @param address begins with this plugin's id and a dot, or is one of those that its descriptor names
     * @throws CallException with {@link CallException.Code#REFUSED} for any other address
     */
    default void publish(String address, JsonObject event) {
        throw new UnsupportedOperationException("this runtime has no events between plugins");
    }

    /** Hears what is published to the address, on this plugin's context, until the plugin stops. */
    default void subscribe(String address, Consumer<JsonObject> listener) {
        throw new UnsupportedOperationException("this runtime has no events between plugins");
    }
}
