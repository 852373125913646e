package dev.plinth.runtime.cli;

import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.Resolution;

/** The database plan for people: a line for each plugin. */
final class PlanTable {

    private static final String NONE = "-";

    private PlanTable() {}

    static String of(DatabasePlan plan) {
        if (plan.plugins().isEmpty()) {
            return "no plugin is installed; --plugin ID shows what one would get\n";
        }
        TextTable table = new TextTable();
        table.row("PLUGIN", "CLIENT", "DATABASE", "CREATES", "TLS", "POOL", "MIGRATIONS");
        plan.plugins().values().forEach(resolution -> row(table, resolution));
        return table.indentedBy("");
    }

    private static void row(TextTable table, Resolution resolution) {
        resolution
                .settings()
                .ifPresentOrElse(
                        settings -> row(table, resolution.pluginId(), settings),
                        () -> table.row(resolution.pluginId(), NONE, "error, see below", NONE, NONE, NONE, NONE));
    }

    private static void row(TextTable table, String id, DatabaseSettings settings) {
        String pool = range(settings.pool());
        String migrations = settings.skipMigrations() ? "skipped" : "run";
        String creates = settings.creates().isEmpty() ? NONE : String.join(", ", settings.creates());
        String tls = String.valueOf(settings.values().getOrDefault("tls", NONE));
        table.row(id, settings.client(), settings.location(), creates, tls, pool, migrations);
    }

    static String range(PoolSettings pool) {
        return pool.min() + ".." + pool.max();
    }
}
