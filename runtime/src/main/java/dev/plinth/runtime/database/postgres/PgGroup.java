package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.TlsSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What the connections of a group have in common; plugins share connections only if all of this is equal.
 *
 * @param pluginId empty when any plugin with the same login may be bound; otherwise the only one
 */
record PgGroup(
        Optional<String> pluginId,
        String database,
        Optional<String> user,
        Optional<Secret> password,
        Optional<String> role,
        TlsSettings tls,
        Map<String, String> properties,
        Duration createTimeout,
        Optional<Duration> callTimeout) {

    /** Plugins in schemas of one database share; with a login role each, every plugin has its own. */
    static PgGroup of(PostgresSettings settings) {
        boolean shares =
                settings.schema().isPresent() && settings.isolationSecret().isEmpty();
        return new PgGroup(
                shares ? Optional.empty() : Optional.of(settings.pluginId()),
                settings.effectiveDatabase(),
                settings.user(),
                settings.password(),
                settings.role(),
                settings.tls(),
                settings.properties(),
                settings.pool().createTimeout(),
                settings.pool().callTimeout());
    }

    boolean isShared() {
        return pluginId.isEmpty();
    }
}
