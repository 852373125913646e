package dev.plinth.runtime.plugin;

import dev.plinth.plugin.ConfigurationException;
import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.Plugin;
import dev.plinth.plugin.PluginConfig;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.plugin.PluginVerticle.ReservedLoopException;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One plugin's way through its states. Transitions may come from any thread; the listener is told on the host's context. */
final class HostedPlugin {

    private static final Logger LOG = LoggerFactory.getLogger(HostedPlugin.class);
    private static final int WORKERS = 10;
    private static final int VIRTUAL_THREADS_SINCE = 21;

    private final ContextInternal host;
    private final EventLoops loops;
    private final PluginDescriptor descriptor;
    private final PluginSettings settings;
    private final PluginDatabases databases;
    private final PluginDatabase database;
    private final PluginListener listener;
    private final List<HostedContext> instances = new CopyOnWriteArrayList<>();
    private final Set<Promise<Object>> starts = ConcurrentHashMap.newKeySet();
    private final AtomicLong uncaught = new AtomicLong();
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile boolean ending;
    private volatile Config section;
    private volatile PluginStatus status;
    private volatile List<Future<String>> deployments = List.of();
    private volatile Promise<Void> attempt = Promise.promise();

    HostedPlugin(
            ContextInternal host,
            EventLoops loops,
            PluginDescriptor descriptor,
            PluginSettings settings,
            Config section,
            PluginDatabases databases,
            PluginListener listener) {
        this.host = host;
        this.loops = loops;
        this.descriptor = descriptor;
        this.settings = settings;
        this.section = section;
        this.databases = databases;
        this.database = new PluginDatabase(databases, descriptor.databaseRequest());
        this.listener = listener;
        this.status = new PluginStatus(descriptor.id(), PluginState.DISCOVERED, "", "", Instant.now(), 0);
    }

    String id() {
        return descriptor.id();
    }

    PluginStatus status() {
        return status;
    }

    PluginSnapshot snapshot(Map<String, String> databaseStates) {
        return new PluginSnapshot(
                status,
                descriptor.version(),
                descriptor.source(),
                uncaught.get(),
                "",
                databaseStates.getOrDefault(id(), "none"));
    }

    PluginDescriptor descriptor() {
        return descriptor;
    }

    PluginSettings settings() {
        return settings;
    }

    PluginConfig config() {
        return new ConfigSection(section);
    }

    Dialect dialect() {
        return databases.dialect(id());
    }

    Future<DatabaseReply> openDatabase() {
        if (ending || status.state() == PluginState.FAILED) {
            // What is left of it must not bring back the pool that was taken from it.
            return Future.failedFuture(new DatabaseUnavailableException("plugin '" + id() + "': it has stopped"));
        }
        if (!status.state().isStarting()) {
            return database.open();
        }
        move(PluginState.PROVISIONING, "waiting for its database", "");
        return database.open().onSuccess(reply -> {
            if (status.state() == PluginState.PROVISIONING) {
                move(PluginState.STARTING, "", "");
            }
        });
    }

    /** Completes when the plugin serves, or has failed and is cleaned up, or is stopped meanwhile: never fails. */
    Future<PluginStatus> start() {
        attempts.incrementAndGet();
        return provision().compose(v -> deploy()).transform((ok, failure) -> {
            if (ending) {
                return Future.succeededFuture(status);
            }
            if (failure == null) {
                move(PluginState.READY, "", "");
                return Future.succeededFuture(status);
            }
            fail(failure);
            return release().map(v -> status);
        });
    }

    /** Completes when the plugin is stopped, at the latest after its limit: never fails. */
    Future<Void> stop() {
        if (status.state() == PluginState.FAILED || status.state() == PluginState.STOPPED) {
            return Future.succeededFuture();
        }
        move(PluginState.STOPPING, "", "");
        return end().onComplete((v, failure) -> move(PluginState.STOPPED, "", ""));
    }

