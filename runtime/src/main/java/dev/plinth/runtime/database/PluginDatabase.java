package dev.plinth.runtime.database;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.Phase;
import dev.plinth.runtime.database.DatabaseHealth.State;
import dev.plinth.runtime.database.DatabaseHealth.Status;
import dev.plinth.runtime.database.DatabaseKind.Place;
import dev.plinth.runtime.database.DatabaseVerticle.Server;
import dev.plinth.runtime.database.migration.Migrator;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.PluginPool;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One plugin's way to its pool, and the pool once it is there. Used on the database verticle's context. */
final class PluginDatabase {

    private static final String PREPARING = "its database is being prepared";

    private final Vertx vertx;
    private final Migrator migrator;
    private final DatabaseRequest request;
    private final Supplier<Place<?>> places;
    private final Function<Place<?>, Server> servers;
    private final boolean traces;
    private final Promise<DatabaseReply> reply = Promise.promise();

    private @Nullable Handle handle;
    private @Nullable ServerWatch watch;
    private @Nullable Trouble trouble;
    private boolean closed;
    private boolean waited;
    private String obstacle = "";
    private boolean preparing = true;
    private boolean reached;
    private boolean resolved;
    private State state = new State(Status.PREPARING, PREPARING, Instant.now());

    /**
     * @param places where the plugin's database is, asked again for each attempt
     * @param servers what the plugins on one server share
     * @param traces whether the pool keeps where connections were taken
     */
    PluginDatabase(
            Vertx vertx,
            Migrator migrator,
            DatabaseRequest request,
            Supplier<Place<?>> places,
            Function<Place<?>, Server> servers,
            boolean traces) {
        this.vertx = vertx;
        this.migrator = migrator;
        this.request = request;
        this.places = places;
        this.servers = servers;
        this.traces = traces;
    }

    /** What the plugin works with, and what stands behind it. */
    private record Handle(PluginPool pool, ConnectionSource source) {

        Future<Void> close() {
            return pool.revoke().eventually(source::close);
        }
    }

    /** Succeeds with the pool; fails when waiting cannot help, or when this is closed before. */
    Future<DatabaseReply> reply() {
        return reply.future();
    }

    /** Whether it failed because a server says no, which an operator may change there; a broken migration stays so. */
    boolean isRefused() {
        return resolved
                && !closed
                && (!reached || PassingFailures.isDenied(reply.future().cause()));
    }

    boolean isClosed() {
        return closed;
    }

    boolean failed() {
        return reply.future().failed();
    }

    void open() {
        attempt().onSuccess(this::handOver).onFailure(this::giveUp);
    }

    private Future<DatabaseReply> attempt() {
        preparing = true;
        request.progress().accept(Phase.PROVISIONING);
        return Future.<Void>succeededFuture().compose(now -> attempt(places.get()));
    }

    private Future<DatabaseReply> attempt(Place<?> place) {
        resolved = true;
        Server server = servers.apply(place);
        watch = server.watch();
        return server.gate()
                .pass(() -> prepare(place))
                .map(prepared -> lend(place, server.watch()))
                .recover(failure ->
                        isPassing(failure) ? waitFor(place, server.watch(), failure) : Future.failedFuture(failure))
                .onComplete(done -> leave(server.watch()));
    }

    private boolean isPassing(Throwable failure) {
        return failure instanceof RetryableException && !closed;
    }

    private Future<DatabaseReply> waitFor(Place<?> place, ServerWatch watch, Throwable failure) {
        stopAt(failure);
        waited = true;
        request.progress().accept(Phase.PROVISIONING);
        watch.probeWith(place::probe);
        return watch.awaitUp(failure).compose(up -> closed ? Future.failedFuture(failure) : attempt());
    }

    private void leave(ServerWatch watch) {
        if (waited) {
            waited = false;
            watch.isWell();
        }
    }

    private Future<Void> prepare(Place<?> place) {
        return place.prepare()
                .compose(prepared -> migrateAndClose(place, prepared))
                .recover(place::named);
    }

    /** Where something was pending there is a lock, which ends with the connection: others may wait for it. */
    private Future<Void> migrateAndClose(Place<?> place, Connector.Prepared prepared) {
        SqlConnection connection = prepared.connection();
        Future<Boolean> locked = migrate(place, prepared);
        return locked.eventually(() ->
                        locked.succeeded() && !locked.result() ? place.closeLater(connection) : connection.close())
                .mapEmpty();
    }

    private Future<Boolean> migrate(Place<?> place, Connector.Prepared prepared) {
        reached = true;
        request.progress().accept(Phase.MIGRATING);
        return place.settings().skipMigrations()
                ? Future.succeededFuture(false)
                : migrator.migrate(prepared.connection(), request, prepared.migrations());
    }

    private DatabaseReply lend(Place<?> place, ServerWatch watch) {
        watch.probeWith(place::probe);
        ConnectionSource source = place.open();
        Trouble met = new Trouble(vertx, place, watch);
        trouble = met;
        PluginPool pool = new PluginPool(vertx, request.pluginId(), source, traces, met::notice);
        handle = new Handle(pool, source);
        return new DatabaseReply(pool, place.settings().dialect());
    }

    private void handOver(DatabaseReply ready) {
        obstacle = "";
        preparing = false;
        if (!reply.tryComplete(ready) && handle != null) {
            handle.close();
        }
    }

    private void giveUp(Throwable failure) {
        stopAt(failure);
        reply.tryFail(failure);
    }

    private void stopAt(Throwable failure) {
        preparing = false;
        obstacle = String.valueOf(failure.getMessage());
    }

    /** What the plugin works with; empty until it is there. */
    Optional<PluginPool> pool() {
        return Optional.ofNullable(handle).map(Handle::pool);
    }

    /** Takes the pool back; who still waits for it hears the reason. */
    Future<Void> close(String reason) {
        closed = true;
        if (trouble != null) {
            trouble.end();
        }
        reply.tryFail(new DatabaseUnavailableException("plugin '" + request.pluginId() + "': " + reason));
        return handle == null ? Future.succeededFuture() : handle.close();
    }

    /** The plugin's own trouble, or else its server's. Never fails. */
    Future<State> check() {
        if (preparing) {
            return Future.succeededFuture(note(Status.PREPARING, PREPARING));
        }
        String own = obstacle.isEmpty() && trouble != null ? trouble.reason() : obstacle;
        Future<String> reason = own.isEmpty() && watch != null ? watch.health() : Future.succeededFuture(own);
        return reason.map(told -> note(told.isEmpty() ? Status.UP : Status.DOWN, told));
    }

    private State note(Status status, String reason) {
        Instant since = status == state.status() ? state.since() : Instant.now();
        state = new State(status, reason, since);
        return state;
    }
}
