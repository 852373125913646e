package dev.plinth.runtime.testing;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettings.LoginMethod;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.postgres.PgCredentials;
import dev.plinth.runtime.database.postgres.PgPoolOptions;
import dev.plinth.runtime.database.postgres.PostgresConnector;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings for tests of what stands behind them. */
public final class Settings {

    private Settings() {}

    /** To PostgreSQL, as an instance that nobody counts. */
    public static PostgresConnector connector(Vertx vertx, Duration lease) {
        return new PostgresConnector(vertx, lease, PgCredentials.CONFIGURED, PgPoolOptions.of("test"));
    }

    /** A plugin {@code todo} on the test server as the superuser; a null or empty schema means database mode. */
    public static PostgresSettings postgres(int port, String database, String schema) {
        return postgres("todo", port, "postgres", "postgres", database, schema, PoolSettings.DEFAULT);
    }

    public static PostgresSettings postgres(
            String pluginId,
            int port,
            String user,
            String password,
            String database,
            String schema,
            PoolSettings pool) {
        Optional<String> ownSchema = Optional.ofNullable(schema).filter(name -> !name.isEmpty());
        return new PostgresSettings(
                pluginId,
                "127.0.0.1",
                port,
                Optional.of(user),
                Optional.of(new Secret(password)),
                Optional.of(database),
                ownSchema,
                ownSchema.map(List::of).orElse(List.of()),
                true,
                ownSchema.isPresent(),
                Optional.empty(),
                Optional.empty(),
                "postgres",
                "plinth_plugin_" + pluginId,
                TlsSettings.DISABLED,
                Map.of(),
                pool,
                false,
                LoginMethod.PASSWORD,
                Optional.empty(),
                Optional.empty());
    }
}
