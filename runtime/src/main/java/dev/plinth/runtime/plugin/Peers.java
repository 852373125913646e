package dev.plinth.runtime.plugin;

import dev.plinth.plugin.CallException;
import dev.plinth.plugin.CallException.Code;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What plugins may know of each other. Any thread. */
final class Peers {

    private final ContextInternal context;
    private final List<HostedPlugin> plugins;

    /** With the host's context and its list of all plugins. */
    Peers(ContextInternal context, List<HostedPlugin> plugins) {
        this.context = context;
        this.plugins = plugins;
    }

    /** Whether the plugin can be there: in a cluster another instance may have it. */
    boolean mayExist(String pluginId) {
        return context.owner().isClustered() || find(pluginId).isPresent();
    }

    /**
     * Waits for a plugin that is starting.
     *
     * @return whether it serves in this process, and not in another of the cluster; fails with {@link CallException} when it
     *     serves nowhere
     */
    Future<Boolean> awaitReady(String pluginId, Duration patience) {
        Optional<HostedPlugin> peer = find(pluginId);
        if (peer.isEmpty()) {
            return elsewhere(Code.UNKNOWN_PLUGIN, "there is no plugin '" + pluginId + "'");
        }
        if (peer.get().isServing()) {
            return Future.succeededFuture(true);
        }
        return Future.<PluginStatus>future(settled ->
                        context.runOnContext(v -> peer.get().settled().onComplete(settled)))
                .timeout(Math.max(1, patience.toMillis()), TimeUnit.MILLISECONDS)
                .recover(tooLate -> Future.failedFuture(
                        new CallException(Code.DEADLINE, "", "plugin '" + pluginId + "' did not become ready in time")))
                .compose(status -> status.state().isServing()
                        ? Future.succeededFuture(true)
                        : elsewhere(
                                Code.NOT_READY,
                                "plugin '" + pluginId + "' is " + status.state()
                                        + (status.reason().isEmpty() ? "" : ": " + status.reason())));
    }

    private Future<Boolean> elsewhere(Code code, String message) {
        return context.owner().isClustered()
                ? Future.succeededFuture(false)
                : Future.failedFuture(new CallException(code, "", message));
    }

    private Optional<HostedPlugin> find(String pluginId) {
        return plugins.stream()
                .filter(plugin -> plugin.id().equalsIgnoreCase(pluginId))
                .findFirst();
    }
}
