package dev.plinth.runtime.http;

import dev.plinth.runtime.logging.AccessLine;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import org.jspecify.annotations.Nullable;

/** One request on its way, as the server sees it. Used on the connection's event loop; a plugin says its route before it answers. */
final class Exchange {

    private static final long LINGER_MILLIS = 2_000;
    /** Of HTTP/2: the rest of a request is not wanted, its answer is complete. */
    private static final long NO_ERROR = 0;

    private final HttpServerRequestInternal request;
    private final Link link;
    private final boolean last;
    private final RequestIdentity identity;
    private final ProxyTrust proxies;
    private final long startNanos = System.nanoTime();
    private @Nullable PluginSite plugin;
    private @Nullable Caller caller;
    private String route = "";

    /** @param last whether its connection takes no other after it */
    Exchange(HttpServerRequestInternal request, Link link, boolean last, RequestIdentity identity, ProxyTrust proxies) {
        this.link = link;
        this.last = last;
        this.proxies = proxies;
        this.request = request;
        this.identity = identity;
    }

    HttpServerRequestInternal request() {
        return request;
    }

    Link link() {
        return link;
    }

    /** Whether its connection takes no other after it; never so where others are beside it. */
    boolean isLast() {
        return last && !isMultiplexed();
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

    /** Where its plugin's routes begin; empty when it is for none. */
    String pluginPath() {
        return plugin == null ? "" : plugin.path();
    }

    /** Who asks; any thread, as it is the same whoever finds out. */
    Caller caller() {
        Caller known = caller;
        if (known == null) {
            known = link.nearest(request).behind(request.headers(), proxies);
            caller = known;
        }
        return known;
    }

    /** Whether its connection carries other requests beside it. */
    boolean isMultiplexed() {
        return request.version() == HttpVersion.HTTP_2;
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
                request.response().headWritten() ? request.response().getStatusCode() : AnsweredRequest.NO_ANSWER,
                elapsedNanos(),
                request.bytesRead(),
                request.response().bytesWritten());
    }

    AccessLine line(AnsweredRequest answered) {
        return new AccessLine(
                answered.method(),
                Printable.of(request.path()),
                answered.status(),
                answered.nanos(),
                answered.bytesWritten(),
                answered.route(),
                caller().address(),
                identity.scope(answered.plugin()));
    }

    /** Before the answer to a request that is not read to its end: nothing can follow it on its connection, only beside it. */
    void announceEnd() {
        if (!isMultiplexed()) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    /** For a caller that may still be sending: closed at once, its connection would take the answer along. */
    void closeSoon() {
        request.context().setTimer(LINGER_MILLIS, late -> cutOff());
    }

    /** Takes no more of the request, which may be answered already. What is beside it on its connection goes on. */
    void cutOff() {
        if (isMultiplexed()) {
            cutOffBeside();
        } else {
            request.connection().close();
        }
    }

    /** As {@link #cutOff}, where the connection can stay. */
    void cutOffBeside() {
        if (isMultiplexed()) {
            request.response().reset(NO_ERROR);
        }
    }

    ProblemDetails problem(int status, String detail) {
        return new ProblemDetails(status, detail, requestId());
    }
}
