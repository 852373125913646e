package dev.plinth.runtime.bus;

import io.netty.util.concurrent.EventExecutor;

/** An event loop is blocked, and it does not look as if that were to end: connections on it are of no use. Not answered. */
public record BlockedLoop(EventExecutor loop) {

    /** The address on which the database verticle of this process listens. */
    public static final String ADDRESS = "plinth.database.blocked";
}
