package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a slow statement from a dead connection: asks the server, over another connection, what the silent ones are doing. A
 * session that the server does not know, or that is idle there, will never answer.
 */
final class PgWatch {

    /** So long an answer may take before the server is asked. */
    static final Duration SILENCE = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(PgWatch.class);
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static final String ASK = "SELECT pid, state LIKE 'idle%' AND state_change < now() - interval '1 second'"
            + " FROM pg_stat_activity WHERE pid = ANY($1)";

    private final PgControl.Connect connect;
    private final Set<PgLink> links;
    private final Set<PgLink> silent = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean asking = new AtomicBoolean();

    /** @param links all of this server */
    PgWatch(PgControl.Connect connect, Set<PgLink> links) {
        this.connect = connect;
        this.links = links;
    }

    /**
     * A connection has been silent for long. Asks at once, unless that is under way.
     *
     * @param asker where that is done: not on an event loop that a plugin may block
     */
    void silent(PgLink link, ContextInternal asker, PostgresSettings settings) {
        silent.add(link);
        if (asking.compareAndSet(false, true)) {
            ask(asker, SettingsOf.probe(settings, LIMIT));
        }
    }

    private void ask(ContextInternal context, PostgresSettings settings) {
        connect.connect(context, settings)
                .compose(connection -> askAll(connection).eventually(connection::close))
                .onFailure(error -> LOG.debug("cannot look after silent connections to {}", settings.location(), error))
                .onComplete((nothing, error) -> {
                    silent.clear();
                    asking.set(false);
                });
    }

    /** When one falls silent, others often follow while the server is being asked. */
    private Future<Void> askAll(SqlConnection connection) {
        List<PgLink> asked = List.copyOf(silent);
        if (asked.isEmpty()) {
            return Future.succeededFuture();
        }
        silent.removeAll(asked);
        return sessions(connection, asked).compose(idle -> {
            asked.forEach(link -> judge(link, idle));
            return askAll(connection);
        });
    }

    private static Future<Map<Integer, Boolean>> sessions(SqlConnection connection, List<PgLink> asked) {
        int itself = PgPooler.told(connection);
        Integer[] processes = Stream.concat(Stream.of(itself), asked.stream().map(PgLink::processId))
                .toArray(Integer[]::new);
        return connection
                .preparedQuery(ASK)
                .execute(Tuple.of(processes))
                .map(PgWatch::read)
                .compose(known -> known.containsKey(itself)
                        ? Future.succeededFuture(known)
                        // A pooler makes process ids up; a statement that is slow must not pass for dead.
                        : Future.failedFuture("a pooler hides the server's processes"))
                .timeout(LIMIT.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
    }

    /** Whether each process has nothing to do; null where the server does not say. */
    private static Map<Integer, Boolean> read(RowSet<Row> rows) {
        Map<Integer, Boolean> idle = new HashMap<>();
        for (Row row : rows) {
            idle.put(row.getInteger(0), Boolean.TRUE.equals(row.getBoolean(1)));
        }
        return idle;
    }

    private void judge(PgLink link, Map<Integer, Boolean> idle) {
        if (!idle.getOrDefault(link.processId(), true)) {
            link.context().emit(link.watch(), AnswerWatch::isAtWork);
            return;
        }
        link.context().emit(link, any -> {
            long since = link.watch().waitingSince();
            if (System.nanoTime() - since < SILENCE.toNanos()) {
                return; // it answered after all
            }
            LOG.warn(
                    "a connection to {} is dead though it looks open; it is replaced",
                    link.connection().server());
            link.cut();
            // What was idle all the while is most likely dead too, and would cost its next borrower as long.
            links.forEach(other -> other.context().emit(other, idler -> idler.cutIfIdleSince(since)));
        });
    }
}
