package dev.plinth.runtime.plugin;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import io.vertx.core.Future;

/** For plugins that never ask for a database. */
final class NoDatabases implements PluginDatabases {

    @Override
    public Future<DatabaseReply> open(DatabaseRequest request) {
        return Future.failedFuture("no database here");
    }

    @Override
    public Future<?> release(String pluginId, long run) {
        return Future.succeededFuture();
    }

    @Override
    public Dialect dialect(String pluginId) {
        return Dialect.SQLITE;
    }
}
