package dev.plinth.runtime.plugin;

import java.util.List;

/** Is told where plugins stand. Called in order, on the host's context; must not block. */
public interface PluginListener {

    /**
     * A plugin came into another state.
     *
     * @param instances that serve it from now on; none unless the state is a serving one
     */
    void changed(PluginStatus status, List<PluginInstance> instances);
}
