package dev.plinth.runtime.http;

import dev.plinth.runtime.gate.PluginGate;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

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

    private final String id;
    private final String path;
    private final Set<Promise<Void>> waiting = ConcurrentHashMap.newKeySet();
    private final PluginGate gate = new PluginGate();
    private final Map<Context, Mount> mounts = new ConcurrentHashMap<>();
    private volatile Now now = state(Phase.STARTING, "", List.of());

    PluginSite(String id) {
        this.id = id;
        this.path = "/api/" + id;
    }

    String id() {
        return id;
    }

    /** Where its routes begin. */
    String path() {
        return path;
    }

    PluginGate gate() {
        return gate;
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

    /** Completes when no request is in the instances on these contexts, on any thread. */
    Future<?> idle(List<Context> contexts) {
        return Future.join(mounted(contexts).map(Mount::idle).toList());
    }

    /** Answers in place of the instances on these contexts. */
    void abandon(List<Context> contexts, String reason) {
        mounted(contexts).forEach(mount -> mount.abandon(reason));
    }

    /** Forgets the instances on these contexts; what is still in them is answered in their place. */
    void unmount(List<Context> contexts, String reason) {
        mounted(contexts).forEach(mount -> mount.close(reason));
        contexts.forEach(mounts::remove);
    }

    private Stream<Mount> mounted(List<Context> contexts) {
        return contexts.stream().flatMap(context -> Stream.ofNullable(mounts.get(context)));
    }

    private static Now state(Phase phase, String reason, List<Mount> mounts) {
        return new Now(phase, reason, mounts, new AtomicInteger());
    }

    /** One that serves again has the same requests in it. */
    private Mount mount(Endpoint endpoint) {
        return mounts.computeIfAbsent(
                endpoint.context(), context -> new Mount((ContextInternal) context, routes(endpoint)));
    }

    private Router routes(Endpoint endpoint) {
        Router router = Router.router(endpoint.vertx());
        router.route(path + "/*").setName(PluginRequest.NO_ROUTE).subRouter(endpoint.router());
        PluginErrors errors = new PluginErrors(id);
        router.route().failureHandler(errors::failed);
        router.errorHandler(404, errors::notFound);
        return router;
    }
}
