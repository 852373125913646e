package dev.plinth.plugin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.sqlclient.Pool;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What the runtime gives to one instance of a plugin. Belongs to that instance's context. */
public interface PluginContext {

    /** The plugin's id, as {@link Plugin#id()} says. */
    String id();

    /** The Vert.x instance that all plugins share. What is deployed through it is the plugin's to undeploy. */
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
}
