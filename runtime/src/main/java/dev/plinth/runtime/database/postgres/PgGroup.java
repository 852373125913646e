package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.TlsSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    // Written out, as Java takes long to make its own when they are asked for first.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PgGroup group && parts().equals(group.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    private List<Object> parts() {
        return List.of(pluginId, database, user, password, role, tls, properties, createTimeout, callTimeout);
    }
}
