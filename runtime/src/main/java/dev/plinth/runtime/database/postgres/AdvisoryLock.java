package dev.plinth.runtime.database.postgres;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock among all sessions of one database, held by a session until it releases it or ends.
 *
 * <p>The server ends sessions that are idle for longer than their lease, so a frozen holder does not hold up others for ever.
 */
final class AdvisoryLock {

    private static final Logger LOG = LoggerFactory.getLogger(AdvisoryLock.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);
    private static final Duration FIRST_REPORT = Duration.ofSeconds(5);

    private final Vertx vertx;

    AdvisoryLock(Vertx vertx) {
        this.vertx = vertx;
    }

    /** A key that no other use of advisory locks meets by accident. */
    static long key(String purpose, String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(("plinth\0" + purpose + "\0" + name).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }

    /**
     * Waits until the session holds the lock. A long wait is logged with who holds it.
     *
     * <p>It asks again and again: a session that waits inside the server would hold up CREATE INDEX CONCURRENTLY by the holder.
     *
     * @param what the lock is, for the log
     */
    Future<Void> acquire(SqlConnection connection, long key, String what) {
        return new Wait(connection, key, what).attempt();
    }

    /**
     * Takes the lock if it is free, and then looks, in one step.
     *
     * @param look a query, which is run whether the lock was free or not
     */
    Future<First> tryFirst(SqlConnection connection, long key, String look) {
        return connection
                .query(taking(key) + "; " + look)
                .execute()
                .map(rows -> new First(isLocked(rows), rows.next()));
    }

    /** What was seen, with the lock or without it. */
    record First(boolean locked, RowSet<Row> rows) {}

    private static String taking(long key) {
        return "SELECT pg_try_advisory_lock(" + key + ")";
    }

    private static boolean isLocked(RowSet<Row> rows) {
        return rows.iterator().next().getBoolean(0);
    }

    Future<Void> release(SqlConnection connection, long key) {
        return connection
                .query("SELECT pg_advisory_unlock(" + key + ")")
                .execute()
                .mapEmpty();
    }

    private final class Wait {

        private final SqlConnection connection;
        private final long key;
        private final String what;
        private final long begin = System.nanoTime();
        private Duration pause = FIRST_PAUSE;
        private Duration nextReport = FIRST_REPORT;

        Wait(SqlConnection connection, long key, String what) {
            this.connection = connection;
            this.key = key;
            this.what = what;
        }

        Future<Void> attempt() {
            return connection
                    .query(taking(key))
                    .execute()
                    .compose(rows -> isLocked(rows) ? Future.succeededFuture() : again());
        }

        private Future<Void> again() {
            Duration current = pause;
            pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
            return report().compose(reported -> vertx.timer(current.toMillis(), TimeUnit.MILLISECONDS))
                    .compose(passed -> attempt());
        }

        /** Says it after some seconds, and then each time that the wait has doubled. */
        private Future<Void> report() {
            Duration waited = Duration.ofNanos(System.nanoTime() - begin);
            if (waited.compareTo(nextReport) < 0) {
                return Future.succeededFuture();
            }
            nextReport = nextReport.multipliedBy(2);
            return holder().onSuccess(holder ->
                            LOG.warn("{} is waited for since {} s; it is held {}", what, waited.toSeconds(), holder))
                    .mapEmpty();
        }

        private Future<String> holder() {
            String sql =
                    """
                    SELECT a.pid, a.application_name, a.backend_start::text
                    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
                    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                        AND l.classid::bigint = $1 AND l.objid::bigint = $2""";
            return connection
                    .preparedQuery(sql)
                    .execute(Tuple.of(key >>> 32, key & 0xffff_ffffL))
                    .map(Wait::describe);
        }

        private static String describe(RowSet<Row> rows) {
            if (rows.size() == 0) {
                return "by a session that has just ended";
            }
            Row row = rows.iterator().next();
            return "by pid " + row.getInteger(0) + " (" + row.getString(1) + ", connected since " + row.getString(2)
                    + ")";
        }

        private static Duration min(Duration a, Duration b) {
            return a.compareTo(b) < 0 ? a : b;
        }
    }
}
