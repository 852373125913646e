package dev.plinth.plugin;

import io.vertx.core.Future;

/**
 * A part of the backend with routes and a database of its own.
 *
 * <p>The runtime finds plugins through {@link java.util.ServiceLoader}: name the class in
 * {@code META-INF/services/dev.plinth.plugin.Plugin}. It needs a public constructor without arguments. With
 * {@code backend.plugins.<id>.instances: n} there are n objects, each on a context of its own.
 */
public interface Plugin {

    /**
     * The name by which configuration, routes and database refer to this plugin: a letter first, then letters and digits,
     * with single {@code -} or {@code _} between them. {@code backend}, {@code config}, {@code app} and {@code plinth} are
     * taken.
     */
    String id();

    /**
     * Called once per instance, on the plugin's own context, before its first request.
     *
     * @return completes when the plugin is ready to serve; until then its requests wait
     * @throws Exception counts as a failed future: the plugin is reported as failed, the others go on
     */
    Future<?> start(PluginContext context) throws Exception;

    /** Called once per instance, on the plugin's own context, after its last request and before its pool closes. */
    default Future<?> stop() {
        return Future.succeededFuture();
    }
}
