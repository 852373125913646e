package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettingsCopy;
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
        return own(settings).properties(unhurried(settings, lease)).build();
    }

    /**
     * The administrator in the given database, without the plugin's role. Its search path leads nowhere a plugin can leave
     * functions or operators, which would run with the administrator's rights.
     */
    static PostgresSettings administrator(PostgresSettings settings, String database, Duration lease) {
        return own(settings)
                .user(settings.admin().map(PostgresSettings.Login::user).or(settings::user))
                .password(settings.admin().map(PostgresSettings.Login::password).orElse(settings.password()))
                .database(Optional.of(database))
                .searchPath(List.of("pg_catalog"))
                .role(Optional.empty())
                .applicationName("plinth")
                .properties(unhurried(settings, lease))
                .build();
    }

    /** The login and database of a plugin, for a session that several plugins have in turn. */
    static PostgresSettings nobodys(PostgresSettings settings) {
        return own(settings)
                .searchPath(List.of("pg_catalog"))
                .applicationName("plinth")
                .build();
    }

    /** The plugin itself, logged in as its own role. */
    static PostgresSettings role(PostgresSettings settings, PluginRole role) {
        return own(settings)
                .user(Optional.of(role.name()))
                .password(Optional.of(role.password()))
                .database(Optional.of(settings.effectiveDatabase()))
                .role(Optional.empty())
                .build();
    }

    /** The plugin's own place, for a session that only shows whether the server is there. */
    static PostgresSettings probe(PostgresSettings settings, Duration limit) {
        PoolSettings pool = settings.pool();
        PoolSettings hurried = pool.withCreateTimeout(min(limit, pool.createTimeout()));
        return own(settings).pool(hurried).build();
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** Silence has a limit there; work has none, whatever limits a plugin's own statements have. */
    private static Map<String, String> unhurried(PostgresSettings settings, Duration lease) {
        String millis = String.valueOf(lease.toMillis());
        Map<String, String> properties = new HashMap<>(settings.properties());
        properties.put("idle_in_transaction_session_timeout", millis);
        properties.put("idle_session_timeout", millis);
        properties.put("statement_timeout", "0");
        // The driver logs each notice as a warning.
        properties.put("client_min_messages", "warning");
        return properties;
    }

    /** Without the secret: who logs in is settled by then. */
    private static PostgresSettingsCopy own(PostgresSettings settings) {
        return settings.copy().isolationSecret(Optional.empty());
    }
}
