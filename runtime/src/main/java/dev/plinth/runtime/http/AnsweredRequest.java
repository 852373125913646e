package dev.plinth.runtime.http;

/**
 * One request that is over.
 *
 * @param plugin the id of the plugin that it was for; empty when it was for none
 * @param route the template that it matched, {@code /api/todo/items/:id}; empty when it matched none
 * @param method as sent: callers may invent any
 * @param status of the answer, or {@link #NO_ANSWER}
 * @param nanos from its arrival to the end of its answer
 * @param bytesRead of the request's body
 * @param bytesWritten of the answer's body
 */
public record AnsweredRequest(
        String plugin, String route, String method, int status, long nanos, long bytesRead, long bytesWritten) {

    /** The status of a request whose connection was gone before it was answered: no server sends it. */
    public static final int NO_ANSWER = 499;
}
