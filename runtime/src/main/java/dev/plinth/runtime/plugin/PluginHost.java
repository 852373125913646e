package dev.plinth.runtime.plugin;

import dev.plinth.plugin.CallException;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.PluginCalls.Call;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.gate.RequestLimits;
import dev.plinth.runtime.plugin.PluginException.Kind;
import dev.plinth.runtime.plugin.PluginRules.Admission;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts all plugins at once, knows where each stands, replaces and stops them. Thread-safe. */
public final class PluginHost implements PluginControl {

    /** Health checks are asked at most this often, however many ask for the health. */
    private static final long CHECK_INTERVAL_NANOS = 1_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);

    private final ContextInternal context;
    private final Hosting hosting;
    private final List<HostedPlugin> plugins = new CopyOnWriteArrayList<>();
    private final JarChanges jars;
    private final LoopWatch loopWatch;
    // The following are used on the context only.
    private @Nullable Future<List<PluginStatus>> lastCheck;
    private long lastCheckNanos;
    private boolean stopping;

    /**
     * @param installed as they were found, with how they are to be run
     * @param loader of jars that come later
     * @param rules for these
     * @param limits to the calls of each plugin by another one, by the called one's id
     */
    public PluginHost(
            Vertx vertx,
            Discovery installed,
            Admission admission,
            PluginLoader loader,
            PluginRules rules,
            PluginDatabases databases,
            PluginListener listener,
            OtherInstances others,
            Function<String, RequestLimits> limits) {
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        EventLoops loops = new EventLoops(context.owner());
        loops.reserve(context);
        this.hosting = new Hosting(
                context, loops, databases, listener, new Peers(context, plugins, others, limits), new AtomicLong());
        this.jars = new JarChanges(hosting, plugins, loader, rules);
        this.loopWatch = new LoopWatch(context, loops, new SharedLoops(loops, plugins, jars, databases));
        installed
                .plugins()
                .forEach(plugin -> plugins.add(new HostedPlugin(hosting, JarChanges.version(plugin, admission))));
        jars.leftOut(installed.problems());
    }

    /** Keeps plugins off the event loop of this context, as long as there are others. To be called before they start. */
    public void keepOff(Context runtimeContext) {
        hosting.loops().reserve(runtimeContext);
    }

    /**
     * Starts every enabled plugin. One that waits for its database keeps this open; {@link #states()} tells more. Starts none after
     * {@link #stop()}: a signal may come before this does.
     *
     * @return completes when each plugin serves or has failed; fails with {@link PluginException} as soon as one fails that
     *     must not, unless what it failed of may pass
     */
    public Future<List<PluginStatus>> start() {
        Promise<List<PluginStatus>> done = context.promise();
        context.runOnContext(v -> {
            if (stopping) {
                done.complete(states());
            } else {
                start(done);
            }
        });
        return done.future();
    }

    private void start(Promise<List<PluginStatus>> done) {
        loopWatch.start();
        jars.finishReadings();
        Future.join(plugins.stream()
                        .filter(HostedPlugin::isEnabled)
                        .map(plugin -> start(plugin, done))
                        .toList())
                .onComplete((all, failure) -> {
                    done.tryComplete(states());
                    jars.removeAbandonedCopies();
                });
    }

    /**
     * Waits for nothing any more that the plugins of one jar do: their code ends the process, and does not return from there.
     *
     * @param loaderName of the jar's class loader, as stack traces have it
     */
    public Future<Void> abandon(String loaderName) {
        return here(() -> {
            plugins.stream()
                    .filter(plugin -> loaderName.equals(
                            plugin.version().descriptor().classLoader().getName()))
                    .forEach(plugin -> plugin.abandon("it called System.exit()"));
            return Future.succeededFuture();
        });
    }

    /** Tells of an exception that ended a thread: as of the plugin whose code is innermost, if it is that of one. Any thread. */
    public void uncaught(Thread thread, Throwable failure) {
        context.runOnContext(v -> Arrays.stream(failure.getStackTrace())
                .map(StackTraceElement::getClassLoaderName)
                .flatMap(this::ofLoader)
                .findFirst()
                .ifPresentOrElse(
                        plugin -> plugin.uncaught(failure),
                        () -> LOG.error("uncaught exception on thread '{}'", thread.getName(), failure)));
    }

    private Stream<HostedPlugin> ofLoader(@Nullable String loaderName) {
        return plugins.stream().filter(plugin -> plugin.isLoadedBy(loaderName));
    }

    /** Stops every plugin at once, the last one first; each has its own limit. Never fails. */
    public Future<Void> stop() {
        return here(() -> {
            stopping = true;
            jars.close();
            List<HostedPlugin> reversed = new ArrayList<>(plugins);
            Collections.reverse(reversed);
            return Future.join(reversed.stream().map(HostedPlugin::stop).toList())
                    .onComplete(stopped -> loopWatch.close())
                    .eventually(jars::release)
                    .<Void>mapEmpty()
                    .otherwiseEmpty();
        });
    }

    /** Looks from now on for jars that come, change and go in the plugin directories. */
    public void watch() {
        watch(JarWatcher.INTERVAL);
    }

    void watch(Duration betweenLooks) {
        jars.watch(betweenLooks);
    }

    /** Has a plugin of this process answer one of another instance. Fails with {@link CallException} only. */
    public Future<JsonObject> call(Call call) {
        return hosting.peers().callHere(call);
    }

    /** Tells the plugins of this process what one of another instance has published. */
    public void publish(String address, JsonObject event) {
        hosting.peers().publishHere(address, event);
    }

    /** What the plugins that are enabled ask of the database side, in the versions that run now. */
    public List<DatabaseRequest> databaseRequests() {
        return plugins.stream()
                .map(plugin -> plugin.version().descriptor().databaseRequest())
                .toList();
    }

    @Override
    public Future<List<PluginStatus>> reload(String pluginId) {
        return change(pluginId, jars::reload);
    }

    @Override
    public Future<PluginStatus> restart(String pluginId) {
        return change(pluginId, plugin -> ifEnabled(plugin, enabled -> enabled.unlessItWaits(enabled.restart())))
                .onSuccess(status -> tell("restarted", status));
    }

    @Override
    public Future<PluginStatus> stop(String pluginId) {
        return change(pluginId, HostedPlugin::stopOnDemand).onSuccess(status -> tell("stopped", status));
    }

    @Override
    public Future<PluginStatus> start(String pluginId) {
        return change(
                pluginId,
                plugin -> plugin.isServing() || plugin.status().state().isStarting()
                        ? Future.succeededFuture(plugin.status())
                        : ifEnabled(plugin, enabled -> enabled.unlessItWaits(enabled.start()))
                                .onSuccess(status -> tell("started", status)));
    }

    private static void tell(String order, PluginStatus status) {
        LOG.info("plugin '{}' was {} by an operator, and is {} now", status.id(), order, status.state());
    }

    @Override
    public List<LeftOutJar> leftOut() {
        return jars.leftOut();
    }

    @Override
    public Future<List<PluginSnapshot>> plugins() {
        return check().compose(checked -> hosting.databases().states())
                .map(states ->
                        plugins.stream().map(plugin -> plugin.snapshot(states)).toList());
    }

    /** Where each plugin stands, in the order in which they were found. */
    public List<PluginStatus> states() {
        return plugins.stream().map(HostedPlugin::status).toList();
    }

    /** As {@link #states()}, after asking the plugins' health checks, whose answers are shared for a second. */
    public Future<List<PluginStatus>> check() {
        return here(() -> {
            if (lastCheck == null || System.nanoTime() - lastCheckNanos > CHECK_INTERVAL_NANOS) {
                lastCheckNanos = System.nanoTime();
                lastCheck = Future.join(
                                plugins.stream().map(HostedPlugin::check).toList())
                        .map(all -> states());
            }
            return lastCheck.map(all -> states());
        });
    }

    /** Tells each plugin whose section changed. */
    public void configChanged(Config config) {
        context.runOnContext(v -> plugins.forEach(plugin -> plugin.configChanged(config.child(plugin.id()))));
    }

    private Future<PluginStatus> start(HostedPlugin plugin, Promise<List<PluginStatus>> done) {
        return plugin.start().onSuccess(status -> {
            if (plugin.isGivenUp() && plugin.version().settings().abortOnFailure()) {
                done.tryFail(new PluginException(
                        Kind.FAILED,
                        status.reason(),
                        "plugin '" + plugin.id() + "' failed, and onPluginBootFailure is abort: " + status.detail()));
            }
        });
    }

    private <T> Future<T> change(String pluginId, Function<HostedPlugin, Future<T>> how) {
        return here(() -> find(pluginId)
                .map(plugin -> jars.instead(
                        plugin.version().descriptor().source(),
                        () -> find(pluginId).map(how).orElseGet(() -> unknown(pluginId))))
                .orElseGet(() -> unknown(pluginId)));
    }

    private <T> Future<T> here(Supplier<Future<T>> what) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(v -> what.get().onComplete(promise));
        return promise.future();
    }

    private Optional<HostedPlugin> find(String pluginId) {
        return plugins.stream()
                .filter(plugin -> plugin.id().equalsIgnoreCase(pluginId))
                .findFirst();
    }

    private static Future<PluginStatus> ifEnabled(
            HostedPlugin plugin, Function<HostedPlugin, Future<PluginStatus>> how) {
        return plugin.isEnabled()
                ? how.apply(plugin)
                : Future.failedFuture(new PluginException(
                        Kind.CONFLICT,
                        "disabled",
                        "plugin '" + plugin.id() + "' is disabled by backend.plugins." + plugin.id()
                                + ".enabled; change it and restart the process"));
    }

    private static <T> Future<T> unknown(String pluginId) {
        return Future.failedFuture(
                new PluginException(Kind.UNKNOWN, "unknown", "there is no plugin '" + pluginId + "'"));
    }
}
