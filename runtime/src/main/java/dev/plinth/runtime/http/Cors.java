package dev.plinth.runtime.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Tells browsers which pages may call, and read the answers. Thread-safe. */
final class Cors {

    private final CorsSettings settings;

    Cors(CorsSettings settings) {
        this.settings = settings;
    }

    /** Whether a browser asks if it may send another request. */
    static boolean isPreflight(HttpServerRequest request) {
        return request.method().equals(HttpMethod.OPTIONS)
                && request.headers().contains(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD)
                && request.headers().contains(HttpHeaders.ORIGIN);
    }

    void answerPreflight(HttpServerRequest request) {
        HttpServerResponse response = request.response().setStatusCode(204);
        MultiMap headers = response.headers();
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, String.join(",", settings.methods()));
        String allowed = settings.allowedHeaders().isEmpty()
                ? request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS)
                : String.join(",", settings.allowedHeaders());
        if (allowed != null) {
            headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        }
        settings.maxAge().ifPresent(seconds -> headers.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, seconds.toString()));
        headers.add(HttpHeaders.VARY, HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
        response.end();
    }

    /** Just before the head of the response is sent. */
    void addTo(HttpServerRequest request) {
        MultiMap headers = request.response().headers();
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        boolean any = settings.allowsAll();
        if (!any) {
            headers.add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        }
        if (origin == null || !settings.allows(origin)) {
            return;
        }
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, any ? "*" : origin);
        // Browsers accept these together with one named origin only, and rightly so.
        if (settings.credentials() && !any) {
            headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        if (!settings.exposedHeaders().isEmpty()) {
            headers.set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, String.join(",", settings.exposedHeaders()));
        }
    }
}
