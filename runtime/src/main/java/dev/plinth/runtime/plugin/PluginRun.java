package dev.plinth.runtime.plugin;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.PluginConfig;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.config.Config;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of one version of a plugin: its database is opened, its instances are deployed, and in the end undeployed. A plugin that
 * is replaced has two for a while. Begun and ended on the host's context; what its instances call comes from any thread.
 */
final class PluginRun {

    /** Why a plugin does not start while one that it calls is not installed. */
    static final String LACKS_PEER = "a plugin that it calls is not installed";

    private static final Logger LOG = LoggerFactory.getLogger(PluginRun.class);
    private static final int WORKERS = 10;
    /** For an event loop to come to a plugin that is to start on it; one that is blocked never does. */
    private static final long ARRIVAL_MILLIS = 3_000;

    /** What can be taken back from a blocked event loop is taken back in no time. */
    private static final long RELEASE_OF_STUCK_MILLIS = 500;

    private static final int VIRTUAL_THREADS_SINCE = 21;

    private final Hosting hosting;
    private final PluginVersion version;
    private final Set<EventExecutor> avoided;
    private final RunListener listener;
    private final PluginDatabase database;
    private final PluginVertx vertx;
    private final PromiseInternal<Void> started;
    private final List<HostedContext> instances = new CopyOnWriteArrayList<>();
    private final Set<Promise<Object>> starts = ConcurrentHashMap.newKeySet();
    private final Set<PluginVerticle> starting = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;
    private volatile boolean serving;
    private volatile boolean migrating;
    private boolean leftBehind;
    private volatile Config section;
    private List<Future<String>> deployments = List.of();
    private volatile Promise<Void> attempt = Promise.promise();

    /** @param avoided event loops on which it starts only where there is no other */
    PluginRun(Hosting hosting, PluginVersion version, Set<EventExecutor> avoided, RunListener listener) {
        this.hosting = hosting;
        this.version = version;
        this.avoided = avoided;
        this.listener = listener;
        this.section = version.section();
        this.started = hosting.context().promise();
        this.vertx = new PluginVertx(version.id(), hosting.context().owner());
        this.database = new PluginDatabase(
                hosting.databases(),
                version.descriptor().databaseRequest(hosting.runs().incrementAndGet(), this::progress));
    }

    /** Hears of one run, on the host's context. */
    interface RunListener {

        /** It comes to another step on its way to serve. */
        void proceeds(PluginRun run, PluginState step, String reason);

        /** Its code let an exception through. */
        void uncaught(Throwable failure);
    }

    String id() {
        return version.id();
    }

    PluginVersion version() {
        return version;
    }

    PluginConfig config() {
        return new ConfigSection(section);
    }

    Hosting hosting() {
        return hosting;
    }

    PluginVertx vertx() {
        return vertx;
    }

    Dialect dialect() {
        return hosting.databases().dialect(id());
    }

    /** Those that are up. */
    List<PluginInstance> instances() {
        return instances.stream().map(HostedContext::instance).toList();
    }

    /** Those that are up, and whose event loop goes on. */
    List<PluginInstance> movingInstances() {
        return instances().stream()
                .filter(instance -> !hosting.loops().isBlocked(instance.context()))
                .toList();
    }

    List<PluginInstance> instancesOn(EventExecutor loop) {
        return instances().stream()
                .filter(instance -> isOn(loop, (ContextInternal) instance.context()))
                .toList();
    }

    /** Those that its instances are on. */
    Set<EventExecutor> loops() {
        return instances().stream()
                .map(PluginInstance::context)
                .filter(Context::isEventLoopContext)
                .map(context -> ((ContextInternal) context).nettyEventLoop())
                .collect(Collectors.toSet());
    }

    /** What its instances on blocked event loops hold of the database is for those that serve in their place. */
    void recallConnections() {
        loops().stream().filter(hosting.loops()::isBlocked).forEach(database::recall);
    }

    /** Completes on the host's context when all instances are up; fails with what keeps one from it. What is up then stays so. */
    Future<Void> start() {
        provision().compose(v -> deploy()).onComplete(v -> started.tryComplete(), started::tryFail);
        return started.future().onSuccess(v -> serving = true);
    }

