package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.logging.LogScope;
import dev.plinth.runtime.plugin.LoopWatch.Offender;
import dev.plinth.runtime.plugin.PluginRun.RunListener;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One plugin's way through its states, over all of its versions and runs. Used on the host's context, where its futures complete
 * too; only what is read comes from any thread.
 */
final class HostedPlugin implements RunListener {

    private static final Logger LOG = LoggerFactory.getLogger(HostedPlugin.class);
    private static final long NO_TIMER = -1;
    /** Of those who asked for a start; a database that is there is reached sooner. */
    private static final Duration DATABASE_PATIENCE = Duration.ofSeconds(5);

    private static final String BY_OPERATOR = "stopped by an operator";

    private final Hosting hosting;
    private volatile PluginVersion version;
    private volatile PluginStatus status;
    private volatile long uncaught;
    private volatile String reloadFailure = "";
    private volatile List<CheckOutcome> checks = List.of();
    private final List<Promise<PluginStatus>> settled = new ArrayList<>();
    private @Nullable PluginRun run;
    /** Another run, which is to take over from that one. */
    private @Nullable PluginRun candidate;

    private int attempts;
    private long retryTimer = NO_TIMER;
    /** Of the last attempt that failed; empty before the first. */
    private String toldFailure = "";

    HostedPlugin(Hosting hosting, PluginVersion version) {
        this.hosting = hosting;
        this.version = version;
        boolean enabled = version.settings().enabled();
        this.status = status(enabled ? PluginState.DISCOVERED : PluginState.STOPPED, enabled ? "" : "disabled", "");
    }

    String id() {
        return version.id();
    }

    PluginVersion version() {
        return version;
    }

    PluginStatus status() {
        return status;
    }

    boolean isEnabled() {
        return version.settings().enabled();
    }

    boolean isServing() {
        return status.state().isServing();
    }

    /** Whether it has failed, and is not going to be tried again. */
    boolean isGivenUp() {
        return status.state() == PluginState.FAILED && retryTimer == NO_TIMER;
    }

    boolean isStopped() {
        return status.state() == PluginState.STOPPED || status.state() == PluginState.STOPPING;
    }

    PluginSnapshot snapshot(Map<String, String> databaseStates) {
        return new PluginSnapshot(
                status,
                version.descriptor().version(),
                version.descriptor().source(),
                uncaught,
                reloadFailure,
                isServing() ? checks : List.of(),
                databaseStates.getOrDefault(id(), "none"));
    }

    /** Completes when the plugin serves, or has failed and is cleaned up, or is stopped meanwhile: never fails. */
    Future<PluginStatus> start() {
        attempts = 0;
        return attempt();
    }

    /** Stops, after what it was asked is answered, and stays so. Never fails. */
    Future<PluginStatus> stopOnDemand() {
        return stop(BY_OPERATOR, true);
    }

    /** Stops because the whole backend does. Never fails. */
    Future<PluginStatus> stop() {
        return stop("", false);
    }

    /** Stops and starts again; requests wait meanwhile. Never fails. */
    Future<PluginStatus> restart() {
        return makeWay().compose(v -> start());
    }

    /**
     * Starts another version beside the one that serves; where only one may be at a time, in its place.
     *
     * @return fails when it does not start, and then nothing is left of it
     */
    Future<PluginRun> prepare(PluginVersion next) {
        // Its start may block the event loop that it is on, and this one is to go on serving meanwhile.
        Set<EventExecutor> ownLoops = run == null ? Set.of() : run.loops();
        PluginRun prepared = new PluginRun(hosting, next, ownLoops, this);
        candidate = prepared;
        recallConnections();
        return (isAlone(next) ? makeWay() : Future.<Void>succeededFuture())
                .compose(v -> prepared.start())
                .compose(v -> prepared.open())
                .transform((v, failure) -> failure == null
                        ? Future.succeededFuture(prepared)
                        : prepared.end().compose(ended -> Future.failedFuture(failure)))
                .onComplete(done -> candidate = null);
    }

