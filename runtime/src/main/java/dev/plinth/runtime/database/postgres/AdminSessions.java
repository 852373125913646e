package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A short-lived session for each place in which this process creates something, or a few, whatever the number of plugins. Opened
 * when there is work, closed soon after the last. Work on one session is done one after the other. Any thread.
 */
final class AdminSessions {

    private static final Duration KEPT_OPEN = Duration.ofMillis(200);

    /** Two that make databases take a third to half of the time of one, as each waits for the disk; more gain little. */
    private static final int BESIDE = 2;

    private final Vertx vertx;
    private final Function<PostgresSettings, Future<SqlConnection>> connect;
    private final Map<List<Object>, Session> sessions = new HashMap<>();
    private int turn;

    AdminSessions(Vertx vertx, Function<PostgresSettings, Future<SqlConnection>> connect) {
        this.vertx = vertx;
        this.connect = connect;
    }

    /**
     * A database as seen by one login, over one kind of line: a plugin must not profit from what another one proved.
     *
     * @param number which of the sessions there
     */
    private static List<Object> place(PostgresSettings settings, int number) {
        return List.of(
                number,
                settings.host(),
                settings.port(),
                settings.effectiveDatabase(),
                settings.user(),
                settings.password(),
                settings.tls(),
                settings.properties());
    }

    /** Works on the session of these settings, which are the administrator's. */
    <T> Future<T> run(PostgresSettings settings, Function<SqlConnection, Future<T>> work) {
        return session(place(settings, 0)).run(settings, work);
    }

    /** The same, where other work may go on at the same time. */
    <T> Future<T> runBeside(PostgresSettings settings, Function<SqlConnection, Future<T>> work) {
        return session(place(settings, nextTurn())).run(settings, work);
    }

    private synchronized int nextTurn() {
        turn = (turn + 1) % BESIDE;
        return turn;
    }

    private synchronized Session session(List<Object> place) {
        return sessions.computeIfAbsent(place, unused -> new Session());
    }

    /** Closes what is open. More work opens it again. */
    synchronized Future<Void> close() {
        return Future.join(sessions.values().stream().map(Session::close).toList())
                .mapEmpty();
    }

    private final class Session {

        private Future<?> last = Future.succeededFuture();
        private @Nullable Future<SqlConnection> connection;
        private int outstanding;

        synchronized <T> Future<T> run(PostgresSettings settings, Function<SqlConnection, Future<T>> work) {
            outstanding++;
            Future<T> result =
                    last.transform(done -> connection(settings)).compose(work).onComplete(done -> finished());
            last = result;
            return result;
        }

        private synchronized Future<SqlConnection> connection(PostgresSettings settings) {
            if (connection == null || connection.failed()) {
                Future<SqlConnection> opening = connect.apply(settings);
                connection = opening;
                opening.onSuccess(opened -> opened.closeHandler(gone -> forget(opening)));
            }
            return connection;
        }

        /** By the time that one is closed, another may have been opened. */
        private synchronized void forget(Future<SqlConnection> gone) {
            if (connection == gone) {
                connection = null;
            }
        }

        private synchronized void finished() {
            if (--outstanding == 0) {
                vertx.setTimer(KEPT_OPEN.toMillis(), id -> closeIfIdle());
            }
        }

        private synchronized void closeIfIdle() {
            if (outstanding == 0) {
                close();
            }
        }

        synchronized Future<Void> close() {
            Future<SqlConnection> open = connection;
            connection = null;
            return open == null
                    ? Future.succeededFuture()
                    : open.compose(SqlConnection::close).otherwiseEmpty();
        }
    }
}