    /** Answers calls of other plugins from now on. Completes on the host's context. */
    Future<Void> open() {
        PromiseInternal<Void> open = hosting.context().promise();
        Future.join(instances.stream()
                        .map(instance -> instance.conversation().open())
                        .toList())
                .<Void>mapEmpty()
                .onComplete(open);
        return open.future();
    }

    /**
     * Completes on the host's context when nothing is left of it but what is on an event loop that was given up, at the latest after
     * the plugin's limit: never fails.
     */
    Future<Void> end() {
        return end(context -> false);
    }

    /** As {@link #end()}, but waits for nothing that is on a blocked event loop: that stops when its loop goes on. */
    Future<Void> leave() {
        return end(context -> hosting.loops().isBlocked(context));
    }

    private Future<Void> end(Predicate<Context> isLeftBehind) {
        ending = true;
        starts.forEach(start -> start.tryFail(stopped()));
        starting.forEach(verticle -> verticle.leaveOnceGivenUp(hosting.loops()));
        instances.forEach(PluginRun::endConversation);
        return undeploy(isLeftBehind).transform(undeployed -> release()).mapEmpty();
    }

    /** Nothing that it does is waited for any more. */
    void leaveBehind() {
        leftBehind = true;
    }

    /**
     * Those of its instances that are starting on this loop, which somebody else blocks, start anew on another one.
     *
     * @return whether there are any
     */
    boolean startElsewhere(EventExecutor loop) {
        List<PluginVerticle> left = starting.stream()
                .filter(verticle -> isOn(loop, verticle.place()))
                .filter(verticle -> verticle.leave(stopped()))
                .toList();
        if (!left.isEmpty()) {
            database.recall(loop);
        }
        return !left.isEmpty();
    }

    private static boolean isOn(EventExecutor loop, @Nullable ContextInternal context) {
        return context != null && context.isEventLoopContext() && context.nettyEventLoop() == loop;
    }

    private static void endConversation(HostedContext instance) {
        instance.conversation().close();
        instance.conversation().end();
    }

    /** Its start fails; to be ended then. */
    void giveUp() {
        started.tryFail(new PluginException(
                PluginException.Kind.CONFLICT,
                "given up",
                "its database cannot be reached, and something else was to be done with the plugin"));
    }

    /** Whether it is on its way to serve, and its database cannot be reached yet. */
    boolean waitsForDatabase() {
        return !serving && !migrating && database.isAwaited();
    }

    /** Whether another run may do better than this one, which failed to start. */
    boolean mayPass(Throwable failure) {
        return Failures.mayPass(failure) || (database.isOpen() && failure instanceof DatabaseUnavailableException);
    }

    /**
     * Completes when what its instances were asked is answered, at the latest after the plugin's limit: never fails. Those on a
     * blocked event loop answer nothing any more.
     */
    Future<Void> idle() {
        List<Future<?>> answered = new ArrayList<>();
        for (HostedContext instance : instances) {
            Future<?> closed = instance.conversation().close();
            if (!isStuck(instance)) {
                answered.add(closed);
            }
        }
        answered.add(hosting.listener().idle(id(), movingInstances()));
        return limited(Future.join(answered)).<Void>mapEmpty().otherwiseEmpty();
    }

    List<Future<CheckOutcome>> runChecks() {
        return instances.stream()
                .flatMap(instance -> instance.runChecks(hosting.context()).stream())
                .toList();
    }

    void configChanged(Config newSection) {
        Object before = section.toPlain();
        section = newSection;
        if (!String.valueOf(before).equals(String.valueOf(newSection.toPlain()))) {
            instances.forEach(instance -> instance.configChanged(config()));
        }
    }

    /** For its instances, on any thread. */
    Future<DatabaseReply> openDatabase() {
        if (ending) {
            // What is left of it must not bring back the pool that was taken from it.
            return Future.failedFuture(new DatabaseUnavailableException("plugin '" + id() + "': it has stopped"));
        }
        if (!version.descriptor().needs().database()) {
            return Future.failedFuture(new DatabaseUnavailableException("plugin '" + id() + "': " + JarDescriptor.FILE
                    + " asks for no database; set plugins." + id() + ".permissions.database to true"));
        }
        if (serving) {
            return database.open();
        }
        proceed(PluginState.PROVISIONING, "waiting for its database");
        return database.open().onSuccess(reply -> proceed(PluginState.STARTING, ""));
    }

