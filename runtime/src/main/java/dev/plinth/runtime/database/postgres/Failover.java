package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Finds out, when a connection took no write, whether others would: after a failover the old connections may lead to a standby, and
 * new ones to the primary. Asks over a new one, and has the old ones closed as they come free only if it takes writes: a server that
 * takes none for long can still be read from, undisturbed. Any thread.
 */
final class Failover {

    /** An answer holds for so long: the next one is worth a connection. */
    private static final Duration KEPT = Duration.ofMillis(250);

    /** Whoever writes rarely is not to be the one who finds out: it is asked so often, for so long after the last refusal. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private static final Duration WATCHED = Duration.ofSeconds(30);

    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static final String ASK = "SELECT current_setting('transaction_read_only') = 'off'";

    private final PgControl.Connect connect;
    private final Set<PgLink> links;
    private Future<Boolean> answer = Future.succeededFuture(false);
    private long asked;
    private long refused;
    private long renewed;

    /** @param links all of this server */
    Failover(PgControl.Connect connect, Set<PgLink> links) {
        this.connect = connect;
        this.links = links;
        this.renewed = System.nanoTime();
        this.refused = renewed;
        this.asked = renewed - KEPT.toNanos();
    }

    /**
     * Whether what this connection refused to write may be written over a connection that is made now. Never fails.
     *
     * @param asker where that is asked: not on an event loop that a plugin may block
     */
    synchronized Future<Boolean> isOver(PgLink refusing, ContextInternal asker, PostgresSettings settings) {
        if (refusing.openedAt() - renewed < 0) {
            return Future.succeededFuture(true);
        }
        refused = System.nanoTime();
        askAfter(KEPT, asker, settings);
        return answer;
    }

    /** @param pause since it was asked last */
    private synchronized void askAfter(Duration pause, ContextInternal asker, PostgresSettings settings) {
        long now = System.nanoTime();
        if (answer.isComplete() && now - asked >= pause.toNanos()) {
            asked = now;
            Set<PgLink> old = Set.copyOf(links);
            answer = connect.connect(asker, SettingsOf.probe(settings, LIMIT))
                    .compose(Failover::takesWrites)
                    .otherwise(false)
                    .onSuccess(writes -> {
                        if (writes) {
                            renew(now, old);
                        } else {
                            watch(asker, settings);
                        }
                    });
        }
    }

    private static Future<Boolean> takesWrites(SqlConnection connection) {
        return connection
                .query(ASK)
                .execute()
                .map(rows -> rows.iterator().next().getBoolean(0))
                .timeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .onComplete((writes, error) -> connection.close());
    }

    private void renew(long at, Set<PgLink> old) {
        synchronized (this) {
            renewed = at;
        }
        old.forEach(PgLink::discard);
    }

    private synchronized void watch(ContextInternal asker, PostgresSettings settings) {
        if (System.nanoTime() - refused < WATCHED.toNanos()) {
            asker.setTimer(ASK_AGAIN.toMillis(), id -> askAfter(ASK_AGAIN, asker, settings));
        }
    }
}
