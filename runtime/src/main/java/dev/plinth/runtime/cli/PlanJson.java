package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.TlsSettings.Mode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The database plan for programs. Null means that nobody gave a value, or that it does not apply; what is left to a default is
 * therefore null too, except where the default is a decision of ours, such as a name.
 */
final class PlanJson {

    private static final List<String> KEYS = List.of(
            "client",
            "host",
            "port",
            "user",
            "password",
            "database",
            "schema",
            "searchPath",
            "filename",
            "createsDirectory",
            "ensureDatabase",
            "ensureSchema",
            "role",
            "schemaOwner",
            "maintenanceDatabase",
            "databaseCreatedOn",
            "schemaCreatedIn",
            "applicationName",
            "ssl",
            "tls",
            "pool",
            "skipMigrations",
            "error");

    private final boolean showSecrets;
    private final boolean withOrigins;

    PlanJson(boolean showSecrets, boolean withOrigins) {
        this.showSecrets = showSecrets;
        this.withOrigins = withOrigins;
    }

    JsonObject of(DatabasePlan plan) {
        JsonObject plugins = new JsonObject();
        plan.plugins().forEach((id, resolution) -> plugins.put(id, of(resolution)));
        return new JsonObject().put("plugins", plugins);
    }

    JsonObject of(Resolution resolution) {
        JsonObject json = new JsonObject();
        KEYS.forEach(json::putNull);
        resolution.settings().ifPresent(settings -> put(json, settings, resolution));
        resolution.error().ifPresent(error -> json.put("error", of(error)));
        if (withOrigins) {
            JsonObject origins = new JsonObject();
            resolution.origins().forEach(origins::put);
            json.put("origins", origins);
        }
        return json;
    }

    private static JsonObject of(Problem error) {
        String hint = error.hint().isEmpty() ? "" : "; " + error.hint();
        return new JsonObject().put("code", error.code()).put("message", error.message() + hint);
    }

    private void put(JsonObject json, DatabaseSettings settings, Resolution resolution) {
        json.put("pool", pool(settings.pool(), resolution));
        json.put("skipMigrations", settings.skipMigrations());
        if (settings instanceof PostgresSettings postgres) {
            putPostgres(json, postgres, resolution);
        } else if (settings instanceof SqliteSettings sqlite) {
            putSqlite(json, sqlite);
        }
    }

    private static void putSqlite(JsonObject json, SqliteSettings settings) {
        json.put("client", "sqlite");
        json.put("filename", settings.location());
        json.put("ensureDatabase", false);
        json.put("ensureSchema", false);
        if (settings.createsDirectory()) {
            Path parent = Path.of(settings.location()).getParent();
            json.put("createsDirectory", parent == null ? null : parent.toString());
        }
    }

    private void putPostgres(JsonObject json, PostgresSettings settings, Resolution resolution) {
        json.put("client", "pg");
        putAddress(json, settings, resolution);
        json.put("user", settings.user().orElse(null));
        json.put("password", settings.password().map(this::masked).orElse(null));
        json.put("database", settings.database().orElse(null));
        json.put("schema", settings.schema().orElse(null));
        json.put("searchPath", settings.searchPath().isEmpty() ? null : new JsonArray(settings.searchPath()));
        json.put("ensureDatabase", settings.ensureDatabase());
        json.put("ensureSchema", settings.ensureSchema());
        json.put("role", settings.role().orElse(null));
        json.put(
                "schemaOwner",
                settings.schema().flatMap(name -> settings.schemaOwner()).orElse(null));
        json.put("applicationName", settings.applicationName());
        json.put("ssl", ssl(settings.tls(), resolution));
        json.put("tls", new JsonObject().put("mode", word(settings.tls().mode())));
        putPlaces(json, settings, resolution);
    }

    private static void putAddress(JsonObject json, PostgresSettings settings, Resolution resolution) {
        json.put("host", resolution.isGiven("host") ? settings.host() : null);
        json.put("port", resolution.isGiven("port") ? settings.port() : null);
    }

    /** Where things are created: where the plugin will connect. */
    private static void putPlaces(JsonObject json, PostgresSettings settings, Resolution resolution) {
        JsonObject server = new JsonObject();
        if (resolution.isGiven("host")) {
            server.put("host", settings.host());
        }
        if (resolution.isGiven("port")) {
            server.put("port", settings.port());
        }
        if (settings.ensureDatabase()) {
            json.put("maintenanceDatabase", settings.maintenanceDatabase());
            json.put("databaseCreatedOn", server.copy());
        }
        if (settings.ensureSchema()) {
            json.put(
                    "schemaCreatedIn",
                    server.put("database", settings.database().orElse(null)));
        }
    }

    /** As Node's driver has it: true, false, or an object of what was given. */
    private @Nullable Object ssl(TlsSettings tls, Resolution resolution) {
        if (!resolution.isGiven("ssl") && !resolution.isGiven("sslmode") && !resolution.isGiven("ssl.ca")) {
            return null;
        }
        JsonObject object = new JsonObject();
        putGiven(object, "ca", tls.ca().orElse(null), resolution);
        putGiven(object, "cert", tls.cert().orElse(null), resolution);
        putGiven(object, "key", tls.key().map(this::masked).orElse(null), resolution);
        putGiven(object, "servername", tls.servername().orElse(null), resolution);
        putGiven(object, "rejectUnauthorized", tls.mode().compareTo(Mode.REQUIRE) > 0, resolution);
        if (tls.mode() == Mode.DISABLE) {
            return false;
        }
        boolean plain = object.isEmpty() && resolution.isGiven("ssl") && !resolution.isGiven("ssl.object");
        return plain ? (Object) true : object;
    }

    private static void putGiven(JsonObject json, String name, @Nullable Object value, Resolution resolution) {
        if (resolution.isGiven("ssl." + name)) {
            json.put(name, value);
        }
    }

    private static @Nullable JsonObject pool(PoolSettings pool, Resolution resolution) {
        JsonObject json = new JsonObject();
        putBound(json, "min", pool.min(), resolution);
        putBound(json, "max", pool.max(), resolution);
        putBound(json, "acquireTimeoutMillis", pool.acquireTimeout().toMillis(), resolution);
        putBound(json, "createTimeoutMillis", pool.createTimeout().toMillis(), resolution);
        putBound(json, "idleTimeoutMillis", pool.idleTimeout().toMillis(), resolution);
        return json.isEmpty() ? null : json;
    }

    private static void putBound(JsonObject json, String name, Object value, Resolution resolution) {
        if (resolution.isGiven("pool." + name)) {
            json.put(name, value);
        }
    }

    private String masked(Secret secret) {
        return showSecrets ? secret.reveal() : secret.toString();
    }

    static String word(Mode mode) {
        return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
