package dev.plinth.runtime.database.migration;

import dev.plinth.runtime.database.migration.MigrationDialect.HistoryTypes;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table {@code plinth_migration} of one plugin: which migrations were applied, by one connection. */
final class History {

    static final String TABLE = "plinth_migration";

    private static final String UNDEFINED_TABLE = "42P01";
    private static final String COLUMNS = "version, name, checksum, applied_at, duration, kind, state";

    private final SqlConnection connection;
    private final String pluginId;
    private final String table;
    private final HistoryTypes types;

    History(SqlConnection connection, String pluginId, String table, HistoryTypes types) {
        this.connection = connection;
        this.pluginId = pluginId;
        this.table = table;
        this.types = types;
    }

    /** Everything that is on record; empty when there is no such table yet. */
    Future<List<Applied>> read() {
        return recorded()
                .recover(failure ->
                        isUndefinedTable(failure) ? Future.succeededFuture(List.of()) : Future.failedFuture(failure));
    }

    /** The same; afterwards there is such a table. Looks first, as making sure in one statement gives a notice each time. */
    Future<List<Applied>> readOrCreate() {
        return recorded()
                .recover(failure ->
                        isUndefinedTable(failure) ? createTable().map(List.of()) : Future.failedFuture(failure));
    }

    /** In one step, where to prepare a statement that is used once would be another: a plugin's id needs no quotes. */
    private Future<List<Applied>> recorded() {
        return connection
                .query("SELECT " + COLUMNS + " FROM " + table + " WHERE plugin = '" + pluginId
                        + "' ORDER BY version, name")
                .execute()
                .map(rows -> {
                    List<Applied> history = new ArrayList<>();
                    rows.forEach(row -> history.add(toApplied(row)));
                    return history;
                });
    }

    private static boolean isUndefinedTable(Throwable failure) {
        return failure instanceof DatabaseException error && UNDEFINED_TABLE.equals(error.getSqlState());
    }

    /** By position, as not every database tells names as they were asked for. */
    private static Applied toApplied(Row row) {
        return new Applied(
                row.getLong(0),
                row.getString(1),
                row.getString(2),
                row.getOffsetDateTime(3),
                row.getLong(4),
                row.getString(5),
                row.getString(6));
    }

    /** Several plugins may share one database, so each row says whose it is. */
    private Future<Void> createTable() {
        String sql = "CREATE TABLE IF NOT EXISTS " + table
                + " (plugin %2$s NOT NULL, version BIGINT, name %1$s NOT NULL, checksum %1$s NOT NULL,"
                + " applied_at %3$s DEFAULT CURRENT_TIMESTAMP NOT NULL, duration BIGINT NOT NULL,"
                + " kind %1$s NOT NULL, state %1$s NOT NULL, UNIQUE (plugin, version))";
        return connection
                .query(sql.formatted(types.text(), types.key(), types.instant()))
                .execute()
                .mapEmpty();
    }

    /** Puts a migration on record, in place of what is there of a repeatable one. */
    Future<Void> write(Migration migration, String state) {
        return delete(migration).compose(none -> connection
                .preparedQuery(
                        "INSERT INTO " + table
                                + " (plugin, version, name, checksum, duration, kind, state) VALUES ($1, $2, $3, $4, $5, $6, $7)")
                .execute(Tuple.of(
                        pluginId,
                        migration.version(),
                        migration.name(),
                        migration.checksum(),
                        0L,
                        migration.kind().text(),
                        state))
                .mapEmpty());
    }

    private Future<Void> delete(Migration migration) {
        if (!migration.repeatable()) {
            return Future.succeededFuture();
        }
        return connection
                .preparedQuery("DELETE FROM " + table + " WHERE plugin = $1 AND version IS NULL AND name = $2")
                .execute(Tuple.of(pluginId, migration.name()))
                .mapEmpty();
    }

    /** Notes how far the migration got, and in how many milliseconds. */
    Future<Void> update(Migration migration, String state, long duration) {
        String where = migration.repeatable() ? "version IS NULL AND name = $5" : "version = $5";
        @Nullable Object key = migration.repeatable() ? migration.name() : migration.version();
        return connection
                .preparedQuery("UPDATE " + table
                        + " SET state = $1, duration = $2, checksum = $3 WHERE plugin = $4 AND " + where)
                .execute(Tuple.of(state, duration, migration.checksum(), pluginId, key))
                .mapEmpty();
    }

    /** Accepts the text that the jar has now. */
    Future<Void> repair(Migration migration) {
        return connection
                .preparedQuery("UPDATE " + table
                        + " SET checksum = $1, name = $2, kind = $3 WHERE plugin = $4 AND version = $5")
                .execute(Tuple.of(
                        migration.checksum(), migration.name(), migration.kind().text(), pluginId, migration.version()))
                .mapEmpty();
    }
}
