package dev.plinth.runtime.database;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.config.Secret;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A plugin's database, or schema, on PostgreSQL.
 *
 * @param host a name, an address, or the directory of a Unix socket
 * @param database the database that the plugin's connections are in; empty for the server's default, the user's name
 * @param schema the plugin's own schema; empty in database mode
 * @param searchPath as each connection has it; empty to leave the server's
 * @param ensureDatabase whether the database is created when missing
 * @param ensureSchema whether the schema is created when missing
 * @param role set on each connection after login
 * @param schemaOwner owner of what is created, be it the schema or the database; the login role when empty
 * @param maintenanceDatabase where to connect when the plugin's own database does not exist yet
 * @param properties further start-up parameters of the connection, such as {@code statement_timeout}
 * @param admin who creates what is missing; the user above when empty
 * @param isolationSecret when present, the plugin logs in with a role of its own whose password is derived from this; empty
 *     when all plugins share the login
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
        boolean skipMigrations,
        LoginMethod loginMethod,
        Optional<Login> admin,
        Optional<Secret> isolationSecret)
        implements DatabaseSettings {

    /** How the server learns who connects. */
    public enum LoginMethod {
        PASSWORD,
        AZURE,
        RDS,
        CLOUDSQL
    }

    /** Who logs in. */
    public record Login(String user, Optional<Secret> password) {}

    public PostgresSettings {
        searchPath = List.copyOf(searchPath);
        properties = Map.copyOf(properties);
    }

    /** The same settings, to be changed. */
    public PostgresSettingsCopy copy() {
        return new PostgresSettingsCopy(this);
    }

    /** Why no connection can be tried with these settings, and the remedy; empty when one can. */
    public Optional<String> obstacle() {
        if (loginMethod != LoginMethod.PASSWORD) {
            return Optional.of("connection.type " + loginMethod.name().toLowerCase(Locale.ROOT)
                    + " is not supported yet; use a user with a password");
        }
        return user.isPresent()
                ? Optional.empty()
                : Optional.of("no user is configured; set backend.database.connection.user or PGUSER");
    }

    /** The name of the database that a connection lands in. */
    public String effectiveDatabase() {
        return database.isPresent() ? database.get() : user.orElse("");
    }

    @Override
    public String location() {
        String place = user.map(name -> name + "@").orElse("") + host + ":" + port + "/" + effectiveDatabase();
        return schema.map(name -> place + " schema " + name).orElse(place);
    }

    @Override
    public String client() {
        return "pg";
    }

    @Override
    public Dialect dialect() {
        return Dialect.POSTGRESQL;
    }

    @Override
    public String neighbourhood() {
        String server = "PostgreSQL at " + host + ":" + port;
        return schema.isPresent()
                ? server + ", a schema per plugin in database " + effectiveDatabase()
                : server + ", a database per plugin";
    }

    @Override
    public List<String> creates() {
        return Stream.of(
                        ensureDatabase ? "database" : "",
                        ensureSchema ? "schema" : "",
                        isolationSecret.isPresent() ? "role" : "")
                .filter(name -> !name.isEmpty())
                .toList();
    }

    @Override
    public Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("host", host);
        values.put("port", port);
        values.put("user", user.orElse(null));
        values.put("password", password.orElse(null));
        values.put("database", database.orElse(null));
        values.put("schema", schema.orElse(null));
        values.put("searchPath", searchPath.isEmpty() ? null : searchPath);
        values.put("ensureDatabase", ensureDatabase);
        values.put("ensureSchema", ensureSchema);
        values.put("role", role.orElse(null));
        values.put("schemaOwner", schema.flatMap(name -> schemaOwner).orElse(null));
        values.put("isolation", isolationSecret.isPresent() ? "role" : "shared");
        values.put("maintenanceDatabase", maintenanceDatabase);
        admin.ifPresent(login -> {
            values.put("admin.user", login.user());
            values.put("admin.password", login.password().orElse(null));
        });
        values.put("applicationName", applicationName);
        values.put("tls", tls.mode().word());
        values.putAll(properties);
        return values;
    }

    /** Two schemas of one database are apart; a plugin that has the whole database is not apart from the schemas in it. */
    @Override
    public boolean overlaps(DatabaseSettings other) {
        // First what differs most often: each plugin is compared with each.
        return other instanceof PostgresSettings that
                && (schema.isEmpty() || that.schema.isEmpty() || schema.equals(that.schema))
                && effectiveDatabase().equals(that.effectiveDatabase())
                && port == that.port
                && host.equalsIgnoreCase(that.host);
    }
}
