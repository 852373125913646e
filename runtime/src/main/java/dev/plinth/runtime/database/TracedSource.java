package dev.plinth.runtime.database;

import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.PoolMeter;
import dev.plinth.runtime.database.pool.PoolUsage;
import dev.plinth.runtime.database.pool.ServerSnapshot;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.spi.ConnectionFactory;
import io.vertx.sqlclient.spi.Driver;

/** A source whose errors tell where the settings stand that they name. */
record TracedSource(ConnectionSource source, KeyOrigins origins) implements ConnectionSource {

    @Override
    public Driver<?> driver() {
        return source.driver();
    }

    @Override
    public ConnectionFactory<?> factory() {
        return source.factory();
    }

    @Override
    public <R> void execute(ContextInternal context, CommandBase<R> command, Completable<R> handler) {
        source.execute(context, command, handler);
    }

    @Override
    public void acquire(ContextInternal context, Taker taker) {
        source.acquire(context, taker);
    }

    @Override
    public Throwable translate(Throwable error) {
        return origins.complete(source.translate(error));
    }

    @Override
    public PoolMeter meter() {
        return source.meter();
    }

    @Override
    public PoolUsage usage() {
        return source.usage();
    }

    @Override
    public String serverName() {
        return source.serverName();
    }

    @Override
    public ServerSnapshot server() {
        return source.server();
    }

    @Override
    public Future<Void> close() {
        return source.close();
    }
}
