package dev.plinth.runtime.database;

import dev.plinth.runtime.database.pool.PoolsSnapshot;
import io.vertx.core.Future;

/** Tells what the plugins' pools are doing. Any thread. */
public interface PoolMonitor {

    /** Plain values, at one moment or nearly so; asks no server. The result comes on the caller's context. Never fails. */
    Future<PoolsSnapshot> pools();
}
