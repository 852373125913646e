package dev.plinth.runtime.plugin;

import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** The database of one run of a plugin, asked for at most once at a time, by whichever instance comes first. Thread-safe. */
final class PluginDatabase {

    private final PluginDatabases databases;
    private final DatabaseRequest request;
    private @Nullable Future<DatabaseReply> opened;

    PluginDatabase(PluginDatabases databases, DatabaseRequest request) {
        this.databases = databases;
        this.request = request;
    }

    /** Whether it was there; what the plugin meets then is no fault of its migrations. */
    synchronized boolean isOpen() {
        return opened != null && opened.succeeded();
    }

    synchronized boolean isAwaited() {
        return opened != null && !opened.isComplete();
    }

    long run() {
        return request.run();
    }

    /** A failure is not kept: the next call asks again. */
    synchronized Future<DatabaseReply> open() {
        if (opened == null || opened.failed()) {
            opened = databases.open(request);
        }
        return opened;
    }

    /** Takes back what is held on an event loop that is blocked. */
    synchronized void recall(EventExecutor loop) {
        if (opened != null) {
            databases.recall(request.pluginId(), request.run(), loop);
        }
    }

    /** Completes at once when it was never asked for. */
    synchronized Future<?> release() {
        if (opened == null) {
            return Future.succeededFuture();
        }
        opened = null;
        return databases.release(request.pluginId(), request.run());
    }
}
