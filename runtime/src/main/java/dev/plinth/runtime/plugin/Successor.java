package dev.plinth.runtime.plugin;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** A plugin and the version that is to take over. Used on the host's context. */
final class Successor {

    private final HostedPlugin plugin;
    private final PluginVersion version;
    private @Nullable Future<PluginRun> prepared;

    Successor(HostedPlugin plugin, PluginVersion version) {
        this.plugin = plugin;
        this.version = version;
    }

    HostedPlugin plugin() {
        return plugin;
    }

    /** A plugin that does not serve has nothing to lose: its new version need not serve before it takes over. */
    Future<?> prepare() {
        if (!plugin.isServing() || !version.settings().enabled()) {
            return Future.succeededFuture();
        }
        prepared = plugin.prepare(version);
        return prepared;
    }

    boolean failed() {
        return prepared != null && prepared.failed();
    }

    Future<?> adopt() {
        if (prepared != null) {
            return plugin.adopt(prepared.result());
        }
        return plugin.take(version);
    }

    Future<?> giveUp() {
        return prepared != null && prepared.succeeded() ? prepared.result().end() : Future.succeededFuture();
    }
}
