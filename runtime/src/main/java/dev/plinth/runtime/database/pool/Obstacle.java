package dev.plinth.runtime.database.pool;

/** What stands in the way of a connection that could not be made. */
public enum Obstacle {
    /** The server has no room: there is less to be had for a while, and who waits goes on waiting. */
    FULL,
    /** The server is about to be ready: who waits goes on waiting. */
    PASSING,
    /** No one knows when it ends: who waits hears of it, unless there are other connections. */
    LASTING
}
