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

    /** Completes when nothing that the plugin was asked before is still at work; it gets nothing new meanwhile. */
    default Future<?> idle(String pluginId) {
        return Future.succeededFuture();
    }
}
