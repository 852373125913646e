package dev.plinth.runtime.logging;

import java.math.BigDecimal;

/**
 * One request that is over, as the access log tells it.
 *
 * @param path without the query, which may hold secrets
 * @param status of the answer
 * @param nanos from its arrival to the end of its answer
 * @param bytes of the answer's body
 * @param route the template that it matched; empty when it matched none
 * @param client the caller's address
 * @param scope plugin, request and trace
 */
public record AccessLine(
        String method, String path, int status, long nanos, long bytes, String route, String client, LogScope scope) {

    /** In tenths, as more would tell nothing. */
    BigDecimal millis() {
        return BigDecimal.valueOf(nanos / 100_000, 1);
    }

    /** For people. */
    String text() {
        long tenths = nanos / 100_000;
        return method + ' ' + path + ' ' + status + ' ' + tenths / 10 + '.' + tenths % 10 + "ms " + bytes + "B plugin="
                + orNone(scope.plugin()) + " route=" + orNone(route) + " client=" + client + " request="
                + scope.requestId();
    }

    private static String orNone(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
