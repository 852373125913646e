package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one statement gave.
 *
 * @param updated rows changed, or rows read by a query, as PostgreSQL counts
 * @param columns null for a statement that gives no rows
 */
record StatementResult(int updated, List<Row> rows, @Nullable SqliteRowDesc columns) {

    static final StatementResult NONE = new StatementResult(0, List.of(), null);
}
