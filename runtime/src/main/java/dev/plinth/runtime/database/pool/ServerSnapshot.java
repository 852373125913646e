package dev.plinth.runtime.database.pool;

/**
 * The connections of this process to one server, or to one SQLite file.
 *
 * @param server as plugins' snapshots name it
 * @param budget connections that may be open at once
 * @param total connections that are opening, open or closing
 * @param idle connections that no one uses
 * @param inUse connections that someone uses
 * @param waiting requests of all plugins that wait for one
 */
public record ServerSnapshot(String server, int budget, int total, int idle, int inUse, int waiting) {}
