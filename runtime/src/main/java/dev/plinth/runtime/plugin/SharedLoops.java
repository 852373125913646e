package dev.plinth.runtime.plugin;

import dev.plinth.runtime.plugin.LoopWatch.Offender;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Keeps the plugins on a blocked event loop from waiting for the one that blocks it. Used on the host's context. */
final class SharedLoops implements LoopWatch.Victims {

    private final EventLoops loops;
    private final List<HostedPlugin> plugins;
    private final JarChanges changes;
    private final PluginDatabases databases;

    /** With the list of all plugins, and with what takes turns in changing them. */
    SharedLoops(EventLoops loops, List<HostedPlugin> plugins, JarChanges changes, PluginDatabases databases) {
        this.databases = databases;
        this.loops = loops;
        this.plugins = plugins;
        this.changes = changes;
    }

    /** One that is on the loop goes before the others of its jar. */
    @Override
    public Optional<Offender> owner(EventExecutor loop, String loaderName) {
        return Stream.concat(on(loop), plugins.stream())
                .filter(plugin -> plugin.isLoadedBy(loaderName))
                .map(plugin -> new Offender(plugin.id(), "plugin '" + plugin.id() + "'", loaderName))
                .findFirst()
                .or(() -> PluginClassLoader.jarOf(loaderName)
                        .map(jar -> new Offender("", "what is left of " + jar, loaderName)));
    }

    @Override
    public void blocked(EventExecutor loop, Offender offender, String where) {
        loops.block(loop);
        on(loop).forEach(plugin -> plugin.blocked(loop, reason(plugin, offender), where));
    }

    private static String reason(HostedPlugin plugin, Offender offender) {
        if (plugin.version().isOf(offender)) {
            return "it blocks its event loop";
        }
        if (plugin.id().equals(offender.id())) {
            return "its new version blocks the event loop that it is on";
        }
        return offender.name().isEmpty()
                ? "the event loop that it is on is blocked"
                : offender.name() + " blocks the event loop that it is on";
    }

    @Override
    public void hopeless(EventExecutor loop, Offender offender) {
        loops.giveUp(loop);
        databases.blocked(loop);
        on(loop).filter(HostedPlugin::servesElsewhere).forEach(HostedPlugin::recallConnections);
        if (!offender.equals(Offender.UNKNOWN)) {
            plugins.forEach(plugin -> plugin.startElsewhere(loop, offender));
        }
        on(loop).filter(plugin -> !plugin.version().isOf(offender))
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
