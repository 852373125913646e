package dev.plinth.runtime.database.pool;

import java.util.List;

/**
 * What all pools of this process are doing.
 *
 * @param servers those that at least one plugin has its database on, by name
 * @param pools one for each plugin that got its pool, by plugin id
 */
public record PoolsSnapshot(List<ServerSnapshot> servers, List<PoolSnapshot> pools) {

    public PoolsSnapshot {
        servers = List.copyOf(servers);
        pools = List.copyOf(pools);
    }
}
