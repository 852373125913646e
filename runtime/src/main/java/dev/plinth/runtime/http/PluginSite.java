package dev.plinth.runtime.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One plugin's place below {@code /api}. Thread-safe. */
final class PluginSite {

    enum Phase {
        STARTING,
        SERVING,
        UNAVAILABLE
    }

    /** What holds until the next change. The turn is shared by all that serve. */
    record Now(Phase phase, String reason, List<Mount> mounts, AtomicInteger turn) {

        /** The instance whose turn it is. */
        Mount next() {
            return mounts.size() == 1
                    ? mounts.get(0)
                    : mounts.get(Math.floorMod(turn.getAndIncrement(), mounts.size()));
        }
    }

    /** An endpoint's routes under the plugin's path. */
    record Mount(ContextInternal context, Router router) {}

    private final Vertx vertx;
    private final String id;
    private final Set<Promise<Void>> waiting = ConcurrentHashMap.newKeySet();
    private final Set<Promise<Void>> idle = ConcurrentHashMap.newKeySet();
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile Now now = state(Phase.STARTING, "", List.of());

    PluginSite(Vertx vertx, String id) {
        this.vertx = vertx;
        this.id = id;
    }

    String id() {
        return id;
    }

    Now now() {
        return now;
    }

    /** Completes the promise as soon as the plugin is not starting any more. */
    void await(Promise<Void> settled) {
        waiting.add(settled);
        wakeIfSettled();
    }

    void forget(Promise<Void> settled) {
        waiting.remove(settled);
    }

    void become(Phase phase, String reason, List<Endpoint> endpoints) {
        now = state(phase, reason, endpoints.stream().map(this::mount).toList());
        wakeIfSettled();
    }

    private void wakeIfSettled() {
        if (now.phase != Phase.STARTING) {
            waiting.forEach(Promise::tryComplete);
        }
    }

    /** Counts a request in, unless there are so many already. Each that is in must {@link #leave()}. */
    boolean enter(int max) {
        if (inFlight.incrementAndGet() > max) {
            leave();
            return false;
        }
        return true;
    }

    void leave() {
        if (inFlight.decrementAndGet() == 0) {
            idle.forEach(Promise::tryComplete);
        }
    }

    /** Completes when no request is in, on any thread. */
    Future<Void> idle() {
        Promise<Void> promise = Promise.promise();
        idle.add(promise);
        if (inFlight.get() == 0) {
            promise.tryComplete();
        }
        return promise.future().onComplete((v, failure) -> idle.remove(promise));
    }

    private static Now state(Phase phase, String reason, List<Mount> mounts) {
        return new Now(phase, reason, mounts, new AtomicInteger());
    }

    private Mount mount(Endpoint endpoint) {
        Router router = Router.router(vertx);
        router.route("/api/" + id + "/*").subRouter(endpoint.router());
        PluginErrors errors = new PluginErrors(id);
        router.route().failureHandler(errors::failed);
        router.errorHandler(404, errors::notFound);
        return new Mount((ContextInternal) endpoint.context(), router);
    }
}
