package dev.plinth.runtime.database.pool;

import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.spi.ConnectionFactory;
import io.vertx.sqlclient.spi.Driver;

/**
 * What stands behind one plugin's pool: it lends connections and runs single statements. The handle in front of it adds what is
 * the same for all databases: revocation, leases that are taken back, errors that name the plugin.
 */
public interface ConnectionSource {

    Driver<?> driver();

    ConnectionFactory<?> factory();

    /** Runs one statement outside a transaction, on any connection. The handler is called on the given context. */
    <R> void execute(ContextInternal context, CommandBase<R> command, Completable<R> handler);

    /**
     * Lends a connection to one borrower. Its {@link Connection#close} gives it back, clean: an open transaction is rolled back.
     *
     * @param context of the borrower
     * @param taker told on any thread, and at once where a connection is free
     */
    void acquire(ContextInternal context, Taker taker);

    /** Who asked for a connection. */
    interface Taker {

        /**
         * Here it is.
         *
         * @param since when it was lent, as {@link System#nanoTime} tells
         */
        void take(Connection connection, long since);

        /** There is none. */
        void fail(Throwable error);
    }

    /** Translates the driver's error into the one that plugins know. */
    Throwable translate(Throwable error);

    /** Counts what happens here. */
    PoolMeter meter();

    /** The plugin's connections now. */
    PoolUsage usage();

    /** Names where the database is, as {@link ServerSnapshot#server} does. */
    String serverName();

    /** All connections to where the database is. */
    ServerSnapshot server();

    Future<Void> close();
}
