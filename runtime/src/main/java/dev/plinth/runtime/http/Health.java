package dev.plinth.runtime.http;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;

/** What the health pages ask of the rest of the backend. */
public interface Health {

    /** Where each plugin stands; answers within some seconds whatever hangs. */
    Future<List<PluginHealth>> plugins();

    /**
     * One plugin's part.
     *
     * @param state as it is shown
     * @param starting whether it is still on its way
     * @param ready whether it serves and nothing is wrong with it
     * @param reason in words that anybody may read; may be empty
     * @param database {@code up}, {@code down}, {@code preparing}, or {@code none} when it has none
     */
    record PluginHealth(
            String id, String state, boolean starting, boolean ready, String reason, Instant since, String database) {}
}
