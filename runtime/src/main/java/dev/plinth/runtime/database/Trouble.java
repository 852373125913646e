package dev.plinth.runtime.database;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.runtime.database.DatabaseKind.Place;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;

/**
 * What keeps a plugin that serves from its database, as its own last attempt met it, until another attempt shows that it is gone.
 * Used on one context; only {@link #notice} may be called from any thread.
 */
final class Trouble {

    /** A login that is refused is not to be tried as often as a server that is away. */
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** So long nothing may have failed where a new connection shows nothing, as on a disk that is full. */
    private static final Duration QUIET = Duration.ofSeconds(3);

    private final Context context;
    private final Place<?> place;
    private final ServerWatch server;
    private final ServerWatch own;
    private volatile boolean noticed;
    private volatile long lastAt;
    private boolean ended;
    private String reason = "";

    /** @param server what the plugins on the same server share */
    Trouble(Vertx vertx, Place<?> place, ServerWatch server) {
        this.context = vertx.getOrCreateContext();
        this.place = place;
        this.server = server;
        this.own = new ServerWatch(vertx, place.settings().location(), PAUSE, this::connect);
    }

    /** A plugin's statement failed, or its wish for a connection. */
    void notice(Throwable failure) {
        if (!(failure instanceof DatabaseUnavailableException) || failure instanceof PoolExhaustedException) {
            return;
        }
        lastAt = System.nanoTime();
        if (!noticed) {
            noticed = true;
            context.runOnContext(here -> begin(failure));
        }
    }

    /** In words; empty when there is none. */
    String reason() {
        return reason;
    }

    void end() {
        ended = true;
        own.close();
    }

    private void begin(Throwable failure) {
        if (place.isShownByConnecting(failure)) {
            connect().onSuccess(there -> over()).onFailure(this::stay);
        } else {
            stay(failure);
        }
    }

    /** A refusal lasts until somebody acts, and is this plugin's alone; the rest is everybody's. */
    private void stay(Throwable failure) {
        if (ended) {
            return;
        }
        reason = String.valueOf(failure.getMessage());
        ServerWatch watch = failure instanceof RetryableException ? server : own;
        watch.awaitUp(failure)
                .compose(up -> tryAgain(failure))
                .onSuccess(there -> {
                    over();
                    watch.isWell();
                })
                .onFailure(this::stay);
    }

    private void over() {
        reason = "";
        noticed = false;
    }

    private Future<Void> tryAgain(Throwable failure) {
        if (place.isShownByConnecting(failure)) {
            return connect();
        }
        boolean quiet = System.nanoTime() - lastAt > QUIET.toNanos();
        return quiet ? place.tryToWrite().recover(place::named) : Future.failedFuture(failure);
    }

    private Future<Void> connect() {
        return place.probe()
                .compose(there -> place.connect().compose(SqlConnection::close))
                .recover(place::named);
    }
}
