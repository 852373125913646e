package dev.plinth.runtime.cli;

import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.SqliteSettings;
import java.util.ArrayList;
import java.util.List;

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
        if (settings instanceof PostgresSettings postgres) {
            String tls = PlanJson.word(postgres.tls().mode());
            table.row(id, "pg", postgres.location(), creates(postgres), tls, pool, migrations);
        } else if (settings instanceof SqliteSettings sqlite) {
            String creates = sqlite.createsDirectory()
                    ? "directory, file"
                    : sqlite.file().isPresent() ? "file" : NONE;
            table.row(id, "sqlite", sqlite.location(), creates, NONE, pool, migrations);
        }
    }

    private static String creates(PostgresSettings settings) {
        List<String> creates = new ArrayList<>();
        if (settings.ensureDatabase()) {
            creates.add("database");
        }
        if (settings.ensureSchema()) {
            creates.add("schema");
        }
        return creates.isEmpty() ? NONE : String.join(", ", creates);
    }

    static String range(PoolSettings pool) {
        return pool.min() + ".." + pool.max();
    }
}
