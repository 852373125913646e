package dev.plinth.runtime.database.pool;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The connections of this process to one server, or to one SQLite file.
 *
 * @param server as plugins' snapshots name it
 * @param budget connections that may be open at once
 * @param total connections that are opening, open or closing
 * @param idle connections that no one uses
 * @param inUse connections that someone uses
 * @param waiting requests of all plugins that wait for one
 * @param plugins how many have their databases there
 * @param wanted connections that these may ask for together
 * @param allowed connections that the server has for all its clients; empty while that is not known, or where no server is
 * @param share what the budget is a part of, in words such as {@code 46 of 97, 1 instance}; empty as {@code allowed}, but for a
 *     budget that was configured
 */
public record ServerSnapshot(
        String server,
        int budget,
        int total,
        int idle,
        int inUse,
        int waiting,
        int plugins,
        int wanted,
        OptionalInt allowed,
        Optional<String> share) {

    /** What plugins may ask for, and what there is. */
    public String describe() {
        return server + ": " + plugins + (plugins == 1 ? " plugin" : " plugins") + " may ask for " + wanted
                + " connections, budget " + share.orElse(String.valueOf(budget));
    }
}
