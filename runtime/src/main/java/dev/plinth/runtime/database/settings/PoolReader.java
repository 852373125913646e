package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.database.PoolSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code knexConfig}: the bounds of the pool, and a word on each key that has no meaning here. */
final class PoolReader {

    private static final String CALL_TIMEOUT = "callTimeout";
    private static final String MAX_WAITING = "maxWaiting";
    private static final String NONE = "none";
    private static final Set<String> KNEX_KEYS = Set.of("pool", "searchPath");
    private static final Set<String> POOL_KEYS =
            Set.of("min", "max", "acquireTimeoutMillis", "createTimeoutMillis", "idleTimeoutMillis");

    /** Why tarn's other keys do nothing. */
    private static final Map<String, String> TARN_KEYS = Map.of(
            "destroyTimeoutMillis", "connections are closed without waiting",
            "reapIntervalMillis", "idle connections are closed when their time is over, without a schedule",
            "createRetryIntervalMillis", "failed connects are retried at most 1 s apart",
            "propagateCreateError", "a failed connect is always told to the one who waits");

    private final PluginSection section;
    private final Reader reader;
    private final Layered knex;

    PoolReader(PluginSection section, Reader reader) {
        this.section = section;
        this.reader = reader;
        this.knex = section.setting("knexConfig");
    }

    /** The bounds; what nobody gave has its default, except that connecting may have been limited elsewhere. */
    PoolSettings read(Optional<Duration> connectTimeout) {
        // As in Backstage, a pool that stands beside knexConfig is the weaker one.
        Layered pool = Layered.of(
                section.own().child("knexConfig").child("pool"),
                section.own().child("pool"),
                section.shared().child("knexConfig").child("pool"),
                section.shared().child("pool"));
        PoolSettings defaults = PoolSettings.DEFAULT;
        Optional<Duration> callTimeout = callTimeout();
        int maxWaiting = reader.number(MAX_WAITING, section.setting(MAX_WAITING), 0, Integer.MAX_VALUE)
                .orElse(defaults.maxWaiting());
        if (!reader.isObjectOrAbsent(knex.value()) || !reader.isObjectOrAbsent(pool.value())) {
            return PoolSettings.DEFAULT;
        }
        Layered min = pool.child("min");
        int lower = reader.number("pool.min", min, 0, Integer.MAX_VALUE).orElse(defaults.min());
        int upper = reader.number("pool.max", pool.child("max"), 1, Integer.MAX_VALUE)
                .orElse(defaults.max());
        Duration acquire = millis(pool, "acquireTimeoutMillis").orElse(defaults.acquireTimeout());
        Optional<Duration> create = millis(pool, "createTimeoutMillis");
        if (create.isEmpty() && connectTimeout.isPresent()) {
            reader.sameOrigin("pool.createTimeoutMillis", ConnectionOptions.CONNECT_TIMEOUT);
        }
        Duration idle = millis(pool, "idleTimeoutMillis").orElse(defaults.idleTimeout());
        warnOfTheRest(pool);
        if (lower > upper) {
            reader.error(min.value(), "contradiction", "min " + lower + " is more than max " + upper, "");
            return defaults;
        }
        return new PoolSettings(
                lower,
                upper,
                acquire,
                create.or(() -> connectTimeout).orElse(defaults.createTimeout()),
                idle,
                callTimeout,
                maxWaiting);
    }

    private Optional<Duration> callTimeout() {
        Layered setting = section.setting(CALL_TIMEOUT);
        if (NONE.equals(setting.value().toPlain())) {
            reader.originOf(CALL_TIMEOUT, setting);
            return Optional.empty();
        }
        return reader.duration(CALL_TIMEOUT, setting).or(PoolSettings.DEFAULT::callTimeout);
    }

    private Optional<Duration> millis(Layered pool, String name) {
        return reader.number("pool." + name, pool.child(name), 1, Integer.MAX_VALUE)
                .map(Duration::ofMillis);
    }

    private void warnOfTheRest(Layered pool) {
        for (Config place : knex.present()) {
            place.children().stream()
                    .filter(key -> key.isPresent() && !KNEX_KEYS.contains(key.name()))
                    .forEach(key -> withoutEffect(key, "a setting of knex that has no meaning here"));
        }
        for (Config place : pool.present()) {
            place.children().stream()
                    .filter(key -> key.isPresent() && !POOL_KEYS.contains(key.name()))
                    .forEach(key -> withoutEffect(
                            key, TARN_KEYS.getOrDefault(key.name(), "a setting of knex that has no meaning here")));
        }
    }

    private void withoutEffect(Config key, String reason) {
        reader.warning(key, "without-effect", "has no effect: " + reason, "");
    }
}
