package dev.plinth.runtime.http;

import dev.plinth.runtime.gate.RequestLimits;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.RFC3986;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Finds the plugin that a request is for, waits for it if it is just starting, and hands the request to one of its instances. */
final class PluginRoutes {

    private static final String PREFIX = "/api/";
    private static final String RETRY_SECONDS = "5";
    private static final String BUSY_RETRY_SECONDS = "1";
    /** Those who wait hold a connection each; beyond these many, waiting helps nobody. */
    private static final int MAX_WAITING = 1_000;

    private final HttpSettings settings;
    private final PluginSites sites;
    private final Traffic traffic;
    private final Answers answers;
    private int waiting;

    PluginRoutes(HttpSettings settings, PluginSites sites, Traffic traffic, Answers answers) {
        this.settings = settings;
        this.sites = sites;
        this.traffic = traffic;
        this.answers = answers;
    }

    /** On the connection's event loop. Whether the path is below {@code /api}, so that this request is taken care of. */
    boolean handle(Exchange arrived) {
        String path = plainPath(arrived.request().path());
        if (!path.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
            return false;
        }
        int slash = path.indexOf('/', PREFIX.length());
        int end = slash < 0 ? path.length() : slash;
        String id = path.substring(PREFIX.length(), end);
        Optional<PluginSite> site = sites.find(id);
        if (site.isEmpty()) {
            refuse(arrived, 404, "there is no plugin '" + Printable.of(id) + "'");
            return true;
        }
        arrived.isFor(site.get());
        route(arrived, site.get(), pathFor(site.get().id(), path, end));
        return true;
    }

    /** The plugin sees its own spelling, whatever the caller's, and its root always as a slash. */
    private static String pathFor(String pluginId, String path, int end) {
        if (end == path.length()) {
            return PREFIX + pluginId + "/";
        }
        return path.startsWith(pluginId, PREFIX.length()) && path.startsWith(PREFIX)
                ? path
                : PREFIX + pluginId + path.substring(end);
    }

    /** Without dots, double slashes or escaped letters, behind which another plugin's path could hide. */
    private static String plainPath(String path) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            return "/";
        }
        return path.indexOf('%') < 0 && !path.contains("/.") && !path.contains("//") ? path : normalized(path);
    }

    private static String normalized(String path) {
        try {
            return RFC3986.normalizePath(path);
        } catch (IllegalArgumentException malformed) {
            return "/";
        }
    }

    private void route(Exchange exchange, PluginSite site, String path) {
        HttpServerRequest request = exchange.request();
        if (contentLength(request) > settings.limits().maxBodyBytes()) {
            exchange.announceEnd();
            refuse(
                    exchange,
                    413,
                    "a request's body has at most " + settings.limits().maxBodyBytes() + " bytes");
            exchange.closeSoon();
            return;
        }
        PluginSite.Now now = site.now();
        switch (now.phase()) {
            case SERVING -> {
                pauseBody(exchange);
                admit(exchange, site, path);
            }
            case STARTING -> hold(exchange, site, path);
            case UNAVAILABLE -> unavailable(exchange, now.reason());
        }
    }

    /** What has no body must not be paused: the connection's next request would wait for its end. */
    private static void pauseBody(Exchange exchange) {
        if (PluginRequest.hasBody(exchange.request())) {
            exchange.request().pause();
        }
    }

    private void admit(Exchange exchange, PluginSite site, String path) {
        RequestLimits limits = settings.limitsOf(site.id());
        if (site.gate().enter(limits)) {
            hand(exchange, site, site.now().next(), path);
        } else {
            queue(exchange, site, limits, path);
        }
    }

    private void queue(Exchange exchange, PluginSite site, RequestLimits limits, String path) {
        Promise<Void> turn = exchange.request().context().promise();
        if (!site.gate().await(limits, turn)) {
            busy(
                    exchange,
                    "has " + limits.atWork() + " requests in flight and " + limits.waiting()
                            + " waiting, it takes no more now");
            return;
        }
        pauseBody(exchange);
        turn.future()
                .timeout(Math.max(1, settings.startupPause().toMillis()), TimeUnit.MILLISECONDS)
                .onComplete((v, timeout) -> {
                    if (timeout != null && site.gate().giveUp(turn)) {
                        busy(
                                exchange,
                                "has " + limits.atWork() + " requests in flight, and none of them ended in time");
                    } else {
                        inside(exchange, site, path);
                    }
                });
    }

    /** While it waited to get in, much may have changed. */
    private void inside(Exchange exchange, PluginSite site, String path) {
        PluginSite.Now now = site.now();
        if (now.phase() == PluginSite.Phase.SERVING
                && !exchange.request().response().closed()) {
            hand(exchange, site, now.next(), path);
        } else {
            site.gate().leave();
            release(exchange, site, path);
        }
    }

    private void busy(Exchange exchange, String why) {
        exchange.request().resume();
        exchange.request().response().putHeader(HttpHeaders.RETRY_AFTER, BUSY_RETRY_SECONDS);
        refuse(exchange, 503, "plugin '" + exchange.pluginId() + "' " + why);
    }

    private void hand(Exchange exchange, PluginSite site, Mount mount, String path) {
        ContextInternal context = mount.context().duplicate();
        exchange.identity().scope(site.id()).enter(context);
        BodyLimit limit = new BodyLimit(exchange, settings.limits());
        if (PluginRequest.hasBody(exchange.request())) {
            limit.start();
            invite(exchange.request());
        }
        Visit visit = mount.visit(exchange, site.gate());
        exchange.link().visits(visit);
        PluginResponse response = new PluginResponse(exchange, context, traffic, visit, answers);
        PluginRequest request = new PluginRequest(exchange, context, path, response, limit);
        request.dispatch(mount.handover(), () -> {
            if (!visit.isAbandoned()) {
                mount.handle(request);
            }
        });
    }

    /** A caller may ask whether its body is wanted, which it is not before a plugin can take it. */
    private static void invite(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_1_0
                && HttpHeaders.CONTINUE.toString().equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
    }

    private void hold(Exchange exchange, PluginSite site, String path) {
        long millis = settings.startupPause().toMillis();
        if (millis < 1 || waiting >= MAX_WAITING || traffic.isDraining()) {
            unavailable(exchange, site.now().reason());
            return;
        }
        waiting++;
        pauseBody(exchange);
        Promise<Void> settled = exchange.request().context().promise();
        site.await(settled);
        settled.future().timeout(millis, TimeUnit.MILLISECONDS).onComplete((v, timeout) -> {
            waiting--;
            site.forget(settled);
            release(exchange, site, path);
        });
    }

    private void release(Exchange exchange, PluginSite site, String path) {
        PluginSite.Now now = site.now();
        if (exchange.request().response().closed()) {
            traffic.ended(exchange);
        } else if (now.phase() == PluginSite.Phase.SERVING) {
            admit(exchange, site, path);
        } else {
            exchange.request().resume();
            unavailable(exchange, now.reason());
        }
    }

    private void unavailable(Exchange exchange, String reason) {
        exchange.request().response().putHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        String why = reason.isEmpty() ? "is not ready" : "is not ready: " + reason;
        refuse(exchange, 503, "plugin '" + exchange.pluginId() + "' " + why);
    }

    private void refuse(Exchange exchange, int status, String detail) {
        exchange.request().response().headersEndHandler(v -> traffic.head(exchange));
        exchange.request().response().endHandler(v -> traffic.ended(exchange));
        exchange.problem(status, detail).send(exchange.request().response());
    }

    private static long contentLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        // The decoder refuses what is no number.
        return length == null ? 0 : Long.parseLong(length.trim());
    }
}
