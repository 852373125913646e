package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Resolves what stands under {@code backend.database}, written as JSON with single quotes. */
final class Resolving {

    private Resolving() {}

    static DatabaseSettingsResolver resolver(String database, Map<String, String> environment, Path workingDirectory) {
        JsonObject section = new JsonObject(database.replace('\'', '"'));
        JsonObject root = new JsonObject().put("backend", new JsonObject().put("database", section));
        return new DatabaseSettingsResolver(Configs.of(root), environment, workingDirectory);
    }

    static Resolution resolve(String database, Map<String, String> environment) {
        return resolver(database, environment, Path.of("")).resolve("todo");
    }

    static Resolution resolve(String database) {
        return resolve(database, Map.of());
    }

    static DatabasePlan plan(String database, String... ids) {
        return resolver(database, Map.of(), Path.of("")).resolve(List.of(ids));
    }

    static PostgresSettings postgres(String database, Map<String, String> environment) {
        return (PostgresSettings) resolve(database, environment).require();
    }

    static PostgresSettings postgres(String database) {
        return postgres(database, Map.of());
    }

    static JdbcSettings jdbc(String database) {
        return (JdbcSettings) resolve(database).require();
    }

    static SqliteSettings sqlite(String database) {
        return (SqliteSettings) resolve(database).require();
    }
}
