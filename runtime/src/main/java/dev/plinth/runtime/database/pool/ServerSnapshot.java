package dev.plinth.runtime.database.pool;

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
        OptionalInt allowed) {}
