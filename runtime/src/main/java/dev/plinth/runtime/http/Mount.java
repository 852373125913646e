package dev.plinth.runtime.http;

import dev.plinth.runtime.gate.PluginGate;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.internal.ContextInternal;
import io.vertx.ext.web.Router;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One instance's routes under the plugin's path, and the requests that are in it. Thread-safe. */
final class Mount {

    private final ContextInternal context;
    private final Router router;
    private final Handover handover;
    private final Set<Visit> visits = ConcurrentHashMap.newKeySet();
    private final Set<Promise<Void>> idle = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String gone;

    Mount(ContextInternal context, Router router) {
        this.context = context;
        this.router = router;
        this.handover = new Handover(context);
    }

    ContextInternal context() {
        return context;
    }

    /** On its context. HEAD is answered by the routes for GET, unless the plugin has one for HEAD there. */
    void handle(PluginRequest request) {
        if (request.method().equals(HttpMethod.HEAD) && !HeadRoutes.take(request.path(), router)) {
            request.asGet();
        }
        router.handle(request);
    }

    Handover handover() {
        return handover;
    }

    /** The visit must {@link Visit#leave}. */
    Visit visit(Exchange exchange, PluginGate gate) {
        Visit visit = new Visit(exchange, gate, this);
        visits.add(visit);
        String reason = gone;
        if (reason != null) {
            // It went while the request was on its way here.
            visit.abandon(reason, true);
        }
        return visit;
    }

    void left(Visit visit) {
        visits.remove(visit);
        if (visits.isEmpty()) {
            idle.forEach(Promise::tryComplete);
        }
    }

    /** Completes when no request is in, on any thread. */
    Future<Void> idle() {
        Promise<Void> promise = Promise.promise();
        idle.add(promise);
        if (visits.isEmpty()) {
            promise.tryComplete();
        }
        return promise.future().onComplete((v, failure) -> idle.remove(promise));
    }

    /** Answers what is in and not begun to be answered. */
    void abandon(String reason) {
        visits.forEach(visit -> visit.abandon(reason, false));
    }

    /** It serves no more: what is in, or still comes in, is answered in its place or broken off. */
    void close(String reason) {
        gone = reason;
        visits.forEach(visit -> visit.abandon(reason, true));
    }
}