    /** As {@link #stop()}, after what it was asked before is answered; it is asked nothing new. */
    Future<PluginStatus> stopOnDemand() {
        if (!status.state().isServing() && !status.state().isStarting()) {
            return Future.succeededFuture(status);
        }
        move(PluginState.STOPPING, "stopped by an operator", "");
        return limited(listener.idle(id(), serving())).transform(idle -> end()).map(ended -> {
            move(PluginState.STOPPED, "stopped by an operator", "");
            return status;
        });
    }

    /** Stops for another version to take this one's place; until that serves, requests wait. Never fails. */
    Future<Void> makeWay() {
        move(PluginState.STARTING, "being replaced", "");
        return limited(listener.idle(id(), serving())).transform(idle -> end());
    }

    /** Asks the plugin's health checks, if it has any and serves. */
    Future<PluginStatus> check() {
        List<Future<HealthCheck.Result>> results = instances.stream()
                .flatMap(instance -> instance.runChecks(host).stream())
                .toList();
        if (results.isEmpty() || !status.state().isServing()) {
            return Future.succeededFuture(status);
        }
        return Future.all(results).map(all -> {
            judge(results.stream().map(Future::result).toList());
            return status;
        });
    }

    void configChanged(Config newSection) {
        Object before = section.toPlain();
        section = newSection;
        if (!String.valueOf(before).equals(String.valueOf(newSection.toPlain()))) {
            instances.forEach(instance -> instance.configChanged(config()));
        }
    }

    /** For one instance: fails when the plugin is stopped meanwhile. */
    Promise<Object> newStart(ContextInternal instance) {
        Promise<Object> started = instance.promise();
        starts.add(started);
        started.future().onComplete((v, failure) -> starts.remove(started));
        if (ending) {
            started.tryFail(stopped());
        }
        return started;
    }

    /** For one instance; on expiry its start counts as failed, though the call may never return. */
    StartClock startClock(Promise<Object> started) {
        return new StartClock(host, settings.startLimit(), () -> {
            if (started.tryFail(tooLate())) {
                attempt.tryFail(tooLate());
            }
        });
    }

    boolean isReserved(Context context) {
        return loops.isReserved(context);
    }

    void started(HostedContext instance) {
        instances.add(instance);
    }

    void uncaught(Throwable failure) {
        uncaught.incrementAndGet();
        LOG.error("plugin '{}': uncaught exception", id(), failure);
    }

    private Future<?> provision() {
        if (settings.refusal().isPresent()) {
            return Future.failedFuture(new PluginException(
                    PluginException.Kind.REFUSED,
                    "its configuration is wrong",
                    settings.refusal().get()));
        }
        return descriptor.hasMigrations() ? openDatabase() : Future.succeededFuture();
    }

    private Future<Void> deploy() {
        if (settings.threading() == Threading.VIRTUAL_THREAD
                && Runtime.version().feature() < VIRTUAL_THREADS_SINCE) {
            return Future.failedFuture(noVirtualThreads());
        }
        if (ending) {
            return Future.failedFuture(stopped());
        }
        move(PluginState.STARTING, "", "");
        attempt = host.promise();
        deployments = IntStream.range(0, settings.instances())
                .mapToObj(instance -> newPlugin().compose(this::deploy))
                .toList();
        Future.join(deployments).onComplete(this::deployed);
        return attempt.future();
    }

    /** A constructor that fails is a deployment that fails, so that the others are undeployed. */
    private Future<Plugin> newPlugin() {
        return Future.future(made -> made.complete(descriptor.newInstance().get()));
    }

    private Future<String> deploy(Plugin plugin) {
        DeploymentOptions options = new DeploymentOptions()
                .setThreadingModel(settings.threading().model())
                .setClassLoader(descriptor.classLoader())
                // A plugin that blocks all of its workers takes none of another's.
                .setWorkerPoolName("plinth-plugin-" + id())
                .setWorkerPoolSize(Math.max(WORKERS, settings.instances()));
        return loops.besideReserved(() -> host.owner().deployVerticle(new PluginVerticle(this, plugin), options))
                .recover(failure ->
                        failure instanceof ReservedLoopException ? deploy(plugin) : Future.failedFuture(failure));
    }

    private void deployed(@Nullable Object all, @Nullable Throwable failure) {
        if (failure != null) {
            undeploy().onComplete((v, ignored) -> attempt.tryFail(failure));
        } else if (!attempt.tryComplete()) {
            undeploy();
        }
    }

