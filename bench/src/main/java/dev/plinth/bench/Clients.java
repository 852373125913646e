package dev.plinth.bench;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.database.postgres.PgCredentials;
import dev.plinth.runtime.database.postgres.PgPoolOptions;
import dev.plinth.runtime.database.postgres.PostgresConnector;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Clients of the server, one for each plugin, and how to close them. The plain ones are one for all.
 *
 * @param <C> what they can do
 */
record Clients<C extends SqlClient>(List<C> all, Supplier<Future<?>> closing) implements AutoCloseable {

    private static final int PIPELINING = 256;

    C of(int plugin) {
        return all.get(plugin % all.size());
    }

    @Override
    public void close() {
        closing.get().await();
    }

    /** The pool of Vert.x, in the first plugin's schema. */
    static Clients<Pool> plain(Vertx vertx, Postgres server, int connections) {
        Pool pool = PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(connections))
                .connectingTo(options(server))
                .using(vertx)
                .build();
        return new Clients<>(List.of(pool), pool::close);
    }

    /** The pipelined client of Vert.x, which cannot lend connections. */
    static Clients<SqlClient> pipelined(Vertx vertx, Postgres server, int connections) {
        SqlClient client = PgBuilder.client()
                .with(new PoolOptions().setMaxSize(connections))
                .connectingTo(options(server).setPipeliningLimit(PIPELINING))
                .using(vertx)
                .build();
        return new Clients<>(List.of(client), client::close);
    }

    private static PgConnectOptions options(Postgres server) {
        return new PgConnectOptions()
                .setHost("127.0.0.1")
                .setPort(server.port())
                .setUser("postgres")
                .setPassword(Postgres.PASSWORD)
                .setDatabase("postgres")
                .setCachePreparedStatements(true)
                .addProperty("search_path", Tables.plugin(0));
    }

    /** Plinth's pools of plugins that have a schema each. */
    static Clients<Pool> schemas(Vertx vertx, Postgres server, int plugins, int connections, int max) {
        return plinth(
                vertx,
                connections,
                IntStream.range(0, plugins)
                        .mapToObj(Tables::plugin)
                        .map(id -> settings(server, id, "postgres", Optional.of(id), max))
                        .toList());
    }

    /** Plinth's pools of plugins that have a database each. */
    static Clients<Pool> databases(Vertx vertx, Postgres server, int plugins, int connections, int max) {
        return plinth(
                vertx,
                connections,
                IntStream.range(0, plugins)
                        .mapToObj(Tables::plugin)
                        .map(id -> settings(server, id, id, Optional.empty(), max))
                        .toList());
    }

    private static Clients<Pool> plinth(Vertx vertx, int connections, List<PostgresSettings> plugins) {
        PostgresConnector connector = new PostgresConnector(
                vertx,
                Duration.ofSeconds(30),
                PgCredentials.CONFIGURED,
                new PgPoolOptions("bench", Optional.of(connections)));
        List<Pool> pools = plugins.stream()
                .<Pool>map(settings -> new PluginPool(vertx, settings.pluginId(), connector.open(settings)))
                .toList();
        return new Clients<>(pools, connector::close);
    }

    private static PostgresSettings settings(
            Postgres server, String pluginId, String database, Optional<String> schema, int max) {
        return new PostgresSettings(
                pluginId,
                "127.0.0.1",
                server.port(),
                Optional.of("postgres"),
                Optional.of(new Secret(Postgres.PASSWORD)),
                Optional.of(database),
                schema,
                schema.map(List::of).orElse(List.of()),
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                "postgres",
                "plinth_plugin_" + pluginId,
                TlsSettings.DISABLED,
                Map.of(),
                new PoolSettings(0, max, Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofSeconds(30)),
                false,
                PostgresSettings.LoginMethod.PASSWORD,
                Optional.empty(),
                Optional.empty());
    }
}
