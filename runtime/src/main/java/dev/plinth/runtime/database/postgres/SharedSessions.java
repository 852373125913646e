package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.ForwardingConnection;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that plugins with one login to one database have one after the other while they are prepared: to log in costs both sides
 * more than most plugins need done. Each plugin has its session as new, in no schema, and to itself until it closes it. Any thread.
 */
final class SharedSessions {

    /** One that nobody wants for so long is closed. */
    private static final Duration KEPT_OPEN = Duration.ofMillis(200);

    private final Function<PostgresSettings, Future<PgDialer.Line>> dial;
    private final Map<PgGroup, Deque<Idle>> idle = new HashMap<>();
    private boolean closed;

    /** @param dial opens a session without a cache of statements, as it forgets all that were prepared */
    SharedSessions(Function<PostgresSettings, Future<PgDialer.Line>> dial) {
        this.dial = dial;
    }

    /** A session that waits for the next plugin. Not a record: each wait is one of its own. */
    private static final class Idle {

        private final PgDialer.Line line;
        private final PostgresSettings settings;

        Idle(PgDialer.Line line, PostgresSettings settings) {
            this.line = line;
            this.settings = settings;
        }
    }

    /**
     * A session for the user's context, which gives it back by closing it.
     *
     * @return fails with the driver's errors
     */
    Future<SqlConnection> lend(ContextInternal user, PostgresSettings settings) {
        PgDialer.Line known = poll(PgGroup.of(settings));
        Future<PgDialer.Line> ready =
                known == null ? dial.apply(settings) : known.context().succeededFuture(known);
        return ready.map(line -> Dedicated.wrap(user, settings, line, new Lent(line, settings)));
    }

    private synchronized PgDialer.@Nullable Line poll(PgGroup group) {
        Deque<Idle> waiting = idle.getOrDefault(group, new ArrayDeque<>());
        for (Idle next = waiting.poll(); next != null; next = waiting.poll()) {
            if (next.line.connection().isValid()) {
                return next.line;
            }
            next.line.cut((nothing, error) -> {});
        }
        return null;
    }

    private final class Lent extends ForwardingConnection {

        private final PgDialer.Line line;
        private final PostgresSettings settings;

        Lent(PgDialer.Line line, PostgresSettings settings) {
            super(line.connection());
            this.line = line;
            this.settings = settings;
        }

        @Override
        public void close(Holder holder, Completable<Void> done) {
            line.context().runOnContext(here -> takeBack(line, settings).onComplete(done));
        }
    }

    /** What cannot be had as new is closed: in a transaction that was left open, or behind a pooler that has defaults of its own. */
    private Future<Void> takeBack(PgDialer.Line line, PostgresSettings settings) {
        if (!line.connection().isValid()) {
            return close(line, settings);
        }
        // A pooler may keep its session, and the locks in it.
        String cleaning = line.keepsProperties() ? "DISCARD ALL" : "SELECT pg_advisory_unlock_all()";
        return Dedicated.wrap(line.context(), settings, line)
                .query(cleaning)
                .execute()
                .transform(cleaned -> cleaned.succeeded() && line.keepsProperties() && keep(line, settings)
                        ? Future.succeededFuture()
                        : close(line, settings));
    }

    /** On the line's context. */
    private static Future<Void> close(PgDialer.Line line, PostgresSettings settings) {
        if (line.connection().isValid()) {
            return Dedicated.wrap(line.context(), settings, line).close();
        }
        line.cut((nothing, error) -> {});
        return Future.succeededFuture();
    }

    private synchronized boolean keep(PgDialer.Line line, PostgresSettings settings) {
        if (closed) {
            return false;
        }
        Idle waiting = new Idle(line, settings);
        PgGroup group = PgGroup.of(settings);
        idle.computeIfAbsent(group, unused -> new ArrayDeque<>()).push(waiting);
        line.context().setTimer(KEPT_OPEN.toMillis(), id -> closeIfWaiting(group, waiting));
        return true;
    }

    private synchronized void closeIfWaiting(PgGroup group, Idle waiting) {
        if (idle.getOrDefault(group, new ArrayDeque<>()).remove(waiting)) {
            close(waiting.line, waiting.settings);
        }
    }

    /** Closes those that wait; the others are closed when they are given back. */
    synchronized void close() {
        closed = true;
        idle.values()
                .forEach(sessions -> sessions.forEach(
                        waiting -> waiting.line.context().runOnContext(here -> close(waiting.line, waiting.settings))));
        idle.clear();
    }
}
