package dev.plinth.runtime.database;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.TlsSettings.Mode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The database plan for programs. Null means that nobody gave a value, or that it does not apply; what is left to a default is
 * therefore null too, except where the default is a decision of ours, such as a name.
 */
public final class PlanJson {

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
            "isolation",
            "admin",
            "maintenanceDatabase",
            "databaseCreatedOn",
            "schemaCreatedIn",
            "applicationName",
            "ssl",
            "tls",
            "pool",
            "skipMigrations",
            "error");

    /** The server's address is no decision of ours. */
    private static final Set<String> LEFT_TO_DEFAULTS = Set.of("host", "port");

    private final boolean showSecrets;
    private final boolean withOrigins;

    public PlanJson(boolean showSecrets, boolean withOrigins) {
        this.showSecrets = showSecrets;
        this.withOrigins = withOrigins;
    }

    public JsonObject of(DatabasePlan plan) {
        JsonObject plugins = new JsonObject();
        plan.plugins().forEach((id, resolution) -> plugins.put(id, of(resolution)));
        return new JsonObject().put("plugins", plugins);
    }

    public JsonObject of(Resolution resolution) {
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
        json.put("client", settings.client());
        settings.values().forEach((name, value) -> {
            if (resolution.isGiven(name) || !LEFT_TO_DEFAULTS.contains(name)) {
                put(json, name, shown(value));
            }
        });
        json.put("pool", pool(settings.pool(), resolution));
        json.put("skipMigrations", settings.skipMigrations());
        if (settings instanceof PostgresSettings postgres) {
            json.put("tls", new JsonObject().put("mode", postgres.tls().mode().word()));
            json.put("ssl", ssl(postgres.tls(), resolution));
            putPlaces(json, postgres, resolution);
        }
    }

    /** A dot in the name leads into an object. */
    private static void put(JsonObject json, String name, @Nullable Object value) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            json.put(name, value);
            return;
        }
        String outer = name.substring(0, dot);
        JsonObject inner = json.getJsonObject(outer, new JsonObject());
        json.put(outer, inner.put(name.substring(dot + 1), value));
    }

    private @Nullable Object shown(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return new JsonArray(list);
        }
        return value instanceof Secret secret ? masked(secret) : value;
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
            json.put("databaseCreatedOn", server.copy());
        } else {
            json.putNull("maintenanceDatabase");
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
}
