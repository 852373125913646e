package dev.plinth.runtime.database.migration;

import dev.plinth.plugin.Dialect;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.SqlConnection;
import java.util.OptionalInt;

/** What differs between databases when they are migrated. Used on the migrating connection's context. */
public interface MigrationDialect {

    /** Which files apply, and how they are cut into statements. */
    Dialect dialect();

    /** The name of the history table, such that a migration which changes the search path cannot lead to another. */
    Future<String> historyTable(SqlConnection connection);

    /** The types of the history's columns: a text of any length, one that is part of a key, and a point in time. */
    default HistoryTypes historyTypes() {
        return new HistoryTypes("TEXT", "TEXT", "TIMESTAMPTZ");
    }

    record HistoryTypes(String text, String key, String instant) {}

    /**
     * Waits until no other process migrates this database or schema. The lock ends with the connection at the latest.
     *
     * @param pluginId for messages about a long wait
     */
    Future<Void> lock(SqlConnection connection, String pluginId);

    Future<Void> unlock(SqlConnection connection);

    /** Prepares the transaction that was just begun for one migration. */
    Future<Void> enterTransaction(SqlConnection connection);

    /** Prepares for running this statement again, as it may have been cut off half-way in an earlier run. */
    Future<Void> beforeResume(SqlConnection connection, String sql);

    /** Whether the whole transaction may be tried again, as it only waited too long for others. */
    boolean isBusy(Throwable failure);

    /** The character of the statement, from 0, that the error is about. */
    OptionalInt position(DatabaseException failure);
}
