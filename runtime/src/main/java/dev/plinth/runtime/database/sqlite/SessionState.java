package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.Row;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What a database remembers of one session. Used only by the thread that runs the database. */
final class SessionState {

    final String pluginId;

    /** A statement of the open transaction failed, so that it can only be rolled back. */
    boolean failed;

    /** The open transaction was begun by the client's own command, and not by a text. */
    boolean begunByClient;

    /**
     * A statement of the client's transaction failed: like the client of PostgreSQL, who does not know of savepoints, it is rolled
     * back at its end.
     */
    boolean doomed;

    /** Jobs of this session that wait; later ones queue behind them. */
    int waiting;

    final Map<String, OpenCursor> cursors = new HashMap<>(0);

    SessionState(String pluginId) {
        this.pluginId = pluginId;
    }

    /** A cursor, and the rows that were not fetched yet. */
    record OpenCursor(Queue<Row> rows, @Nullable SqliteRowDesc columns) {}
}
