package dev.plinth.runtime.plugin;

import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Keeps the plugins on a blocked event loop from waiting for the one that blocks it. Used on the host's context. */
final class SharedLoops implements LoopWatch.Victims {

    private final EventLoops loops;
    private final List<HostedPlugin> plugins;
    private final JarChanges changes;

    /** With the list of all plugins, and with what takes turns in changing them. */
    SharedLoops(EventLoops loops, List<HostedPlugin> plugins, JarChanges changes) {
        this.loops = loops;
        this.plugins = plugins;
        this.changes = changes;
    }

    @Override
    public Optional<String> ownerOn(EventExecutor loop, String loaderName) {
        return on(loop).filter(plugin -> plugin.version().descriptor().isReplaceable())
                .filter(plugin -> loaderName.equals(
                        plugin.version().descriptor().classLoader().getName()))
                .map(HostedPlugin::id)
                .findFirst();
    }

    @Override
    public void blocked(EventExecutor loop, String offender, String where) {
        loops.block(loop);
        on(loop).forEach(plugin -> plugin.blocked(
                loop,
                plugin.id().equals(offender)
                        ? "it blocks its event loop"
                        : "plugin '" + offender + "' blocks the event loop that it is on",
                where));
    }

    @Override
    public void hopeless(EventExecutor loop, String offender) {
        on(loop).filter(plugin -> !plugin.id().equals(offender))
                .filter(HostedPlugin::isServing)
                .toList()
                .forEach(plugin -> changes.inTurn(plugin.version().descriptor().source(), plugin::moveAway));
    }

    @Override
    public void free(EventExecutor loop) {
        loops.unblock(loop);
        on(loop).forEach(HostedPlugin::unblocked);
    }

    private Stream<HostedPlugin> on(EventExecutor loop) {
        return plugins.stream().filter(plugin -> plugin.isOn(loop));
    }
}
