package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Config;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts all plugins at once, knows where each stands, replaces and stops them. Thread-safe. */
public final class PluginHost implements PluginControl {

    private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);

    /** Health checks are asked at most this often, however many ask for the health. */
    private static final long CHECK_INTERVAL_NANOS = 1_000_000_000L;

    private final ContextInternal context;
    private final EventLoops loops;
    private final Map<String, PluginSettings> settings;
    private final PluginDatabases databases;
    private final PluginListener listener;
    private final List<HostedPlugin> plugins;
    private final List<PluginSnapshot> disabled;
    private volatile Config config;
    private Future<?> lastChange = Future.succeededFuture();
    private @Nullable Future<List<PluginStatus>> lastCheck;
    private long lastCheckNanos;

    /**
     * @param config the whole configuration, for the plugins' sections
     * @param settings by plugin id; a plugin without any gets the defaults
     */
    public PluginHost(
            Vertx vertx,
            Config config,
            List<PluginDescriptor> found,
            Map<String, PluginSettings> settings,
            PluginDatabases databases,
            PluginListener listener) {
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        this.loops = new EventLoops(context.owner());
        loops.reserve(context);
        this.config = config;
        this.settings = Map.copyOf(settings);
        this.databases = databases;
        this.listener = listener;
        this.plugins = new CopyOnWriteArrayList<>(
                found.stream().filter(this::isEnabled).map(this::hosted).toList());
        this.disabled = found.stream()
                .filter(plugin -> !isEnabled(plugin))
                .map(PluginHost::disabled)
                .toList();
    }

    /** Keeps plugins off the event loop of this context, as long as there are others. To be called before they start. */
    public void keepOff(Context runtimeContext) {
        loops.reserve(runtimeContext);
    }

    /**
     * Starts every enabled plugin. One that waits for its database keeps this open; {@link #states()} tells more.
     *
     * @return completes when each plugin serves or has failed; fails with {@link PluginException} as soon as one fails that
     *     must not
     */
    public Future<List<PluginStatus>> start() {
        Promise<List<PluginStatus>> done = context.promise();
        List<Future<PluginStatus>> starts = plugins.stream()
                .map(plugin -> plugin.start().onSuccess(status -> abortIfNeeded(plugin, status, done)))
                .toList();
        Future.join(starts).onComplete((all, failure) -> done.tryComplete(states()));
        return done.future();
    }

    /** Stops every plugin at once, the last one first; each has its own limit. Never fails. */
    public Future<Void> stop() {
        List<HostedPlugin> reversed = new ArrayList<>(plugins);
        Collections.reverse(reversed);
        return Future.join(reversed.stream().map(HostedPlugin::stop).toList()).mapEmpty();
    }

    @Override
    public Future<List<PluginStatus>> reload(String pluginId) {
        return change(pluginId, this::replace);
    }

    @Override
    public Future<PluginStatus> restart(String pluginId) {
        return change(pluginId, plugin -> plugin.makeWay().compose(v -> again(plugin)));
    }

    @Override
    public Future<PluginStatus> stop(String pluginId) {
        return change(pluginId, HostedPlugin::stopOnDemand);
    }

    @Override
    public Future<PluginStatus> start(String pluginId) {
        return change(
                pluginId,
                plugin -> plugin.status().state().isServing()
                                || plugin.status().state().isStarting()
                        ? Future.succeededFuture(plugin.status())
                        : again(plugin));
    }

    @Override
    public Future<List<PluginSnapshot>> plugins() {
        return databases.states().map(states -> Stream.concat(
                        plugins.stream().map(plugin -> plugin.snapshot(states)), disabled.stream())
                .toList());
    }

    /** One after the other: two at a time could take the same plugin apart. */
    private synchronized <T> Future<T> change(String pluginId, Function<HostedPlugin, Future<T>> how) {
        Future<T> change =
                lastChange.transform(before -> find(pluginId).map(how).orElseGet(() -> unknown(pluginId)));
        lastChange = change;
        return change;
    }

    /** The same version, from its beginning. */
    private Future<PluginStatus> again(HostedPlugin old) {
        HostedPlugin next = hosted(old.descriptor());
        plugins.replaceAll(plugin -> plugin == old ? next : plugin);
        return next.start();
    }

    /** Where each plugin stands, in the order in which they were found; the disabled ones last. */
    public List<PluginStatus> states() {
        return Stream.concat(
                        plugins.stream().map(HostedPlugin::status),
                        disabled.stream().map(PluginSnapshot::status))
                .toList();
    }

    /** As {@link #states()}, after asking the plugins' health checks, whose answers are shared for a second. */
    public synchronized Future<List<PluginStatus>> check() {
        if (lastCheck == null || System.nanoTime() - lastCheckNanos > CHECK_INTERVAL_NANOS) {
            lastCheckNanos = System.nanoTime();
            lastCheck = Future.join(plugins.stream().map(HostedPlugin::check).toList())
                    .map(all -> states());
        }
        return lastCheck.map(all -> states());
    }

    /** Tells each plugin whose section changed. */
    public void configChanged(Config newConfig) {
        config = newConfig;
        plugins.forEach(plugin -> plugin.configChanged(newConfig.child(plugin.id())));
    }

    private Future<List<PluginStatus>> replace(HostedPlugin plugin) {
        if (!plugin.descriptor().isReplaceable()) {
            return Future.failedFuture(new PluginException(
                    PluginException.Kind.CONFLICT,
                    "not replaceable",
                    "plugin '" + plugin.id() + "' is on the class path; restart the process to replace it"));
        }
        String source = plugin.descriptor().source();
        ClassLoader runtime = getClass().getClassLoader();
        return context.executeBlocking(() -> Discovery.ofJar(runtime, Path.of(source)))
                .compose(found -> replace(source, found));
    }

    private Future<List<PluginStatus>> replace(String source, Discovery found) {
        Optional<String> objection = objectionTo(source, found);
        if (objection.isPresent()) {
            found.plugins().forEach(PluginDescriptor::close);
            return Future.failedFuture(
                    new PluginException(PluginException.Kind.REFUSED, "cannot be loaded", objection.get()));
        }
        List<HostedPlugin> old = plugins.stream()
                .filter(plugin -> plugin.descriptor().source().equals(source))
                .toList();
        return Future.join(old.stream().map(HostedPlugin::makeWay).toList())
                .compose(v -> startInPlaceOf(old, found.plugins()))
                .compose(started -> settle(old, started));
    }

    private Optional<String> objectionTo(String source, Discovery found) {
        if (!found.errors().isEmpty()) {
            return Optional.of(found.errors());
        }
        if (found.plugins().isEmpty()) {
            return Optional.of(source + " holds no plugin any more");
        }
        return found.plugins().stream()
                .flatMap(plugin -> find(plugin.id()).stream())
                .filter(taken -> !taken.descriptor().source().equals(source))
                .map(taken -> source + ": plugin '" + taken.id() + "' is in "
                        + taken.descriptor().source() + " already")
                .findFirst();
    }

    private Future<List<HostedPlugin>> startInPlaceOf(List<HostedPlugin> old, List<PluginDescriptor> found) {
        List<HostedPlugin> next =
                found.stream().filter(this::isEnabled).map(this::hosted).toList();
        plugins.removeAll(old);
        plugins.addAll(next);
        return Future.join(next.stream().map(HostedPlugin::start).toList()).map(all -> next);
    }

    /** Keeps the new ones when all of them serve, else goes back to the old ones. */
    private Future<List<PluginStatus>> settle(List<HostedPlugin> old, List<HostedPlugin> next) {
        Optional<PluginStatus> failed = next.stream()
                .map(HostedPlugin::status)
                .filter(status -> status.state() == PluginState.FAILED)
                .findFirst();
        if (failed.isEmpty()) {
            old.forEach(plugin -> plugin.descriptor().close());
            List<PluginStatus> states = next.stream().map(HostedPlugin::status).toList();
            LOG.info("replaced {}", states.stream().map(PluginStatus::id).toList());
            return Future.succeededFuture(states);
        }
        PluginException failure = new PluginException(
                PluginException.Kind.FAILED,
                "new version failed",
                "plugin '" + failed.get().id() + "': the new version failed, the old one serves again: "
                        + failed.get().detail());
        LOG.error("{}", failure.getMessage());
        return Future.join(next.stream().map(HostedPlugin::makeWay).toList())
                .compose(v -> startInPlaceOf(
                        next, old.stream().map(HostedPlugin::descriptor).toList()))
                .compose(again -> {
                    next.forEach(plugin -> plugin.descriptor().close());
                    return Future.failedFuture(failure);
                });
    }

    private Optional<HostedPlugin> find(String pluginId) {
        return plugins.stream()
                .filter(plugin -> plugin.id().equalsIgnoreCase(pluginId))
                .findFirst();
    }

    private static <T> Future<T> unknown(String pluginId) {
        return Future.failedFuture(
                new PluginException(PluginException.Kind.UNKNOWN, "unknown", "there is no plugin '" + pluginId + "'"));
    }

    private HostedPlugin hosted(PluginDescriptor plugin) {
        return new HostedPlugin(
                context, loops, plugin, settingsOf(plugin), config.child(plugin.id()), databases, listener);
    }

    private static PluginSnapshot disabled(PluginDescriptor plugin) {
        PluginStatus status = new PluginStatus(plugin.id(), PluginState.STOPPED, "disabled", "", Instant.now(), 0);
        return new PluginSnapshot(status, plugin.version(), plugin.source(), 0, "", "none");
    }

    private boolean isEnabled(PluginDescriptor plugin) {
        return settingsOf(plugin).enabled();
    }

    private PluginSettings settingsOf(PluginDescriptor plugin) {
        return settings.getOrDefault(plugin.id(), PluginSettings.DEFAULT);
    }

    private static void abortIfNeeded(HostedPlugin plugin, PluginStatus status, Promise<List<PluginStatus>> done) {
        if (status.state() == PluginState.FAILED && plugin.settings().abortOnFailure()) {
            done.tryFail(new PluginException(
                    PluginException.Kind.FAILED,
                    status.reason(),
                    "plugin '" + plugin.id() + "' failed, and onPluginBootFailure is abort: " + status.detail()));
        }
    }
}
