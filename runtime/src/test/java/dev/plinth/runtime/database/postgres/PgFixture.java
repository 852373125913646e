package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettings.LoginMethod;
import dev.plinth.runtime.database.TlsSettings;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What the tests of this package share: settings, and waiting for results. */
final class PgFixture {

    private static final int LIMIT_SECONDS = 30;

    private PgFixture() {}

    /** Settings of a plugin as the superuser, to be varied by the copying methods below. */
    static PostgresSettings settings(String pluginId, int port) {
        return settings(pluginId, port, "postgres", Optional.empty(), pool(10), TlsSettings.DISABLED, Optional.empty());
    }

    static PostgresSettings inSchema(String pluginId, int port, String schema, PoolSettings pool) {
        return settings(pluginId, port, "postgres", Optional.of(schema), pool, TlsSettings.DISABLED, Optional.empty());
    }

    static PostgresSettings settings(
            String pluginId,
            int port,
            String user,
            Optional<String> schema,
            PoolSettings pool,
            TlsSettings tls,
            Optional<String> role) {
        return new PostgresSettings(
                pluginId,
                "127.0.0.1",
                port,
                Optional.of(user),
                Optional.of(new Secret("postgres")),
                Optional.of("postgres"),
                schema,
                schema.map(List::of).orElse(List.of()),
                false,
                false,
                role,
                Optional.empty(),
                "postgres",
                "plinth_plugin_" + pluginId,
                tls,
                Map.of(),
                pool,
                false,
                LoginMethod.PASSWORD,
                Optional.empty(),
                Optional.empty());
    }

    static PoolSettings pool(int max) {
        return pool(max, Duration.ofSeconds(10));
    }

    static PoolSettings pool(int max, Duration acquire) {
        return new PoolSettings(0, max, acquire, Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    static <T> T await(Future<T> future) {
        try {
            return future.await(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError("no result within " + LIMIT_SECONDS + " s", e);
        }
    }

    /** The failure of a future that must fail. */
    static Throwable failure(Future<?> future) {
        return await(future.<Throwable>map(result -> new AssertionError("succeeded with " + result))
                .recover(Future::succeededFuture));
    }

    /** The single value of a single row. */
    static Object value(RowSet<Row> rows) {
        return rows.iterator().next().getValue(0);
    }
}