    /** Something else is to be done with it: a version that is to take over, but waits for its database, is given up. */
    void interrupt() {
        if (candidate != null && candidate.waitsForDatabase()) {
            candidate.giveUp();
        }
    }

    /** Completes with what this does, or while its database is away; it goes on by itself when that is back. */
    Future<PluginStatus> unlessItWaits(Future<PluginStatus> starting) {
        Promise<PluginStatus> told = hosting.context().promise();
        long timer = hosting.context().setPeriodic(DATABASE_PATIENCE.toMillis(), tick -> {
            if (run != null && run.waitsForDatabase()) {
                told.tryComplete(status);
            }
        });
        starting.onComplete(told::tryComplete, told::tryFail);
        return told.future().onComplete(done -> hosting.context().owner().cancelTimer(timer));
    }

    /**
     * Lets the candidate serve.
     *
     * @return completes when nothing is left of what served before, once it has answered what it was asked
     */
    Future<Void> adopt(PluginRun candidate) {
        PluginRun before = run;
        version = candidate.version();
        reloadFailure = "";
        attempts = 1;
        cancelRetry();
        run = candidate;
        serve(PluginState.READY, "", "");
        return before == null ? Future.succeededFuture() : before.idle().compose(idle -> before.end());
    }

    /**
     * Takes another version; one that an operator stopped stays so, all others are started, without waiting for them.
     *
     * @return completes when nothing is left of what ran before
     */
    Future<?> take(PluginVersion next) {
        boolean leave = isStopped();
        cancelRetry();
        version = next;
        reloadFailure = "";
        PluginRun before = run;
        run = null;
        Future<Void> ended = before == null ? Future.succeededFuture() : before.end();
        return ended.onComplete(done -> {
            if (!next.settings().enabled()) {
                move(PluginState.STOPPED, "disabled", "");
            } else if (!leave) {
                start();
            }
        });
    }

    /** The newest version of its jar is not the one that serves. One that had to make way serves again. */
    Future<PluginStatus> keep(String failure) {
        reloadFailure = failure;
        return run == null && status.state() == PluginState.STARTING ? start() : Future.succeededFuture(status);
    }

    /** Completes when it is not on its way to serve any more, or at once. */
    Future<PluginStatus> settled() {
        if (!status.state().isStarting()) {
            return Future.succeededFuture(status);
        }
        Promise<PluginStatus> promise = hosting.context().promise();
        settled.add(promise);
        return promise.future();
    }

    /** Whether it failed because a plugin is not installed that it calls. */
    boolean lacksPeer() {
        return status.state() == PluginState.FAILED && status.reason().equals(PluginRun.LACKS_PEER);
    }

    /** Whether the class loader of this name is the one of its own jar, or of what is to take over. */
    boolean isLoadedBy(@Nullable String loaderName) {
        return version.descriptor().isLoadedBy(loaderName)
                || (candidate != null && candidate.version().descriptor().isLoadedBy(loaderName));
    }

    boolean isOn(EventExecutor loop) {
        return run != null && !run.instancesOn(loop).isEmpty();
    }

    /** Its instances on this loop make no progress: others serve in their place, or else its requests are refused. */
    void blocked(EventExecutor loop, String reason, String detail) {
        if (run != null && isServing()) {
            serve(PluginState.DEGRADED, reason, detail);
            hosting.listener().abandoned(id(), run.instancesOn(loop), reason);
        }
    }

    /** Its code does not return any more: its requests are refused, and nobody waits for it. */
    void abandon(String reason) {
        if (run != null) {
            hosting.listener().abandoned(id(), run.instances(), reason);
            run.leaveBehind();
        }
    }

    /** A loop that it is on goes on. */
    void unblocked() {
        if (run != null && isServing()) {
            boolean free = run.movingInstances().size() == run.instances().size();
            serve(
                    free ? PluginState.READY : PluginState.DEGRADED,
                    free ? "" : status.reason(),
                    free ? "" : status.detail());
        }
    }

