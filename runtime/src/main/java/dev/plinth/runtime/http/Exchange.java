package dev.plinth.runtime.http;

import io.vertx.core.internal.http.HttpServerRequestInternal;
import java.util.Optional;

/** One request on its way, as the server sees it. */
record Exchange(HttpServerRequestInternal request, String requestId, Optional<PluginSite> plugin, long startNanos) {

    /** The plugin that it is for; empty when it is for none. */
    String pluginId() {
        return plugin.map(PluginSite::id).orElse("");
    }

    long elapsedNanos() {
        return System.nanoTime() - startNanos;
    }

    ProblemDetails problem(int status, String detail) {
        return new ProblemDetails(status, detail, requestId);
    }

    /** The same one, now known to be for this plugin. */
    Exchange of(PluginSite site) {
        return new Exchange(request, requestId, Optional.of(site), startNanos);
    }
}
