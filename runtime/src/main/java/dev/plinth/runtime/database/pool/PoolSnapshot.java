package dev.plinth.runtime.database.pool;

import java.util.List;
import java.util.Map;

/**
 * What one plugin's pool is doing now, and what it has done since the plugin got it. Connections that several plugins share count
 * for each of them.
 *
 * @param server where the database is, as {@link ServerSnapshot#server} names it
 * @param max connections that the plugin may use at once
 * @param total connections that it could use now
 * @param idle those of them that no one uses
 * @param inUse those that this plugin uses
 * @param waiting requests that wait for a connection
 * @param statements how many were asked for
 * @param binds how often a shared connection was bound to this plugin
 * @param failures of statements and requests; all causes are there, with 0 for those that never were
 * @param acquire how long requests waited for a connection
 * @param use how long connections were used, for one statement or for a lease
 * @param holders who has a connection to itself, the longest first
 */
public record PoolSnapshot(
        String pluginId,
        String server,
        int max,
        int total,
        int idle,
        int inUse,
        int waiting,
        long statements,
        long binds,
        Map<FailureCause, Long> failures,
        HistogramSnapshot acquire,
        HistogramSnapshot use,
        List<HolderSnapshot> holders) {

    public PoolSnapshot {
        failures = Map.copyOf(failures);
        holders = List.copyOf(holders);
    }
}
