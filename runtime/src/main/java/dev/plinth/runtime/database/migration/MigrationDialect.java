package dev.plinth.runtime.database.migration;

import dev.plinth.plugin.Dialect;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.SqlConnection;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What differs between databases when they are migrated. By default there is no lock, and nothing to prepare. Used on the
 * migrating connection's context.
 */
public interface MigrationDialect {

    /** Which files apply, and how they are cut into statements. */
    Dialect dialect();

    /** Where the connection's plugin has its tables. */
    default Future<Place> place(SqlConnection connection) {
        return Future.succeededFuture(new Place("", History.TABLE, true));
    }

    /**
     * Where a plugin has its tables.
     *
     * @param schema tells the place from others that are locked in the same database
     * @param historyTable such that a migration which changes the search path cannot lead to another
     * @param mayHaveHistory false when there was no such table a moment ago
     */
    record Place(String schema, String historyTable, boolean mayHaveHistory) {}

    /** For a database that takes several statements in one step; otherwise each is a step of its own. */
    default Optional<Script> script() {
        return Optional.empty();
    }

    /** How to write what else would be steps of their own. */
    interface Script {

        /** Statements that begin the transaction of a migration, and do what {@link #enterTransaction} does. */
        String begin();

        /** A text in quotes. */
        String literal(String text);
    }

    /** The types of the history's columns: a text of any length, one that is part of a key, and a point in time. */
    default HistoryTypes historyTypes() {
        return new HistoryTypes("TEXT", "TEXT", "TIMESTAMPTZ");
    }

    record HistoryTypes(String text, String key, String instant) {}

    /**
     * Waits until no other process migrates this database or schema. The lock ends with the connection.
     *
     * @param pluginId for messages about a long wait
     */
    default Future<Void> lock(SqlConnection connection, String pluginId, Place place) {
        return Future.succeededFuture();
    }

    /** Whether {@link #lock} locks; otherwise the transaction of each migration is all that keeps others out. */
    default boolean locks() {
        return false;
    }

    /** Prepares the transaction that was just begun for one migration. */
    default Future<Void> enterTransaction(SqlConnection connection) {
        return Future.succeededFuture();
    }

    /** Prepares for this statement, which runs outside of a transaction. */
    default Future<Void> beforeStatement(SqlConnection connection, String sql) {
        return Future.succeededFuture();
    }

    /** Prepares for running this statement again, as it may have been cut off half-way in an earlier run. */
    default Future<Void> beforeResume(SqlConnection connection, String sql) {
        return Future.succeededFuture();
    }

    /** Whether what failed may be tried again, as it only waited too long for others. */
    default boolean isBusy(Throwable failure) {
        return false;
    }

    /** The character of the statement, from 0, that the error is about. */
    default OptionalInt position(DatabaseException failure) {
        return OptionalInt.empty();
    }
}