    private Future<Void> end() {
        ending = true;
        starts.forEach(started -> started.tryFail(stopped()));
        return undeploy().transform(undeployed -> release()).mapEmpty();
    }

    private Future<?> undeploy() {
        List<Future<Void>> stops = deployments.stream()
                .map(deployment -> deployment.transform(this::undeploy))
                .toList();
        return limited(Future.join(stops))
                .onFailure(failure -> LOG.debug("plugin '{}': not stopped cleanly", id(), failure));
    }

    /** What was not deployed need not be undeployed, and what Vert.x undeployed with itself neither. */
    private Future<Void> undeploy(@Nullable String deploymentId, @Nullable Throwable failure) {
        return deploymentId == null || !host.owner().deploymentIDs().contains(deploymentId)
                ? Future.succeededFuture()
                : host.owner().undeploy(deploymentId);
    }

    private <T> Future<T> limited(Future<T> future) {
        PromiseInternal<T> promise = host.promise();
        future.onComplete(promise);
        return promise.future().timeout(settings.stopLimit().toMillis(), TimeUnit.MILLISECONDS);
    }

    private Future<?> release() {
        listener.gone(id(), serving());
        instances.clear();
        return database.release()
                .onFailure(
                        failure -> LOG.warn("plugin '{}': cannot release its database: {}", id(), failure.toString()))
                .otherwiseEmpty();
    }

    private void judge(List<HealthCheck.Result> results) {
        List<HealthCheck.Result> failed =
                results.stream().filter(result -> !result.passed()).toList();
        if (failed.isEmpty() && status.state() == PluginState.DEGRADED) {
            move(PluginState.READY, "", "");
        } else if (!failed.isEmpty() && status.state() == PluginState.READY) {
            HealthCheck.Result first = failed.get(0);
            move(PluginState.DEGRADED, "check '" + first.name() + "' fails", first.name() + ": " + first.failure());
        }
    }

    private void fail(Throwable failure) {
        String detail = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        if (failure instanceof PluginException e) {
            move(PluginState.FAILED, e.reason(), detail);
            LOG.error("plugin '{}' failed: {}", id(), detail);
        } else if (failure instanceof DatabaseUnavailableException) {
            move(PluginState.FAILED, "its database could not be prepared", detail);
            LOG.error("plugin '{}' failed: {}", id(), detail);
        } else if (failure instanceof ConfigurationException) {
            move(PluginState.FAILED, "its configuration is wrong", detail);
            LOG.error("plugin '{}' failed: {}", id(), detail);
        } else {
            move(PluginState.FAILED, "start() failed with " + failure.getClass().getSimpleName(), detail);
            LOG.error("plugin '{}' failed to start", id(), failure);
        }
    }

    private PluginException stopped() {
        return new PluginException(
                PluginException.Kind.CONFLICT, "stopped", "plugin '" + id() + "' was stopped while it was starting");
    }

    private PluginException tooLate() {
        return new PluginException(
                PluginException.Kind.FAILED,
                "start() did not finish in time",
                "start() did not finish within " + settings.startLimit().toMillis() + " ms; see backend.plugins." + id()
                        + ".startTimeout");
    }

    private PluginException noVirtualThreads() {
        return new PluginException(
                PluginException.Kind.REFUSED,
                "virtual threads need Java " + VIRTUAL_THREADS_SINCE,
                "backend.plugins." + id() + ".threading: virtual-thread needs Java " + VIRTUAL_THREADS_SINCE
                        + " or later, this is Java " + Runtime.version().feature());
    }

    private List<PluginInstance> serving() {
        return instances.stream().map(HostedContext::instance).toList();
    }

    private synchronized void move(PluginState state, String reason, String detail) {
        if (status.state() == state && status.reason().equals(reason)) {
            return;
        }
        PluginStatus next = new PluginStatus(id(), state, reason, detail, Instant.now(), attempts.get());
        status = next;
        List<PluginInstance> serving = state.isServing() ? serving() : List.of();
        host.runOnContext(v -> listener.changed(next, serving));
    }
}
