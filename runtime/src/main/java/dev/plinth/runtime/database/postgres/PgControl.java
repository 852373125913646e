package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes this process's share of a server's connections: holds one connection, by whose name the instances count each other, and
 * asks now and then how many there are and what the server allows.
 */
final class PgControl {

    static final Duration EVERY = Duration.ofSeconds(2);

    /** After so long all instances have asked since, and know of one that came. */
    private static final Duration KNOWN_AFTER = EVERY.plusSeconds(1);

    /** An instance that does not ask for so long is not counted any more: the server ends its session. */
    static final Duration GONE_AFTER = Duration.ofSeconds(15);

    /** So much sooner it is asked again by who has less than its share. */
    private static final int SOONER = 4;

    /** For connecting, and then for the answer: a connection may only look open. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    // Of sessions of other users not all is told to everybody.
    private static final String ASK = "SELECT current_setting('max_connections')::int"
            + " - current_setting('superuser_reserved_connections')::int"
            + " - coalesce(current_setting('reserved_connections', true), '0')::int,"
            + " count(*) FILTER (WHERE coalesce(backend_type, 'client backend') = 'client backend')::int,"
            + " count(*) FILTER (WHERE instance)::int,"
            + " count(*) FILTER (WHERE instance AND pid <> pg_backend_pid() AND known)::int,"
            + " bool_or(pid = pg_backend_pid() AND known)"
            + " FROM (SELECT pid, backend_type, application_name LIKE 'plinth:%' AS instance,"
            + " coalesce(backend_start < now() - interval '" + KNOWN_AFTER.toMillis() + " ms', true) AS known"
            + " FROM pg_stat_activity WHERE datid IS NOT NULL) session";

    private final VertxInternal vertx;
    private final ContextInternal context;
    private final Connect connect;
    private final PostgresSettings settings;
    private final Owner owner;
    private final Duration every;
    private final FairShare fairShare = new FairShare();
    private @Nullable SqlConnection connection;
    private boolean closed;
    private int limit;
    private FairShare.@Nullable Share share;

    /** Opens the connection that this holds. */
    interface Connect {
        Future<SqlConnection> connect(ContextInternal context, PostgresSettings settings);
    }

    /** Whose share it is. */
    interface Owner {

        /** How many connections it has now. */
        int held();

        /**
         * It may have more, or less.
         *
         * @param limit connections that it may have now, while others come or go
         */
        void changed(FairShare.Share share, int limit);
    }

    /** @param every how often the server is asked */
    PgControl(
            VertxInternal vertx,
            ContextInternal context,
            Connect connect,
            PostgresSettings settings,
            Owner owner,
            Duration every) {
        this.vertx = vertx;
        this.context = context;
        this.connect = connect;
        this.settings = settings;
        this.owner = owner;
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
                .onComplete((row, error) -> vertx.setTimer(untilNext(), id -> context.runOnContext(nothing -> ask())));
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

    private long untilNext() {
        boolean less = share != null && limit < share.budget();
        return (less ? every.dividedBy(SOONER) : every).toMillis();
    }

    private void divide(Row row) {
        int allowed = row.getInteger(0);
        int free = allowed - row.getInteger(1);
        FairShare.Seen seen = new FairShare.Seen(
                allowed,
                free,
                Math.max(1, row.getInteger(2)),
                row.getInteger(3),
                Boolean.TRUE.equals(row.getBoolean(4)));
        int limitNow = fairShare.limit(seen, owner.held());
        FairShare.Share shareNow = Objects.requireNonNull(fairShare.share());
        if (limitNow != limit || !shareNow.equals(share)) {
            limit = limitNow;
            share = shareNow;
            owner.changed(shareNow, limitNow);
        }
    }

    void close() {
        context.runOnContext(nothing -> {
            closed = true;
            drop();
        });
    }
}
