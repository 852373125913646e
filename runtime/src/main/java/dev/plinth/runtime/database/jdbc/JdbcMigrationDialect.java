package dev.plinth.runtime.database.jdbc;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.database.migration.MigrationDialect;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.SqlConnection;
import java.util.OptionalInt;

/**
 * Migrates without a lock, as JDBC has none: of two processes that migrate at once, the one that is late fails on the history's
 * unique key before it changes anything.
 */
final class JdbcMigrationDialect implements MigrationDialect {

    @Override
    public Dialect dialect() {
        return Dialect.POSTGRESQL;
    }

    @Override
    public HistoryTypes historyTypes() {
        return new HistoryTypes("VARCHAR(250)", "VARCHAR(100)", "TIMESTAMP WITH TIME ZONE");
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

    @Override
    public boolean isBusy(Throwable failure) {
        return false;
    }

    @Override
    public OptionalInt position(DatabaseException failure) {
        return OptionalInt.empty();
    }
}
