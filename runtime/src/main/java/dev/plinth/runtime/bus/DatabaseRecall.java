package dev.plinth.runtime.bus;

import io.netty.util.concurrent.EventExecutor;

/**
 * An event loop on which a plugin's run has instances is blocked, and others are to serve in their place: the connections that were
 * taken there are taken back. Not answered.
 */
public record DatabaseRecall(String pluginId, long run, EventExecutor loop) {

    /** The address on which the database verticle of this process listens. */
    public static final String ADDRESS = "plinth.database.recall";
}
