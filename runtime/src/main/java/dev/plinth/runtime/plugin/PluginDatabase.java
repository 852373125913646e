package dev.plinth.runtime.plugin;

import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** One plugin's database, asked for at most once at a time, by whichever of its instances comes first. Thread-safe. */
final class PluginDatabase {

    private final PluginDatabases databases;
    private final DatabaseRequest request;
    private @Nullable Future<DatabaseReply> opened;

    PluginDatabase(PluginDatabases databases, DatabaseRequest request) {
        this.databases = databases;
        this.request = request;
    }

    /** A failure is not kept: the next call asks again. */
    synchronized Future<DatabaseReply> open() {
        if (opened == null || opened.failed()) {
            opened = databases.open(request);
        }
        return opened;
    }

    /** Completes at once when it was never asked for. */
    synchronized Future<?> release() {
        if (opened == null) {
            return Future.succeededFuture();
        }
        opened = null;
        return databases.release(request.pluginId());
    }
}
