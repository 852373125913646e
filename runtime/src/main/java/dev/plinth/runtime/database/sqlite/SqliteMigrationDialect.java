package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.database.migration.MigrationDialect;

/**
 * Migrates without a lock of its own: one process holds a file, and asks once for each plugin; a transaction waits for the writer
 * before it.
 */
public final class SqliteMigrationDialect implements MigrationDialect {

    @Override
    public Dialect dialect() {
        return Dialect.SQLITE;
    }
}
