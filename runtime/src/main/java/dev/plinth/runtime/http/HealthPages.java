package dev.plinth.runtime.http;

import dev.plinth.runtime.http.Health.PluginHealth;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/** Tells orchestrators whether this process lives, has started, and may get requests. */
final class HealthPages {

    private static final Set<String> PATHS = Set.of(
            "/health/live",
            "/health/ready",
            "/health/startup",
            "/.backstage/health/v1/liveness",
            "/.backstage/health/v1/readiness");
    private static final JsonObject OK = new JsonObject().put("status", "ok");

    private final Health health;
    private final Set<String> required;
    private final Traffic traffic;
    private volatile boolean started;

    HealthPages(Health health, Set<String> required, Traffic traffic) {
        this.health = health;
        this.required = required;
        this.traffic = traffic;
    }

    Router router(Vertx vertx) {
        Router router = Router.router(vertx);
        page(router, "/health/live", this::live);
        page(router, "/.backstage/health/v1/liveness", this::live);
        page(router, "/health/ready", this::ready);
        page(router, "/.backstage/health/v1/readiness", this::ready);
        page(router, "/health/startup", this::startup);
        router.route().failureHandler(context -> problem(context, context.statusCode()));
        // A path with a broken escape is in nobody's hands.
        router.errorHandler(400, context -> problem(context, 400));
        router.errorHandler(404, context -> problem(context, 404));
        router.errorHandler(405, context -> {
            context.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
            problem(context, 405);
        });
        return router;
    }

    /** Probes ask with HEAD too. */
    private static void page(Router router, String path, Handler<RoutingContext> handler) {
        router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(handler);
    }

    static boolean isOne(String path) {
        return PATHS.contains(path);
    }

    private void live(RoutingContext context) {
        send(context, 200, OK);
    }

    private void startup(RoutingContext context) {
        answer(context, plugins -> started(plugins) ? "ok" : "starting");
    }

    private void ready(RoutingContext context) {
        answer(context, this::readiness);
    }

    private void answer(RoutingContext context, Function<List<PluginHealth>, String> judge) {
        Future<List<PluginHealth>> plugins = health.plugins();
        plugins.onSuccess(all -> {
            String status = judge.apply(all);
            send(context, status.equals("ok") ? 200 : 503, document(status, all));
        });
        plugins.onFailure(context::fail);
    }

    private String readiness(List<PluginHealth> plugins) {
        if (traffic.isDraining()) {
            return "draining";
        }
        if (!started(plugins)) {
            return "starting";
        }
        return requiredAreReady(plugins) ? "ok" : "unavailable";
    }

    /** Once started, a process does not become a starting one again because a plugin does. */
    private boolean started(List<PluginHealth> plugins) {
        if (!started) {
            started = plugins.stream().noneMatch(PluginHealth::starting);
        }
        return started;
    }

    private boolean requiredAreReady(List<PluginHealth> plugins) {
        long ready = plugins.stream()
                .filter(PluginHealth::ready)
                .filter(plugin -> required.contains(plugin.id().toLowerCase(Locale.ROOT)))
                .count();
        return ready == required.size();
    }

    private static JsonObject document(String status, List<PluginHealth> plugins) {
        JsonObject byId = new JsonObject();
        for (PluginHealth plugin : plugins) {
            byId.put(
                    plugin.id(),
                    new JsonObject()
                            .put("state", plugin.state())
                            .put("reason", plugin.reason())
                            .put("since", plugin.since().toString())
                            .put("database", plugin.database()));
        }
        return new JsonObject().put("status", status).put("plugins", byId);
    }

    private static void send(RoutingContext context, int status, JsonObject body) {
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end(body.toBuffer());
    }

    private static void problem(RoutingContext context, int status) {
        String requestId = String.valueOf(context.request().getHeader(RequestIds.HEADER));
        new ProblemDetails(status, detail(status), requestId).send(context.response());
    }

    private static String detail(int status) {
        return switch (status) {
            case 400 -> "this is no valid path";
            case 404 -> "there is nothing at this path; plugins answer below /api/";
            case 405 -> "this page can only be read, with GET";
            default -> "";
        };
    }
}
