package dev.plinth.runtime.plugin;

import io.vertx.core.Future;
import java.util.List;

/** Is told where plugins stand. Called in order, on the host's context; must not block. */
public interface PluginListener {

    /**
     * A plugin came into another state.
     *
     * @param instances that serve it from now on; none unless the state is a serving one
     */
    void changed(PluginStatus status, List<PluginInstance> instances);

    /** Completes when nothing that these instances were asked before is still at work. */
    default Future<?> idle(String pluginId, List<PluginInstance> instances) {
        return Future.succeededFuture();
    }

    /**
     * These instances cannot answer now, and perhaps never: who waits for them is to be told so.
     *
     * @param reason in words that anybody may read
     */
    default void abandoned(String pluginId, List<PluginInstance> instances, String reason) {}

    /** These instances have stopped: nothing of them is to be kept. */
    default void gone(String pluginId, List<PluginInstance> instances) {}

    /** The plugin is not installed any more. */
    default void removed(String pluginId) {}
}