    /** For one instance; fails when the plugin is stopped meanwhile. */
    Promise<Object> newStart(ContextInternal instance) {
        Promise<Object> start = instance.promise();
        starts.add(start);
        start.future().onComplete((v, failure) -> starts.remove(start));
        if (ending) {
            start.tryFail(stopped());
        }
        return start;
    }

    /** For one instance; on expiry its start counts as failed, though the call may never return. */
    StartClock startClock(Promise<Object> started) {
        return new StartClock(hosting.context(), version.settings().startLimit(), () -> {
            if (started.tryFail(tooLate())) {
                attempt.tryFail(tooLate());
            }
        });
    }

    boolean mayStartOn(Context context) {
        return hosting.loops().isForPlugins(context, avoided);
    }

    void started(HostedContext instance) {
        instances.add(instance);
    }

    /** Of one whose start is over when nobody waits for it any more. */
    void startedInVain(HostedContext instance, Future<?> stop) {
        instances.remove(instance);
        endConversation(instance);
        stop.onFailure(this::notStopped);
    }

    void uncaught(Throwable failure) {
        hosting.context().runOnContext(v -> listener.uncaught(failure));
    }

    private void progress(DatabaseRequest.Phase phase) {
        if (!serving) {
            migrating = phase == DatabaseRequest.Phase.MIGRATING;
            proceed(
                    migrating ? PluginState.MIGRATING : PluginState.PROVISIONING,
                    migrating ? "its database is being migrated" : "waiting for its database");
        }
    }

    private void proceed(PluginState step, String reason) {
        if (hosting.context().isRunningOnContext()) {
            tell(step, reason);
        } else {
            hosting.context().runOnContext(v -> tell(step, reason));
        }
    }

    private void tell(PluginState step, String reason) {
        if (!ending && !serving) {
            listener.proceeds(this, step, reason);
        }
    }

    private Future<?> provision() {
        if (version.settings().refusal().isPresent()) {
            return Future.failedFuture(new PluginException(
                    PluginException.Kind.REFUSED,
                    "its configuration is wrong",
                    version.settings().refusal().get()));
        }
        Optional<String> peer = version.descriptor().needs().calls().stream()
                .filter(id -> !hosting.peers().mayExist(id))
                .findFirst();
        if (peer.isPresent()) {
            return Future.failedFuture(new PluginException(
                    PluginException.Kind.REFUSED,
                    LACKS_PEER,
                    "it calls plugin '" + peer.get()
                            + "', which is not installed; put its jar into a plugin directory, or name an instance"
                            + " that has it in backend.peers"));
        }
        return version.descriptor().hasMigrations() ? openDatabase() : Future.succeededFuture();
    }

    private Future<Void> deploy() {
        PluginSettings settings = version.settings();
        if (settings.threading() == Threading.VIRTUAL_THREAD
                && Runtime.version().feature() < VIRTUAL_THREADS_SINCE) {
            return Future.failedFuture(noVirtualThreads());
        }
        if (ending) {
            return Future.failedFuture(stopped());
        }
        proceed(PluginState.STARTING, "");
        attempt = hosting.context().promise();
        deployments = IntStream.range(0, settings.instances())
                .mapToObj(instance -> deployInstance())
                .toList();
        Future.join(deployments).onComplete(this::deployed);
        return attempt.future();
    }

    private Future<String> deployInstance() {
        if (ending) {
            return Future.failedFuture(stopped());
        }
        PluginVerticle verticle = new PluginVerticle(this);
        Future<String> deployment = hosting.loops()
                .besideReserved(avoided, () -> hosting.context().owner().deployVerticle(verticle, options()))
                .onFailure(verticle::neverBegins);
        long patience = hosting.context().setTimer(ARRIVAL_MILLIS, timer -> verticle.giveUp());
        starting.add(verticle);
        return verticle.begins()
                .onComplete(known -> hosting.context().owner().cancelTimer(patience))
                .compose(begins -> begins ? verticle.stays(deployment) : Future.succeededFuture(false))
                .onComplete(known -> starting.remove(verticle))
                // Vert.x deals the loops out in turn: the next try gets another one.
                .compose(stays -> stays ? deployment : deployInstance());
    }

