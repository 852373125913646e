package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings for the sessions that are not the plugin's own, made from the plugin's. */
final class SettingsOf {

    private SettingsOf() {}

    /**
     * The plugin's own place, for a session that migrates: the server ends it when it is silent for longer than the lease, and
     * never cuts a statement.
     */
    static PostgresSettings migration(PostgresSettings settings, Duration lease) {
        Map<String, String> properties = new HashMap<>(settings.properties());
        properties.putAll(leased(lease));
        properties.put("statement_timeout", "0");
        // The driver logs each notice as a warning.
        properties.put("client_min_messages", "warning");
        return copy(
                settings,
                settings.user(),
                settings.password(),
                settings.database(),
                settings.searchPath(),
                settings.role(),
                settings.applicationName(),
                properties,
                settings.pool());
    }

    /** The administrator in the given database, without the plugin's role and search path. */
    static PostgresSettings administrator(PostgresSettings settings, String database, Duration lease) {
        Map<String, String> properties = new HashMap<>(settings.properties());
        properties.putAll(leased(lease));
        return copy(
                settings,
                settings.admin().map(PostgresSettings.Login::user).or(settings::user),
                settings.admin().map(PostgresSettings.Login::password).orElse(settings.password()),
                Optional.of(database),
                List.of(),
                Optional.empty(),
                "plinth",
                properties,
                settings.pool());
    }

    /** The plugin itself, logged in as its own role. */
    static PostgresSettings role(PostgresSettings settings, PluginRole role) {
        return copy(
                settings,
                Optional.of(role.name()),
                Optional.of(role.password()),
                Optional.of(settings.effectiveDatabase()),
                settings.searchPath(),
                Optional.empty(),
                settings.applicationName(),
                settings.properties(),
                settings.pool());
    }

    /** The plugin's own place, for a session that only shows whether the server is there. */
    static PostgresSettings probe(PostgresSettings settings, Duration limit) {
        PoolSettings pool = settings.pool();
        PoolSettings hurried = pool.withCreateTimeout(min(limit, pool.createTimeout()));
        return copy(
                settings,
                settings.user(),
                settings.password(),
                settings.database(),
                settings.searchPath(),
                settings.role(),
                settings.applicationName(),
                settings.properties(),
                hurried);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Map<String, String> leased(Duration lease) {
        String millis = String.valueOf(lease.toMillis());
        return Map.of("idle_in_transaction_session_timeout", millis, "idle_session_timeout", millis);
    }

    private static PostgresSettings copy(
            PostgresSettings settings,
            Optional<String> user,
            Optional<Secret> password,
            Optional<String> database,
            List<String> searchPath,
            Optional<String> role,
            String applicationName,
            Map<String, String> properties,
            PoolSettings pool) {
        return new PostgresSettings(
                settings.pluginId(),
                settings.host(),
                settings.port(),
                user,
                password,
                database,
                settings.schema(),
                searchPath,
                settings.ensureDatabase(),
                settings.ensureSchema(),
                role,
                settings.schemaOwner(),
                settings.maintenanceDatabase(),
                applicationName,
                settings.tls(),
                properties,
                pool,
                settings.skipMigrations(),
                settings.loginMethod(),
                settings.admin(),
                Optional.empty());
    }
}