    /** Whether some of its instances are on event loops that go on. */
    boolean servesElsewhere() {
        return run != null && isServing() && !run.movingInstances().isEmpty();
    }

    /** As far as it is just starting on this loop, which other code blocks, it starts anew on another one. */
    void startElsewhere(EventExecutor loop, Offender offender) {
        boolean starts = startElsewhere(run, loop, offender);
        boolean takesOver = startElsewhere(candidate, loop, offender);
        if (starts || takesOver) {
            LOG.warn(
                    "plugin '{}' starts anew on another event loop, as {} blocks the one that it was starting on",
                    id(),
                    id().equals(offender.id()) ? "its other version" : offender.name());
        }
    }

    private static boolean startElsewhere(@Nullable PluginRun started, EventExecutor loop, Offender offender) {
        return started != null && !started.version().isOf(offender) && started.startElsewhere(loop);
    }

    /** What it holds of its database on a blocked loop is taken back: others of its own are waiting for it. */
    void recallConnections() {
        if (run != null) {
            run.recallConnections();
        }
    }

    /** Serves on with new instances, on event loops that are not blocked. Never fails. */
    Future<PluginStatus> moveAway() {
        if (run == null || run.movingInstances().size() == run.instances().size()) {
            return Future.succeededFuture(status);
        }
        LOG.warn("plugin '{}' moves to another event loop", id());
        return prepare(version)
                .onSuccess(this::adopt)
                .onFailure(failure ->
                        LOG.error("plugin '{}' cannot move to another event loop: {}", id(), Failures.detail(failure)))
                .transform((moved, failure) -> Future.succeededFuture(status));
    }

    /** Asks the plugin's health checks, if it has any and serves. */
    Future<PluginStatus> check() {
        List<Future<CheckOutcome>> results = run == null || !isServing() ? List.of() : run.runChecks();
        return Future.all(results).map(all -> {
            checks = ofAllInstances(results.stream().map(Future::result).toList());
            judge(checks);
            return status;
        });
    }

    /** One for each name: it passes where it passes in each instance. */
    private static List<CheckOutcome> ofAllInstances(List<CheckOutcome> results) {
        Map<String, CheckOutcome> byName = new LinkedHashMap<>();
        results.forEach(result -> byName.merge(result.name(), result, (first, next) -> first.passed() ? next : first));
        return List.copyOf(byName.values());
    }

    void configChanged(Config section) {
        version = new PluginVersion(version.descriptor(), version.settings(), section);
        if (run != null) {
            run.configChanged(section);
        }
    }

