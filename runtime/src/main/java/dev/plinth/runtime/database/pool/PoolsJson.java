package dev.plinth.runtime.database.pool;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Locale;

/** What the pools are doing, for operators. */
public final class PoolsJson {

    private static final double NANOS_PER_MILLI = 1e6;

    private PoolsJson() {}

    public static JsonObject of(PoolsSnapshot pools) {
        JsonArray servers = new JsonArray();
        pools.servers().forEach(server -> servers.add(of(server)));
        JsonArray all = new JsonArray();
        pools.pools().forEach(pool -> all.add(of(pool)));
        return new JsonObject().put("servers", servers).put("pools", all);
    }

    private static JsonObject of(ServerSnapshot server) {
        return new JsonObject()
                .put("server", server.server())
                .put("budget", server.budget())
                .put("total", server.total())
                .put("idle", server.idle())
                .put("inUse", server.inUse())
                .put("waiting", server.waiting())
                .put("plugins", server.plugins())
                .put("wanted", server.wanted())
                .put("allowed", server.allowed().isPresent() ? server.allowed().getAsInt() : null);
    }

    private static JsonObject of(PoolSnapshot pool) {
        JsonObject failures = new JsonObject();
        pool.failures().forEach((cause, count) -> failures.put(cause.name().toLowerCase(Locale.ROOT), count));
        JsonArray holders = new JsonArray();
        pool.holders().forEach(holder -> holders.add(of(holder)));
        return new JsonObject()
                .put("plugin", pool.pluginId())
                .put("server", pool.server())
                .put("max", pool.max())
                .put("total", pool.total())
                .put("idle", pool.idle())
                .put("inUse", pool.inUse())
                .put("waiting", pool.waiting())
                .put("statements", pool.statements())
                .put("binds", pool.binds())
                .put("failures", failures)
                .put("meanAcquireMillis", mean(pool.acquire()))
                .put("meanUseMillis", mean(pool.use()))
                .put("acquire", of(pool.acquire()))
                .put("use", of(pool.use()))
                .put("holders", holders);
    }

    private static JsonObject of(HolderSnapshot holder) {
        return new JsonObject()
                .put("heldMillis", holder.age().toMillis())
                .put("lastStatement", holder.lastStatement())
                .put("takenAt", holder.takenAt().orElse(null));
    }

    private static JsonObject of(HistogramSnapshot histogram) {
        JsonArray buckets = new JsonArray();
        histogram.buckets().stream()
                .filter(bucket -> bucket.count() > 0)
                .forEach(bucket -> buckets.add(new JsonObject()
                        .put("atMostMillis", bucket.atMost().toNanos() / NANOS_PER_MILLI)
                        .put("count", bucket.count())));
        return new JsonObject().put("count", histogram.count()).put("buckets", buckets);
    }

    private static double mean(HistogramSnapshot histogram) {
        Duration sum = histogram.sum();
        return histogram.count() == 0
                ? 0
                : Math.round(sum.toNanos() / NANOS_PER_MILLI / histogram.count() * 1000) / 1000.0;
    }
}
