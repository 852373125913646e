package dev.plinth.runtime.database;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.Map;

/** Tells how the plugins' databases are. Any thread. */
public interface DatabaseHealth {

    /** By plugin id, for every plugin that asked for its database. Servers are asked once in some seconds at most. Never fails. */
    Future<Map<String, State>> check();

    /**
     * How one plugin's database is.
     *
     * @param reason what is wrong; empty when it is up
     * @param since when it has been so
     */
    record State(boolean up, String reason, Instant since) {}
}
