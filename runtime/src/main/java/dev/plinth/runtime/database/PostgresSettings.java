package dev.plinth.runtime.database;

import dev.plinth.runtime.config.Secret;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A plugin's database, or schema, on PostgreSQL.
 *
 * @param database the database that the plugin's connections are in; empty for the server's default, the user's name
 * @param schema the plugin's own schema; empty in database mode
 * @param searchPath as each connection has it; empty to leave the server's
 * @param ensureDatabase whether the database is created when missing
 * @param ensureSchema whether the schema is created when missing
 * @param role set on each connection after login
 * @param schemaOwner owner of what is created; the login role when empty
 * @param maintenanceDatabase where to connect when the plugin's own database does not exist yet
 * @param properties further start-up parameters of the connection, such as {@code statement_timeout}
 */
public record PostgresSettings(
        String pluginId,
        String host,
        int port,
        Optional<String> user,
        Optional<Secret> password,
        Optional<String> database,
        Optional<String> schema,
        List<String> searchPath,
        boolean ensureDatabase,
        boolean ensureSchema,
        Optional<String> role,
        Optional<String> schemaOwner,
        String maintenanceDatabase,
        String applicationName,
        TlsSettings tls,
        Map<String, String> properties,
        PoolSettings pool,
        boolean skipMigrations)
        implements DatabaseSettings {

    /** The name of the database that a connection lands in. */
    public String effectiveDatabase() {
        return database.or(() -> user).orElse("");
    }

    @Override
    public String location() {
        String place = user.map(name -> name + "@").orElse("") + host + ":" + port + "/" + effectiveDatabase();
        return schema.map(name -> place + " schema " + name).orElse(place);
    }
}
