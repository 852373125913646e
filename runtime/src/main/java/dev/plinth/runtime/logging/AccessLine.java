package dev.plinth.runtime.logging;

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

    /** Milliseconds in tenths, as more would tell nothing. */
    void appendMillis(StringBuilder line) {
        long tenths = nanos / 100_000;
        line.append(tenths / 10).append('.').append((char) ('0' + tenths % 10));
    }

    /** For people. */
    String text() {
        StringBuilder text = new StringBuilder(160);
        text.append(method).append(' ').append(path).append(' ').append(status).append(' ');
        appendMillis(text);
        return text.append("ms ")
                .append(bytes)
                .append("B plugin=")
                .append(orNone(scope.plugin()))
                .append(" route=")
                .append(orNone(route))
                .append(" client=")
                .append(client)
                .append(" request=")
                .append(scope.requestId())
                .toString();
    }

    private static String orNone(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
