package dev.plinth.runtime.database.jdbc;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.database.migration.MigrationDialect;

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
}
