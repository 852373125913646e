package dev.plinth.runtime.http;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what a plugin's routes leave unanswered. Runs on the plugin's context. */
final class PluginErrors {

    private static final Logger LOG = LoggerFactory.getLogger(PluginErrors.class);
    private static final String RETRY_SECONDS = "1";

    private final String pluginId;

    PluginErrors(String pluginId) {
        this.pluginId = pluginId;
    }

    void notFound(RoutingContext context) {
        new ProblemDetails(404, "plugin '" + pluginId + "' has no such route", requestId(context))
                .send(context.response());
    }

    void failed(RoutingContext context) {
        Throwable failure = context.failure();
        if (failure instanceof DatabaseUnavailableException unavailable) {
            busy(context, unavailable);
        } else if (isCallerGone(context) || isRefused(context)) {
            LOG.debug("plugin '{}': request {} was not sent to its end", pluginId, requestId(context));
        } else if (status(context) >= 500) {
            broken(context);
        } else {
            new ProblemDetails(context.statusCode(), detail(context.statusCode(), failure), requestId(context))
                    .send(context.response());
        }
    }

    /** Whoever goes away in the middle of a body fails the handler that reads it: the access log tells it. */
    private static boolean isCallerGone(RoutingContext context) {
        return !context.request().isEnded()
                && (context.failure() instanceof HttpClosedException
                        || context.failure() instanceof StreamResetException);
    }

    /** Whose body is too long or too slow has been told so by the server: the handler that reads it fails with that. */
    private static boolean isRefused(RoutingContext context) {
        return context.response().ended()
                && context.failure() instanceof HttpException told
                && told.getStatusCode() < 500;
    }

    private void busy(RoutingContext context, DatabaseUnavailableException failure) {
        LOG.warn("plugin '{}': request {} failed: {}", pluginId, requestId(context), withoutPlugin(failure));
        String detail = failure instanceof PoolExhaustedException
                ? "plugin '" + pluginId + "' has more work for its database than it can do now"
                : "the database of plugin '" + pluginId + "' is not available";
        if (!context.response().headWritten()) {
            context.response().putHeader("retry-after", RETRY_SECONDS);
        }
        answer(context, 503, detail);
    }

    private String withoutPlugin(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        String prefix = "plugin '" + pluginId + "': ";
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private void broken(RoutingContext context) {
        LOG.error(
                "plugin '{}': request {} failed with {}: {} {}",
                pluginId,
                requestId(context),
                status(context),
                context.request().method(),
                Printable.of(context.request().path()),
                context.failure());
        answer(context, status(context), seeLog(pluginId));
    }

    /** What callers are told of a plugin's mistake. */
    static String seeLog(String pluginId) {
        return "plugin '" + pluginId + "' failed; its log names this request";
    }

    /** A failure that says it was none is a mistake too. */
    private static int status(RoutingContext context) {
        int status = context.statusCode();
        return status >= 400 && status <= 599 ? status : 500;
    }

    /** What was begun cannot be taken back: then the connection's end says that something is missing. */
    private static void answer(RoutingContext context, int status, String detail) {
        if (context.response().headWritten() && !context.response().ended()) {
            context.response().reset();
        } else {
            new ProblemDetails(status, detail, requestId(context)).send(context.response());
        }
    }

    /** Only what the plugin's author wrote for callers. */
    private String detail(int status, Throwable failure) {
        if (failure instanceof HttpException http && http.getPayload() != null) {
            return http.getPayload();
        }
        return status == 413 ? "plugin '" + pluginId + "' takes no body as long as this here" : "";
    }

    private static String requestId(RoutingContext context) {
        return String.valueOf(context.request().getHeader(RequestIds.HEADER));
    }
}
