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
     * @param reason what is wrong or under way; empty when it is up
     * @param since when it has been so
     */
    record State(Status status, String reason, Instant since) {

        public boolean up() {
            return status == Status.UP;
        }
    }

    /** In a word. */
    enum Status {
        /** Being created, opened or migrated. */
        PREPARING,
        UP,
        /** Failed, or away. */
        DOWN
    }
}
