package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts all plugins at once, knows where each stands, and stops them. Thread-safe. */
public final class PluginHost {

    /** Health checks are asked at most this often, however many ask for the health. */
    private static final long CHECK_INTERVAL_NANOS = 1_000_000_000L;

    private final ContextInternal context;
    private final List<HostedPlugin> plugins;
    private final List<PluginStatus> disabled;
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
        List<HostedPlugin> enabled = new ArrayList<>();
        List<PluginStatus> left = new ArrayList<>();
        for (PluginDescriptor plugin : found) {
            PluginSettings own = settings.getOrDefault(plugin.id(), PluginSettings.DEFAULT);
            if (own.enabled()) {
                Config section = config.child(plugin.id());
                enabled.add(new HostedPlugin(context, plugin, own, section, databases, listener));
            } else {
                left.add(new PluginStatus(plugin.id(), PluginState.STOPPED, "disabled", "", Instant.now()));
            }
        }
        this.plugins = List.copyOf(enabled);
        this.disabled = List.copyOf(left);
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

    /** Where each plugin stands, in the order in which they were found; the disabled ones last. */
    public List<PluginStatus> states() {
        return Stream.concat(plugins.stream().map(HostedPlugin::status), disabled.stream())
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
    public void configChanged(Config config) {
        plugins.forEach(plugin -> plugin.configChanged(config.child(plugin.id())));
    }

    private static void abortIfNeeded(HostedPlugin plugin, PluginStatus status, Promise<List<PluginStatus>> done) {
        if (status.state() == PluginState.FAILED && plugin.settings().abortOnFailure()) {
            done.tryFail(new PluginException(
                    status.reason(),
                    "plugin '" + plugin.id() + "' failed, and onPluginBootFailure is abort: " + status.detail()));
        }
    }
}