    private DeploymentOptions options() {
        return new DeploymentOptions()
                .setThreadingModel(version.settings().threading().model())
                .setClassLoader(version.descriptor().classLoader())
                // A plugin that blocks all of its workers takes none of another's.
                .setWorkerPoolName("plinth-plugin-" + id() + "-" + database.run())
                .setWorkerPoolSize(Math.max(WORKERS, version.settings().instances()));
    }

    private void deployed(@Nullable Object all, @Nullable Throwable failure) {
        if (failure != null) {
            undeploy(context -> false).onComplete((v, ignored) -> attempt.tryFail(failure));
        } else if (!attempt.tryComplete()) {
            undeploy(context -> false);
        }
    }

    private Future<?> undeploy(Predicate<Context> isLeftBehind) {
        List<Future<Void>> stops = deployments.stream()
                .map(deployment -> deployment.transform(
                        (deploymentId, notDeployed) -> stopped(deploymentId, undeploy(deploymentId), isLeftBehind)))
                .toList();
        // One that never comes back from its start is not deployed yet.
        return leftBehind
                ? Future.succeededFuture()
                : limited(Future.join(stops)).onFailure(this::notStopped);
    }

    private void notStopped(Throwable failure) {
        if (failure instanceof TimeoutException) {
            LOG.warn(
                    "plugin '{}' is left behind: it did not stop within {} ms; see backend.plugins.{}.stopTimeout",
                    id(),
                    version.settings().stopLimit().toMillis(),
                    id());
        } else {
            LOG.warn("plugin '{}': stop() failed", id(), failure);
        }
    }

    private Future<Void> stopped(
            @Nullable String deploymentId, Future<Void> undeployed, Predicate<Context> isLeftBehind) {
        return instances.stream()
                .filter(instance -> instance.deploymentId().equals(deploymentId))
                .map(instance -> instance.instance().context())
                .findFirst()
                .map(context -> leftBehind || isLeftBehind.test(context)
                        ? Future.<Void>succeededFuture()
                        : hosting.loops().unlessGivenUp(context, undeployed))
                .orElse(undeployed);
    }

    private boolean isStuck(HostedContext instance) {
        return hosting.loops().isBlocked(instance.instance().context());
    }

    /** What was not deployed need not be undeployed, and what Vert.x undeployed with itself neither. */
    private Future<Void> undeploy(@Nullable String deploymentId) {
        return deploymentId == null
                        || !hosting.context().owner().deploymentIDs().contains(deploymentId)
                ? Future.succeededFuture()
                : hosting.context().owner().undeploy(deploymentId);
    }

    private <T> Future<T> limited(Future<T> future) {
        PromiseInternal<T> promise = hosting.context().promise();
        future.onComplete(promise);
        return promise.future().timeout(version.settings().stopLimit().toMillis(), TimeUnit.MILLISECONDS);
    }

    private Future<?> release() {
        boolean stuck = instances.stream().anyMatch(this::isStuck);
        hosting.listener().gone(id(), instances());
        instances.clear();
        vertx.end();
        PromiseInternal<Object> released = hosting.context().promise();
        database.release()
                .onFailure(
                        failure -> LOG.warn("plugin '{}': cannot release its database: {}", id(), failure.toString()))
                .<Object>mapEmpty()
                .otherwiseEmpty()
                .onComplete(released);
        // Its connections may be on the blocked loop too: they are of no use to it any more, and come back when that
        // goes on.
        return stuck
                ? released.future()
                        .timeout(RELEASE_OF_STUCK_MILLIS, TimeUnit.MILLISECONDS)
                        .otherwiseEmpty()
                : released.future();
    }

    private PluginException stopped() {
        return new PluginException(
                PluginException.Kind.CONFLICT, "stopped", "plugin '" + id() + "' was stopped while it was starting");
    }

    private PluginException tooLate() {
        return new PluginException(
                PluginException.Kind.FAILED,
                "start() did not finish in time",
                "start() did not finish within "
                        + version.settings().startLimit().toMillis() + " ms; see backend.plugins." + id()
                        + ".startTimeout");
    }

    private PluginException noVirtualThreads() {
        return new PluginException(
                PluginException.Kind.REFUSED,
                "virtual threads need Java " + VIRTUAL_THREADS_SINCE,
                "backend.plugins." + id() + ".threading: virtual-thread needs Java " + VIRTUAL_THREADS_SINCE
                        + " or later, this is Java " + Runtime.version().feature());
    }
}
