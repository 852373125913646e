package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes this process's share of a server's connections: holds one connection, by whose name the instances count each other, and
 * asks now and then how many there are and what the server allows.
 */
final class PgControl {

    static final Duration EVERY = Duration.ofSeconds(5);

    /** For connecting, and then for the answer: a connection may only look open. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    /** This connection, and one to look after silent ones. */
    private static final int FOR_ITSELF = 2;

    private static final String ASK = "SELECT current_setting('max_connections')::int"
            + " - current_setting('superuser_reserved_connections')::int"
            + " - coalesce(current_setting('reserved_connections', true), '0')::int,"
            + " (SELECT count(*)::int FROM pg_stat_activity WHERE application_name LIKE 'plinth:%')";

    private final VertxInternal vertx;
    private final ContextInternal context;
    private final Connect connect;
    private final PostgresSettings settings;
    private final Consumer<Share> told;
    private final Duration every;
    private @Nullable SqlConnection connection;
    private boolean closed;
    private @Nullable Share share;

    /**
     * What this process may have of a server's connections.
     *
     * @param allowed what the server has for all its clients
     * @param instances processes like this one that it is divided by
     */
    record Share(int budget, int allowed, int instances) {

        String describe() {
            return budget + " of " + allowed + ", " + instances + (instances == 1 ? " instance" : " instances");
        }
    }

    /** Opens the connection that this holds. */
    interface Connect {
        Future<SqlConnection> connect(ContextInternal context, PostgresSettings settings);
    }

    /**
     * @param told of each new share
     * @param every how often the server is asked
     */
    PgControl(
            VertxInternal vertx,
            ContextInternal context,
            Connect connect,
            PostgresSettings settings,
            Consumer<Share> told,
            Duration every) {
        this.vertx = vertx;
        this.context = context;
        this.connect = connect;
        this.settings = settings;
        this.told = told;
        this.every = every;
    }

    void start() {
        context.runOnContext(nothing -> ask());
    }

    /** Without an answer the last share holds. */
    private void ask() {
        if (closed) {
            return;
        }
        connected()
                .compose(open -> open.query(ASK).execute().timeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                .map(rows -> rows.iterator().next())
                .onSuccess(this::divide)
                .onFailure(error -> drop())
                .onComplete(
                        (row, error) -> vertx.setTimer(every.toMillis(), id -> context.runOnContext(nothing -> ask())));
    }

    private Future<SqlConnection> connected() {
        SqlConnection open = connection;
        if (open != null) {
            return Future.succeededFuture(open);
        }
        return connect.connect(context, SettingsOf.probe(settings, LIMIT)).onSuccess(this::keep);
    }

    private void keep(SqlConnection opened) {
        connection = opened.closeHandler(nothing -> connection = null).exceptionHandler(error -> {});
        if (closed) {
            drop();
        }
    }

    private void drop() {
        SqlConnection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }

    /** Never more than half: other clients must get in before a second instance is counted. */
    private void divide(Row row) {
        int allowed = row.getInteger(0);
        int instances = Math.max(1, row.getInteger(1));
        Share now = new Share(Math.max(1, allowed / Math.max(2, instances) - FOR_ITSELF), allowed, instances);
        if (!now.equals(share)) {
            share = now;
            told.accept(now);
        }
    }

    void close() {
        context.runOnContext(nothing -> {
            closed = true;
            drop();
        });
    }
}