    @Override
    public void proceeds(PluginRun which, PluginState step, String reason) {
        if (which == run) {
            move(step, reason, "");
        }
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // written on the host's context alone
    public void uncaught(Throwable failure) {
        uncaught++;
        asItsOwn(() -> LOG.error("plugin '{}': uncaught exception", id(), failure));
    }

    /** What it causes without end counts against its own limit of lines, or it would hide what is told of others. */
    private void asItsOwn(Runnable logging) {
        ContextInternal context = hosting.context().duplicate();
        LogScope.of(id()).enter(context);
        context.dispatch(logging);
    }

    private Future<PluginStatus> attempt() {
        retryTimer = NO_TIMER;
        attempts++;
        PluginRun next = new PluginRun(hosting, version, Set.of(), this);
        run = next;
        return next.start()
                .compose(v -> next.open())
                .transform((v, failure) -> run != next
                        ? Future.succeededFuture(status)
                        : failure == null ? served() : failed(next, failure));
    }

    private Future<PluginStatus> served() {
        if (attempts > 1) {
            LOG.info("plugin '{}' serves, after {} attempts that failed", id(), attempts - 1);
        }
        move(PluginState.READY, "", "");
        return Future.succeededFuture(status);
    }

    private Future<PluginStatus> failed(PluginRun failed, Throwable failure) {
        boolean again = failed.mayPass(failure);
        Duration wait = Backoff.after(attempts);
        move(PluginState.FAILED, Failures.reason(failure), Failures.detail(failure));
        if (isWorthTelling(failure)) {
            log(failure, again ? "; attempt " + attempts + ", the next one in " + wait.toSeconds() + " s" : "");
        }
        run = null;
        return failed.end().map(ended -> {
            if (again && status.state() == PluginState.FAILED && run == null) {
                retryTimer = hosting.context().setTimer(wait.toMillis(), timer -> attempt());
            }
            return status;
        });
    }

    /** The same again is told ever more rarely: as long as nobody sees to it, each attempt ends so. */
    private boolean isWorthTelling(Throwable failure) {
        String detail = Failures.detail(failure);
        boolean isNew = !detail.equals(toldFailure);
        toldFailure = detail;
        return isNew || Integer.bitCount(attempts) == 1;
    }

    private void log(Throwable failure, String next) {
        if (Failures.isPlain(failure)) {
            LOG.error("plugin '{}' failed: {}{}", id(), Failures.detailWithout(id(), failure), next);
        } else {
            LOG.error("plugin '{}' failed to start{}", id(), next, failure);
        }
    }

    private Future<PluginStatus> stop(String reason, boolean gently) {
        cancelRetry();
        PluginRun last = run;
        run = null;
        if (last == null) {
            // What failed stays on show when the whole backend stops.
            if (gently || status.state() != PluginState.FAILED) {
                moveUnlessStopped(reason);
            }
            return Future.succeededFuture(status);
        }
        move(PluginState.STOPPING, reason, "");
        return (gently ? last.idle() : Future.<Void>succeededFuture())
                .compose(idle -> last.end())
                .map(ended -> {
                    if (status.state() == PluginState.STOPPING) {
                        move(PluginState.STOPPED, reason, "");
                    }
                    return status;
                });
    }

    private void moveUnlessStopped(String reason) {
        if (!isStopped()) {
            move(PluginState.STOPPED, reason, "");
        }
    }

    /** Until something serves in its place, requests wait. */
    private Future<Void> makeWay() {
        cancelRetry();
        move(PluginState.STARTING, "being replaced", "");
        PluginRun before = run;
        run = null;
        return before == null ? Future.succeededFuture() : before.idle().compose(idle -> before.leave());
    }

    private boolean isAlone(PluginVersion next) {
        return version.descriptor().isAlone() || next.descriptor().isAlone();
    }

    private void cancelRetry() {
        if (retryTimer != NO_TIMER) {
            hosting.context().owner().cancelTimer(retryTimer);
            retryTimer = NO_TIMER;
        }
    }

    private void judge(List<CheckOutcome> results) {
        if (run != null && run.movingInstances().size() < run.instances().size()) {
            return;
        }
        List<CheckOutcome> failed =
                results.stream().filter(result -> !result.passed()).toList();
        if (failed.isEmpty() && status.state() == PluginState.DEGRADED) {
            move(PluginState.READY, "", "");
        } else if (!failed.isEmpty()) {
            move(
                    PluginState.DEGRADED,
                    failed.stream()
                            .map(check -> "check '" + check.name() + "' fails")
                            .collect(Collectors.joining(", ")),
                    failed.stream()
                            .map(check -> check.name() + ": " + check.failure())
                            .collect(Collectors.joining("; ")));
        }
    }

    private void move(PluginState state, String reason, String detail) {
        if (status.state() != state || !status.reason().equals(reason)) {
            serve(state, reason, detail);
        } else if (!status.detail().equals(detail)) {
            // It stays as it is, for another cause: as when a disk that could not be read is full now.
            status = status.withDetail(detail);
        }
    }

    /** The one place where it comes into another state. */
    private void serve(PluginState state, String reason, String detail) {
        status = status(state, reason, detail);
        hosting.listener().changed(status, state.isServing() && run != null ? run.movingInstances() : List.of());
        if (!state.isStarting()) {
            settled.forEach(promise -> promise.complete(status));
            settled.clear();
        }
    }

    private PluginStatus status(PluginState state, String reason, String detail) {
        return new PluginStatus(version.id(), state, reason, detail, Instant.now(), attempts);
    }
}
