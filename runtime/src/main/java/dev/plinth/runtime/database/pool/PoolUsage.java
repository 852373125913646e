package dev.plinth.runtime.database.pool;

/**
 * The connections of one plugin now.
 *
 * @param max that it may use at once
 * @param total that it could use now, shared ones included
 * @param idle of these, those that no one uses
 * @param inUse of these, those that this plugin uses
 * @param waiting requests that wait for one
 */
public record PoolUsage(int max, int total, int idle, int inUse, int waiting) {}
