package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.Resolution;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The database plan for people who want to know why: every value in force, defaults too, with its origin. */
final class PlanDetails {

    private static final String NONE = "-";

    private final boolean showSecrets;

    PlanDetails(boolean showSecrets) {
        this.showSecrets = showSecrets;
    }

    String of(DatabasePlan plan) {
        StringBuilder text = new StringBuilder();
        plan.plugins().values().forEach(resolution -> text.append(resolution.pluginId())
                .append('\n')
                .append(resolution
                        .settings()
                        .map(settings -> table(settings, resolution))
                        .orElse("  error, see below\n"))
                .append('\n'));
        return text.toString();
    }

    private String table(DatabaseSettings settings, Resolution resolution) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("client", settings.client());
        settings.values().forEach((name, value) -> values.put(name, shown(value)));
        putPool(values, settings.pool());
        values.put("skipMigrations", String.valueOf(settings.skipMigrations()));
        TextTable table = new TextTable();
        values.forEach(
                (name, value) -> table.row(name, value, resolution.origins().getOrDefault(name, Resolution.DEFAULT)));
        return table.indentedBy("  ");
    }

    private static void putPool(Map<String, String> values, PoolSettings pool) {
        values.put("pool.min", String.valueOf(pool.min()));
        values.put("pool.max", String.valueOf(pool.max()));
        values.put("pool.acquireTimeoutMillis", millis(pool.acquireTimeout()));
        values.put("pool.createTimeoutMillis", millis(pool.createTimeout()));
        values.put("pool.idleTimeoutMillis", millis(pool.idleTimeout()));
        values.put(
                "callTimeout",
                pool.callTimeout().map(limit -> millis(limit) + " ms").orElse("none"));
        values.put("maxWaiting", String.valueOf(pool.maxWaiting()));
    }

    private static String millis(Duration duration) {
        return String.valueOf(duration.toMillis());
    }

    private String shown(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        if (value instanceof Secret secret && showSecrets) {
            return secret.reveal();
        }
        return value == null ? NONE : value.toString();
    }
}
