package dev.plinth.runtime.http;

import io.vertx.core.internal.http.HttpServerRequestInternal;

/** One request on its way, as the server sees it. */
record Exchange(HttpServerRequestInternal request, String requestId, String pluginId, long startNanos) {

    long elapsedNanos() {
        return System.nanoTime() - startNanos;
    }

    ProblemDetails problem(int status, String detail) {
        return new ProblemDetails(status, detail, requestId);
    }

    /** The same one, now known to be for this plugin. */
    Exchange of(String plugin) {
        return new Exchange(request, requestId, plugin, startNanos);
    }
}
