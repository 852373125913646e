package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;

import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.PluginPool;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The pools of a process, as plugins get them; closed together. */
final class Pools implements AutoCloseable {

    final Vertx vertx = Vertx.vertx();
    final PgConnections connections;

    /** What stands behind the pools, in the order in which they were opened. */
    final List<ConnectionSource> sources = new ArrayList<>();

    /** @param instance names this process to the server */
    Pools(String instance) {
        this(PgPoolOptions.of(instance));
    }

    /** @param budget the most connections to a server */
    Pools(String instance, int budget) {
        this(new PgPoolOptions(instance, Optional.of(budget)));
    }

    private Pools(PgPoolOptions options) {
        this.connections = new PgConnections(vertx, PgCredentials.CONFIGURED, options);
    }

    PluginPool open(PostgresSettings settings) {
        ConnectionSource source = connections.open(settings);
        sources.add(source);
        return new PluginPool(vertx, settings.pluginId(), source);
    }

    @Override
    public void close() {
        sources.forEach(source -> await(source.close()));
        await(connections.close());
        await(vertx.close());
    }
}
