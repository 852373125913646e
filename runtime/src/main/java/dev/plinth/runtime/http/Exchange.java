package dev.plinth.runtime.http;

import io.vertx.core.internal.http.HttpServerRequestInternal;
import org.jspecify.annotations.Nullable;

/** One request on its way, as the server sees it. Used on the connection's event loop; a plugin says its route before it answers. */
final class Exchange {

    private final HttpServerRequestInternal request;
    private final RequestIdentity identity;
    private final long startNanos = System.nanoTime();
    private @Nullable PluginSite plugin;
    private String route = "";

    Exchange(HttpServerRequestInternal request, RequestIdentity identity) {
        this.request = request;
        this.identity = identity;
    }

    HttpServerRequestInternal request() {
        return request;
    }

    RequestIdentity identity() {
        return identity;
    }

    String requestId() {
        return identity.requestId();
    }

    /** The plugin that it is for; empty when it is for none. */
    String pluginId() {
        return plugin == null ? "" : plugin.id();
    }

    void isFor(PluginSite site) {
        plugin = site;
    }

    /** The template of the path that it matched; empty when none did. */
    String route() {
        return route;
    }

    void matched(String template) {
        route = template;
    }

    long elapsedNanos() {
        return System.nanoTime() - startNanos;
    }

    AnsweredRequest answered() {
        return new AnsweredRequest(
                pluginId(),
                route,
                request.method().name(),
                request.response().getStatusCode(),
                elapsedNanos(),
                request.bytesRead(),
                request.response().bytesWritten());
    }

    ProblemDetails problem(int status, String detail) {
        return new ProblemDetails(status, detail, requestId());
    }
}
