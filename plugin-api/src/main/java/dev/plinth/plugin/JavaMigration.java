package dev.plinth.plugin;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/**
 * A migration that needs more than SQL. Found through {@link java.util.ServiceLoader} in the plugin's own jar, and ordered
 * with the plugin's {@code db/migration} files by version.
 */
public interface JavaMigration {

    /** The whole number that orders it among all migrations of the plugin; each version occurs once. */
    int version();

    /** What it does, in a word or two, for the history. */
    String name();

    /** Runs inside the transaction that also records the migration. */
    Future<?> migrate(SqlConnection connection, Dialect dialect);
}
