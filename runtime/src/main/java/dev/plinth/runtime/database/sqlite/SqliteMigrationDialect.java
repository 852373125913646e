package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.database.migration.MigrationDialect;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.SqlConnection;
import java.util.OptionalInt;

/** Migrates without a lock of its own: one process holds a file, and asks once for each plugin. */
public final class SqliteMigrationDialect implements MigrationDialect {

    @Override
    public Dialect dialect() {
        return Dialect.SQLITE;
    }

    @Override
    public Future<String> historyTable(SqlConnection connection) {
        return Future.succeededFuture("plinth_migration");
    }

    @Override
    public Future<Void> lock(SqlConnection connection, String pluginId) {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> unlock(SqlConnection connection) {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> enterTransaction(SqlConnection connection) {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> beforeResume(SqlConnection connection, String sql) {
        return Future.succeededFuture();
    }

    /** A transaction waits for the writer before it. */
    @Override
    public boolean isBusy(Throwable failure) {
        return false;
    }

    @Override
    public OptionalInt position(DatabaseException failure) {
        return OptionalInt.empty();
    }
}
