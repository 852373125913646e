package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.SqliteSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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
        if (settings instanceof PostgresSettings postgres) {
            putPostgres(values, postgres);
        } else if (settings instanceof SqliteSettings sqlite) {
            values.put("client", "sqlite");
            values.put("filename", sqlite.location());
        }
        putPool(values, settings.pool());
        values.put("skipMigrations", String.valueOf(settings.skipMigrations()));
        TextTable table = new TextTable();
        values.forEach(
                (name, value) -> table.row(name, value, resolution.origins().getOrDefault(name, Resolution.DEFAULT)));
        return table.indentedBy("  ");
    }

    private void putPostgres(Map<String, String> values, PostgresSettings settings) {
        values.put("client", "pg");
        values.put("host", settings.host());
        values.put("port", String.valueOf(settings.port()));
        values.put("user", settings.user().orElse(NONE));
        values.put("password", shown(settings.password()));
        values.put("database", settings.database().orElse(NONE));
        settings.schema().ifPresent(schema -> values.put("schema", schema));
        if (!settings.searchPath().isEmpty()) {
            values.put("searchPath", String.join(", ", settings.searchPath()));
        }
        values.put("ensureDatabase", String.valueOf(settings.ensureDatabase()));
        settings.schema().ifPresent(schema -> values.put("ensureSchema", String.valueOf(settings.ensureSchema())));
        values.put("role", settings.role().orElse(NONE));
        values.put("isolation", settings.isolationSecret().isPresent() ? "role" : "shared");
        values.put("maintenanceDatabase", settings.maintenanceDatabase());
        settings.admin().ifPresent(admin -> {
            values.put("admin.user", admin.user());
            values.put("admin.password", shown(admin.password()));
        });
        values.put("applicationName", settings.applicationName());
        values.put("tls", PlanJson.word(settings.tls().mode()));
        values.putAll(settings.properties());
    }

    private static void putPool(Map<String, String> values, PoolSettings pool) {
        values.put("pool.min", String.valueOf(pool.min()));
        values.put("pool.max", String.valueOf(pool.max()));
        values.put("pool.acquireTimeoutMillis", millis(pool.acquireTimeout()));
        values.put("pool.createTimeoutMillis", millis(pool.createTimeout()));
        values.put("pool.idleTimeoutMillis", millis(pool.idleTimeout()));
    }

    private static String millis(Duration duration) {
        return String.valueOf(duration.toMillis());
    }

    private String shown(Optional<Secret> secret) {
        return secret.map(value -> showSecrets ? value.reveal() : value.toString())
                .orElse(NONE);
    }
}
