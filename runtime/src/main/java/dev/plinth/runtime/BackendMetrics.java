package dev.plinth.runtime;

import dev.plinth.runtime.database.PoolMonitor;
import dev.plinth.runtime.database.migration.MigrationMeter;
import dev.plinth.runtime.database.pool.HistogramSnapshot;
import dev.plinth.runtime.database.pool.HolderSnapshot;
import dev.plinth.runtime.database.pool.PoolSnapshot;
import dev.plinth.runtime.database.pool.PoolsSnapshot;
import dev.plinth.runtime.database.pool.ServerSnapshot;
import dev.plinth.runtime.http.metrics.Families;
import dev.plinth.runtime.plugin.PluginControl;
import dev.plinth.runtime.plugin.PluginSnapshot;
import dev.plinth.runtime.plugin.PluginState;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** The metrics of plugins and databases. Gathered when they are asked for; any thread. */
final class BackendMetrics implements Supplier<Future<Consumer<Families>>> {

    private static final double NANOS_PER_SECOND = 1e9;

    private final String version;
    private final PluginControl plugins;
    private final PoolMonitor pools;
    private final MigrationMeter migrations;
    private final IntSupplier inFlight;

    BackendMetrics(
            String version, PluginControl plugins, PoolMonitor pools, MigrationMeter migrations, IntSupplier inFlight) {
        this.version = version;
        this.plugins = plugins;
        this.pools = pools;
        this.migrations = migrations;
        this.inFlight = inFlight;
    }

    @Override
    public Future<Consumer<Families>> get() {
        Future<List<PluginSnapshot>> ofPlugins = plugins.plugins();
        Future<PoolsSnapshot> ofPools = pools.pools();
        return Future.all(ofPlugins, ofPools).map(both -> families -> {
            families.gauge("plinth_version", "The version of Plinth as a label; always 1", 1, "version", version);
            families.gauge("plinth_http_requests_in_flight", "Requests without a complete answer", inFlight.getAsInt());
            addPlugins(ofPlugins.result(), families);
            migrations.counts().forEach((id, count) -> add(id, count, families));
            ofPools.result().servers().forEach(server -> add(server, families));
            ofPools.result().pools().forEach(pool -> add(pool, families));
        });
    }

    private static void addPlugins(List<PluginSnapshot> plugins, Families families) {
        for (PluginState state : PluginState.values()) {
            long count = plugins.stream()
                    .filter(plugin -> plugin.status().state() == state)
                    .count();
            families.gauge("plinth_plugins", "Plugins in each state", (double) count, "state", state.toString());
        }
        plugins.forEach(plugin -> add(plugin, families));
    }

    private static void add(PluginSnapshot plugin, Families families) {
        String id = plugin.status().id();
        families.gauge(
                "plinth_plugin_serving",
                "1 when requests reach the plugin, else 0",
                plugin.status().state().isServing() ? 1 : 0,
                "plugin",
                id);
        families.gauge(
                "plinth_plugin_start_attempts",
                "Starts of the plugin's version without success in between",
                plugin.status().attempts(),
                "plugin",
                id);
        families.counter(
                "plinth_plugin_uncaught_exceptions",
                "Exceptions that the plugin's code let through",
                plugin.uncaught(),
                "plugin",
                id);
        if (!plugin.database().equals("none")) {
            families.gauge(
                    "plinth_plugin_database_up",
                    "1 when the plugin's database can be used, else 0",
                    plugin.database().equals("up") ? 1 : 0,
                    "plugin",
                    id);
        }
    }

    private static void add(String pluginId, MigrationMeter.Count count, Families families) {
        String help = "Migrations that this process ran";
        families.counter("plinth_migrations", help, count.applied(), "plugin", pluginId, "result", "applied");
        families.counter("plinth_migrations", help, count.failed(), "plugin", pluginId, "result", "failed");
        families.gauge(
                "plinth_migrations_seconds",
                "How long all migrations of the plugin took that this process ran",
                count.nanos() / NANOS_PER_SECOND,
                "plugin",
                pluginId);
    }

    private static void add(ServerSnapshot server, Families families) {
        String name = server.server();
        String help = "Connections of this process to the server or file, all plugins together";
        families.gauge("plinth_server_connections", help, server.inUse(), "server", name, "state", "in_use");
        families.gauge("plinth_server_connections", help, server.idle(), "server", name, "state", "idle");
        families.gauge(
                "plinth_server_connections",
                help,
                Math.max(0, server.total() - server.inUse() - server.idle()),
                "server",
                name,
                "state",
                "changing");
        families.gauge("plinth_server_budget", "Connections that may be open at once", server.budget(), "server", name);
        families.gauge(
                "plinth_server_waiting", "Requests that wait for a connection", server.waiting(), "server", name);
    }

    private static void add(PoolSnapshot pool, Families families) {
        String[] labels = {"plugin", pool.pluginId()};
        families.gauge("plinth_pool_in_use", "Connections that the plugin uses", pool.inUse(), labels);
        families.gauge("plinth_pool_max", "Connections that the plugin may use at once", pool.max(), labels);
        families.gauge(
                "plinth_pool_waiting", "The plugin's requests that wait for a connection", pool.waiting(), labels);
        families.gauge(
                "plinth_pool_longest_hold_seconds",
                "Age of the oldest lease of a connection",
                pool.holders().stream()
                                .map(HolderSnapshot::age)
                                .mapToLong(Duration::toNanos)
                                .max()
                                .orElse(0)
                        / NANOS_PER_SECOND,
                labels);
        families.counter("plinth_pool_statements", "Statements that the plugin asked for", pool.statements(), labels);
        families.counter("plinth_pool_binds", "Shared connections bound to the plugin", pool.binds(), labels);
        pool.failures()
                .forEach((cause, count) -> families.counter(
                        "plinth_pool_failures",
                        "Statements and requests that failed",
                        count,
                        "plugin",
                        pool.pluginId(),
                        "cause",
                        cause.name().toLowerCase(Locale.ROOT)));
        add("plinth_pool_acquire_seconds", "Waits for a connection", pool.acquire(), families, labels);
        add("plinth_pool_use_seconds", "Times that connections were used", pool.use(), families, labels);
    }

    private static void add(
            String name, String help, HistogramSnapshot histogram, Families families, String... labels) {
        Map<Double, Long> buckets = new TreeMap<>();
        long bounded = 0;
        for (HistogramSnapshot.Bucket bucket : histogram.buckets()) {
            buckets.put(bucket.atMost().toNanos() / NANOS_PER_SECOND, bucket.count());
            bounded += bucket.count();
        }
        buckets.put(Double.POSITIVE_INFINITY, Math.max(0, histogram.count() - bounded));
        families.histogram(name, help, buckets, histogram.sum().toNanos() / NANOS_PER_SECOND, labels);
    }
}
