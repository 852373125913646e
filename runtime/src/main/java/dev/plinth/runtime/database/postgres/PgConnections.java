package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.ConnectionSource;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.SqlConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** All physical connections of this process to PostgreSQL servers. Any thread. */
final class PgConnections {

    private final VertxInternal vertx;
    /**
     * To log in takes more of a processor than all else that is done to prepare a plugin, so it is done beside that: with a hundred
     * plugins, one event loop with all of it is what a start waits for.
     */
    private final ContextInternal logins;

    private final PgDialer dialer;
    private final PgPoolOptions options;
    private final SharedSessions shared = new SharedSessions(this::dialShared);
    private final EarlyLogin early;
    private final Map<String, PgServer> servers = new ConcurrentHashMap<>();

    PgConnections(Vertx vertx, PgCredentials credentials, PgPoolOptions options) {
        this.vertx = (VertxInternal) vertx;
        this.logins = this.vertx.createEventLoopContext();
        this.dialer = new PgDialer(credentials);
        this.early = new EarlyLogin(vertx);
        this.options = options;
    }

    /**
     * A connection of its own, outside every pool, for the caller to close. Its errors are translated as a pool's are.
     *
     * @return fails with {@link dev.plinth.plugin.DatabaseUnavailableException}
     */
    Future<SqlConnection> connect(PostgresSettings settings) {
        return connect(settings, dial(settings, Map.of()));
    }

    private Future<SqlConnection> connect(PostgresSettings settings, Future<PgDialer.Line> dialled) {
        ContextInternal context = vertx.getOrCreateContext();
        return translated(context, settings, dialled.map(line -> Dedicated.wrap(context, settings, line)));
    }

    /**
     * Begins what {@link #connectOrTake} is soon to be asked for.
     *
     * @param own the plugin's, with which it will ask for its pool
     */
    void connectEarly(PostgresSettings settings, PostgresSettings own) {
        PgServer server = server(settings);
        early.keep(settings, abandoned -> server.beside(() -> dialer.dial(ownContext(), settings, Map.of(), abandoned))
                .onSuccess(reached -> server.takeShare(own)));
    }

    /** As {@link #connect(PostgresSettings)}; what was begun early for the plugin is taken first. */
    Future<SqlConnection> connectOrTake(PostgresSettings settings) {
        return connect(settings, early.take(settings).orElseGet(() -> dial(settings, Map.of())));
    }

    int preparedAtOnce(PostgresSettings settings) {
        return server(settings).preparedAtOnce();
    }

    /** Closes what {@link #connect} gave, when there is time for it. */
    Future<Void> closeLater(PostgresSettings settings, SqlConnection session) {
        return server(settings).closeLater(session);
    }

    /**
     * A session that others with the same login have before or after, each as new, for the caller to close. Nothing of the settings is
     * set there that only this plugin has.
     *
     * @return fails with {@link dev.plinth.plugin.DatabaseUnavailableException}
     */
    Future<SqlConnection> borrow(PostgresSettings settings) {
        ContextInternal context = vertx.getOrCreateContext();
        return translated(context, settings, shared.lend(context, settings));
    }

    private static Future<SqlConnection> translated(
            ContextInternal context, PostgresSettings settings, Future<SqlConnection> connected) {
        Promise<SqlConnection> promise = context.promise();
        connected
                .recover(error -> Future.failedFuture(PgErrors.connecting(settings, error)))
                .onComplete(promise);
        return promise.future();
    }

    private Future<PgDialer.Line> dialShared(PostgresSettings settings) {
        PostgresSettings nobodys = SettingsOf.nobodys(settings);
        // With a property beside the settings' own no statements are cached.
        return dial(nobodys, Map.of("application_name", nobodys.applicationName()));
    }

    private Future<PgDialer.Line> dial(PostgresSettings settings, Map<String, String> overrides) {
        return server(settings).beside(() -> dialer.dial(ownContext(), settings, overrides));
    }

    /** What stands behind one plugin's pool. Opens nothing before it is used. */
    ConnectionSource open(PostgresSettings settings) {
        return server(settings).source(settings);
    }

    private PgServer server(PostgresSettings settings) {
        return servers.computeIfAbsent(
                PostgresConnector.name(settings), name -> new PgServer(name, vertx, dialer, options));
    }

    /** Uses no connection on this event loop, which is blocked, until it goes on. */
    void avoid(EventExecutor loop) {
        servers.values().forEach(server -> server.avoid(loop));
    }

    /** Ends all connections on this event loop. */
    void giveUp(EventExecutor loop) {
        servers.values().forEach(server -> server.giveUp(loop));
    }

    /** Closes what is still open. */
    Future<Void> close() {
        shared.close();
        return early.close()
                .compose(closed -> Future.join(
                        servers.values().stream().map(PgServer::close).toList()))
                .mapEmpty();
    }

    private ContextInternal ownContext() {
        return PgServer.context(vertx, logins.nettyEventLoop());
    }

    /** Where the sockets of connections outside every pool are. */
    Context loop() {
        return logins;
    }
}
