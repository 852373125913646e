package dev.plinth.runtime.database.migration;

import dev.plinth.runtime.database.migration.MigrationDialect.HistoryTypes;
import dev.plinth.runtime.database.migration.MigrationDialect.Place;
import dev.plinth.runtime.database.migration.MigrationDialect.Script;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table {@code plinth_migration} of one plugin: which migrations were applied, by one connection. */
final class History {

    static final String TABLE = "plinth_migration";

    private static final String UNDEFINED_TABLE = "42P01";
    /** The repeatable ones, which have no version, after the others. */
    private static final Comparator<Applied> IN_ORDER = Comparator.comparing(
                    Applied::version, Comparator.nullsLast(Comparator.<Long>naturalOrder()))
            .thenComparing(Applied::name);

    private static final String COLUMNS = "version, name, checksum, applied_at, duration, kind, state";

    private final SqlConnection connection;
    private final String pluginId;
    private final Place place;
    private final MigrationDialect dialect;
    private final String table;

    History(SqlConnection connection, String pluginId, Place place, MigrationDialect dialect) {
        this.connection = connection;
        this.pluginId = pluginId;
        this.place = place;
        this.dialect = dialect;
        this.table = place.historyTable();
    }

    /** Everything that is on record; empty when there is no such table yet. */
    Future<List<Applied>> read() {
        return recorded("")
                .recover(failure ->
                        isUndefinedTable(failure) ? Future.succeededFuture(List.of()) : Future.failedFuture(failure));
    }

    /** The same; afterwards there is such a table. Looks first, as making sure in one statement gives a notice each time. */
    Future<List<Applied>> readOrCreate() {
        if (!place.mayHaveHistory() && dialect.script().isPresent()) {
            return recorded(creation() + "; ");
        }
        return recorded("")
                .recover(failure -> isUndefinedTable(failure)
                        ? connection.query(creation()).execute().map(List.of())
                        : Future.failedFuture(failure));
    }

    /**
     * In one step, where to prepare a statement that is used once would be another: a plugin's id needs no quotes. Put in order here, as
     * a server has to look up more in a new session to do so.
     */
    private Future<List<Applied>> recorded(String before) {
        return connection
                .query(before + "SELECT " + COLUMNS + " FROM " + table + " WHERE plugin = '" + pluginId + "'")
                .execute()
                .map(rows -> {
                    List<Applied> history = new ArrayList<>();
                    (before.isEmpty() ? rows : rows.next()).forEach(row -> history.add(toApplied(row)));
                    history.sort(IN_ORDER);
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
    private String creation() {
        HistoryTypes types = dialect.historyTypes();
        String sql = "CREATE TABLE IF NOT EXISTS " + table
                + " (plugin %2$s NOT NULL, version BIGINT, name %1$s NOT NULL, checksum %1$s NOT NULL,"
                + " applied_at %3$s DEFAULT CURRENT_TIMESTAMP NOT NULL, duration BIGINT NOT NULL,"
                + " kind %1$s NOT NULL, state %1$s NOT NULL, UNIQUE (plugin, version))";
        return sql.formatted(types.text(), types.key(), types.instant());
    }

    /** As {@link #write}, to be sent with other statements: a new row, as only a repeatable migration may have one. */
    String writing(Migration migration, String state, Script script) {
        String insertion = insertion("'" + pluginId + "', " + migration.version() + ", "
                + script.literal(migration.name()) + ", '" + migration.checksum() + "', 0, '"
                + migration.kind().text() + "', '" + state + "'");
        return migration.repeatable()
                ? "DELETE FROM " + table + where(migration, script) + "; " + insertion
                : insertion;
    }

    private String insertion(String values) {
        return "INSERT INTO " + table + " (plugin, version, name, checksum, duration, kind, state) VALUES (" + values
                + ")";
    }

    /** As {@link #update}, to be sent with other statements. */
    String updating(Migration migration, String state, long duration, Script script) {
        return "UPDATE " + table + " SET state = '" + state + "', duration = " + duration + ", checksum = '"
                + migration.checksum() + "'" + where(migration, script);
    }

    private String where(Migration migration, Script script) {
        return " WHERE plugin = '" + pluginId + "' AND "
                + (migration.repeatable()
                        ? "version IS NULL AND name = " + script.literal(migration.name())
                        : "version = " + migration.version());
    }

    /** Puts a migration on record, in place of what is there of a repeatable one. */
    Future<Void> write(Migration migration, String state) {
        return delete(migration).compose(none -> connection
                .preparedQuery(insertion("$1, $2, $3, $4, 0, $5, $6"))
                .execute(Tuple.of(
                        pluginId,
                        migration.version(),
                        migration.name(),
                        migration.checksum(),
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
