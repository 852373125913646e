package dev.plinth.runtime.database;

import dev.plinth.runtime.database.migration.MigrationDialect;
import dev.plinth.runtime.database.pool.ConnectionSource;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * One kind of database: makes databases exist, and connects to them. One object per process; any thread.
 *
 * <p>Failures are {@link dev.plinth.plugin.DatabaseUnavailableException}s whose message names plugin, place, cause, SQLSTATE and
 * remedy; {@link RetryableException} among them when the cause may pass by itself, such as a server that is away.
 */
public interface Connector<S extends DatabaseSettings> {

    /** So many databases are prepared at once, however few connections a server allows. */
    int PREPARED_AT_ONCE = 8;

    /** Makes sure that the database, schema or file exists. Safe with any number of instances doing so at once. */
    Future<Void> provision(S settings);

    /** A connection of its own outside every pool, for migrations. The caller closes it. */
    Future<SqlConnection> connect(S settings);

    /**
     * Both in one: the connection that found everything in its place serves on. Plugins may get one after the other; each has it as
     * new, and to itself until it closes it.
     */
    default Future<SqlConnection> provisionAndConnect(S settings) {
        return provision(settings).compose(provisioned -> connect(settings));
    }

    /** The same, with how to migrate over it: by then something may be known that else would have to be asked for. */
    default Future<Prepared> prepare(S settings) {
        return provisionAndConnect(settings).map(session -> new Prepared(session, migrations(settings)));
    }

    /** The event loops that it keeps for what it does for all plugins. */
    default List<Context> loops() {
        return List.of();
    }

    /** Begins what {@link #prepare} takes long for when it is asked for first. Nothing comes of it when nobody asks within seconds. */
    default void prepareEarly(S settings) {}

    /** How many databases are prepared at once, so that many plugins do not take all connections of a server. May change. */
    default int preparedAtOnce(S settings) {
        return PREPARED_AT_ONCE;
    }

    /** Closes what {@link #prepare} gave and holds no locks, when there is time for it: whoever waits for the plugin need not wait for that. */
    default Future<Void> closeLater(S settings, SqlConnection connection) {
        return connection.close();
    }

    /**
     * A database where everything is in its place but what migrations make.
     *
     * @param connection for the caller to close
     * @param migrations as the connection found it
     */
    record Prepared(SqlConnection connection, MigrationDialect migrations) {}

    /** How its database is migrated. */
    MigrationDialect migrations(S settings);

    /** What stands behind the plugin's pool. Opens nothing before it is used. */
    ConnectionSource open(S settings);

    /** Names what plugins share and what is away for all of them at once, such as a server. */
    default String server(S settings) {
        return settings.location();
    }

    /** Whether the server lets this plugin in; takes some seconds at most. */
    default Future<Void> probe(S settings) {
        return connect(settings).compose(SqlConnection::close);
    }

    /** Whether a new connection shows if what failed on another one, or for want of one, would fail still. */
    default boolean isShownByConnecting(Throwable failure) {
        return false;
    }

    /** Writes something of no consequence, where only that shows whether the database can be used again. */
    default Future<Void> tryToWrite(S settings) {
        return connect(settings).compose(SqlConnection::close);
    }

    /** Whether the database, with its schema, is there. Makes nothing. */
    default Future<Boolean> exists(S settings) {
        return connect(settings).compose(SqlConnection::close).map(true);
    }

    /** What can be said about the database and the way to it. Makes nothing. */
    default Future<Inspection> inspect(S settings) {
        return exists(settings).map(there -> new Inspection(Map.of("exists", there ? "yes" : "no"), List.of()));
    }

    /**
     * Databases, schemas and files with generated names that belong to none of these plugins, in words. Drops nothing.
     *
     * @param installed the settings of all installed plugins on this kind of database
     */
    default Future<List<String>> orphans(Collection<S> installed, NamePrefixes prefixes) {
        return Future.succeededFuture(List.of());
    }

    /**
     * Copies the database, as it is at one moment, into a new file in this directory; it goes on serving meanwhile.
     *
     * @return the file; fails when the database cannot be copied from here, or there is such a file already
     */
    Future<Path> backup(S settings, Path directory);

    /** This event loop is blocked: what can be done on others is done there until it goes on. Any thread. */
    default void avoid(EventExecutor loop) {}

    /** It is blocked for so long that connections on it are ended from outside: what is open there is undone. Any thread. */
    default void giveUp(EventExecutor loop) {}

    /** Closes everything that is still open. */
    Future<Void> close();
}
