package dev.plinth.runtime.http.admin;

import dev.plinth.runtime.http.ProblemDetails;
import dev.plinth.runtime.http.RequestIds;
import dev.plinth.runtime.logging.LogLevels;
import dev.plinth.runtime.logging.LogLevels.LogLevel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which path shows or does what. The document {@code admin-openapi.json} describes each; a test holds them equal. */
final class AdminRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(AdminRoutes.class);
    private static final String DOCUMENT = "admin-openapi.json";
    private static final String JSON = "application/json";
    private static final int MAX_BODY_BYTES = 64 * 1024;
    /** Of what plugins say to each other. */
    private static final int MAX_CALL_BYTES = 10 * 1024 * 1024;

    private final Vertx vertx;
    private final Operations operations;
    private final MetricsPage metrics;

    AdminRoutes(Vertx vertx, Operations operations, MetricsPage metrics) {
        this.vertx = vertx;
        this.operations = operations;
        this.metrics = metrics;
    }

    Router router(AdminGuard guard) {
        Router router = Router.router(vertx);
        RequestIds requestIds = new RequestIds();
        router.route().handler(context -> {
            // So that problem details can name it.
            requestIds.assign(context.request());
            context.next();
        });
        router.route().handler(guard::check);
        instances(router);
        router.route().handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES));
        router.get("/metrics").handler(this::metrics);
        router.get("/admin/openapi.json").handler(context -> send(context, openApi()));
        answer(router, "/admin/instance", context -> operations.instance());
        plugins(router);
        databases(router);
        answer(router, "/admin/pools", context -> operations.pools());
        answer(
                router,
                "/admin/config",
                context -> operations.config(parameter(context, "key").orElse("")));
        answer(router, "/admin/config/check", context -> operations.checkConfig(Optional.empty()));
        answer(router, "/admin/threads", context -> vertx.executeBlocking(() -> new ThreadDump().document(), false));
        loggers(router);
        router.route().failureHandler(AdminRoutes::failed);
        router.errorHandler(404, context -> problem(context, 404, "see /admin/openapi.json for what is here"));
        // The slash at a path's end counts for nothing.
        router.errorHandler(
                405,
                context -> notAllowed(
                        context, methods(router, context.normalizedPath().replaceFirst("/$", ""))));
        return router;
    }

    /** What can be done at a path that some route has. */
    private static String methods(Router router, String path) {
        return router.getRoutes().stream()
                .filter(route -> route.getPath() != null && route.methods() != null)
                .filter(route -> path.matches(route.getPath().replaceAll(":\\w+", "[^/]+")))
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static void notAllowed(RoutingContext context, String methods) {
        context.response().putHeader(HttpHeaders.ALLOW, methods);
        problem(context, 405, "this path takes " + methods);
    }

    /** What other instances of the backend ask. */
    private void instances(Router router) {
        router.post("/admin/calls/:plugin/:method")
                .handler(BodyHandler.create(false).setBodyLimit(MAX_CALL_BYTES))
                .handler(context -> send(
                        context,
                        operations.call(context.pathParam("plugin"), context.pathParam("method"), body(context))));
        router.post("/admin/events/:address")
                .handler(BodyHandler.create(false).setBodyLimit(MAX_CALL_BYTES))
                .handler(context -> send(context, operations.publish(context.pathParam("address"), body(context))));
    }

    private void plugins(Router router) {
        answer(router, "/admin/plugins", context -> operations.plugins());
        answer(router, "/admin/plugins/:id", context -> operations.plugin(context.pathParam("id")));
        answer(
                router,
                "/admin/plugins/:id/check",
                context -> operations.checkConfig(Optional.of(context.pathParam("id"))));
        for (PluginOrder order : PluginOrder.values()) {
            router.post("/admin/plugins/:id/" + order).handler(context -> {
                body(context, Set.of());
                send(context, operations.order(context.pathParam("id"), order));
            });
        }
    }

    private void databases(Router router) {
        answer(router, "/admin/databases", context -> operations.databases());
        answer(router, "/admin/databases/migrations", context -> operations.migrations(parameter(context, "plugin")));
        router.post("/admin/databases/migrations").handler(context -> {
            JsonObject body = body(context, Set.of("dryRun", "repair"));
            send(
                    context,
                    operations.migrate(
                            parameter(context, "plugin"),
                            new MigrationRequest(flag(body, "dryRun"), flag(body, "repair"))));
        });
        router.post("/admin/databases/backup")
                .handler(context -> send(
                        context,
                        operations.backup(
                                parameter(context, "plugin"), directory(body(context, Set.of("directory"))))));
    }

    private static Path directory(JsonObject body) {
        if (body.getValue("directory") instanceof String text
                && text.indexOf('\0') < 0
                && Path.of(text).isAbsolute()) {
            return Path.of(text);
        }
        throw invalid("directory: expected an absolute path");
    }

    private void loggers(Router router) {
        answer(
                router,
                "/admin/loggers",
                context ->
                        Future.succeededFuture(loggers(parameter(context, "all").equals(Optional.of("true")))));
        answer(
                router,
                "/admin/loggers/:name",
                context -> Future.succeededFuture(logger(LogLevels.of(context.pathParam("name")))));
        router.put("/admin/loggers/:name").handler(context -> {
            String name = context.pathParam("name");
            setLevel(name, body(context, Set.of("level")));
            LOG.info(
                    "the level of logger {} is now {}", name, LogLevels.of(name).effective());
            send(context, logger(LogLevels.of(name)));
        });
    }

    /** The many that inherit their level only if all are wanted. */
    private static JsonObject loggers(boolean all) {
        JsonObject loggers = new JsonObject();
        LogLevels.all().forEach((name, level) -> {
            if (all || level.set().isPresent()) {
                loggers.put(name, logger(level));
            }
        });
        return new JsonObject().put("loggers", loggers);
    }

    private static JsonObject logger(LogLevel level) {
        return new JsonObject().put("level", level.set().orElse(null)).put("effective", level.effective());
    }

    private static void setLevel(String name, JsonObject body) {
        if (!body.containsKey("level")
                || !(body.getValue("level") == null || body.getValue("level") instanceof String)) {
            throw invalid("expected {\"level\": \"debug\"}, or null to inherit");
        }
        try {
            LogLevels.set(name, Optional.ofNullable(body.getString("level")));
        } catch (IllegalArgumentException e) {
            throw invalid("level: " + e.getMessage());
        }
    }

    private void metrics(RoutingContext context) {
        metrics.render(context.request().getHeader(HttpHeaders.ACCEPT))
                .onSuccess(page -> context.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, page.contentType())
                        .end(page.body()))
                .onFailure(context::fail);
    }

    private static JsonObject openApi() {
        try (InputStream in = Objects.requireNonNull(AdminRoutes.class.getResourceAsStream(DOCUMENT))) {
            return new JsonObject(Buffer.buffer(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void answer(Router router, String path, Function<RoutingContext, Future<JsonObject>> document) {
        router.get(path).handler(context -> send(context, document.apply(context)));
    }

    private static Optional<String> parameter(RoutingContext context, String name) {
        return Optional.ofNullable(context.request().getParam(name)).filter(value -> !value.isEmpty());
    }

    private static JsonObject body(RoutingContext context) {
        Buffer body = context.body().buffer();
        try {
            return body == null || body.length() == 0 ? new JsonObject() : new JsonObject(body);
        } catch (DecodeException | ClassCastException e) {
            throw invalid("the body is not a JSON object");
        }
    }

    /** Of these members alone: one that is misspelt, such as dryRun, must not count for nothing. */
    private static JsonObject body(RoutingContext context, Set<String> known) {
        JsonObject body = body(context);
        Set<String> unknown = new TreeSet<>(body.fieldNames());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw invalid(String.join(", ", unknown) + ": not known here, "
                    + (known.isEmpty() ? "nothing is" : "known are " + String.join(", ", new TreeSet<>(known))));
        }
        return body;
    }

    private static boolean flag(JsonObject body, String name) {
        if (body.getValue(name, false) instanceof Boolean flag) {
            return flag;
        }
        throw invalid(name + ": expected true or false");
    }

    private static Refusal invalid(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }

    private static void send(RoutingContext context, Future<JsonObject> document) {
        document.onSuccess(json -> send(context, json)).onFailure(context::fail);
    }

    private static void send(RoutingContext context, JsonObject json) {
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end(json.encodePrettily() + "\n");
    }

    private static void failed(RoutingContext context) {
        if (context.failure() instanceof Refusal refusal) {
            boolean ofGuard = context.statusCode() == 401 || context.statusCode() == 403;
            problem(context, ofGuard ? context.statusCode() : refusal.status(), String.valueOf(refusal.getMessage()));
            return;
        }
        if (context.statusCode() >= 500) {
            LOG.error("{} {} failed", context.request().method(), context.normalizedPath(), context.failure());
        }
        problem(context, context.statusCode(), "");
    }

    private static void problem(RoutingContext context, int status, String detail) {
        String requestId = String.valueOf(context.request().getHeader(RequestIds.HEADER));
        new ProblemDetails(status, detail, requestId).send(context.response());
    }
}
