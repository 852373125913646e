package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.internal.command.ExtendedQueryCommand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Hands results over in parts. */
final class Cursors {

    private Cursors() {}

    /** @param inTransaction whether the rest is kept; elsewhere a cursor ends with its statement */
    static void open(Job job, boolean inTransaction) {
        if (job.command instanceof ExtendedQueryCommand<?> query && query.cursorId() != null && query.fetch() > 0) {
            StatementResult all = job.takeResult();
            SessionState.OpenCursor cursor = new SessionState.OpenCursor(new ArrayDeque<>(all.rows()), all.columns());
            if (inTransaction) {
                job.session.cursors.put(query.cursorId(), cursor);
            }
            fetch(job, query, cursor);
        }
    }

    static void fetchMore(Job job, ExtendedQueryCommand<?> query) {
        SessionState.OpenCursor cursor = job.session.cursors.get(query.cursorId());
        if (cursor == null) {
            throw new StatementException(
                    "portal \"" + query.cursorId() + "\" does not exist", 0, "34000", null, null, null);
        }
        fetch(job, query, cursor);
    }

    private static void fetch(Job job, ExtendedQueryCommand<?> query, SessionState.OpenCursor cursor) {
        List<Row> rows = new ArrayList<>(query.fetch());
        while (rows.size() < query.fetch() && !cursor.rows().isEmpty()) {
            rows.add(cursor.rows().remove());
        }
        boolean more = rows.size() == query.fetch(); // PostgreSQL does not look further than it has to, either.
        job.add(new StatementResult(more ? 0 : rows.size(), rows, cursor.columns()));
        job.succeed(more);
    }
}
