package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.Inspection;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.TlsSettings;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds out what a session may do, and how it is connected. */
final class PgInspector {

    private static final String QUERY =
            """
            SELECT current_setting('server_version') AS version,
                coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls,
                current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS allowed,
                (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS used,
                pg_is_in_recovery() AS standby,
                current_setting('transaction_read_only') = 'on' AS read_only,
                rolsuper OR rolcreatedb AS may_create_database,
                rolsuper OR rolcreaterole AS may_create_role,
                has_database_privilege(current_database(), 'CREATE') AS may_create_schema,
                EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1::text) AS database_exists,
                current_database() = $1::text AS inside,
                EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $2::text) AS schema_exists
            FROM pg_catalog.pg_roles WHERE rolname = current_user""";

    private PgInspector() {}

    static Future<Inspection> inspect(SqlConnection session, PostgresSettings settings) {
        return session.preparedQuery(QUERY)
                .execute(
                        Tuple.of(settings.effectiveDatabase(), settings.schema().orElse("")))
                .map(rows -> new Inspection(
                        facts(rows.iterator().next(), settings),
                        problems(rows.iterator().next(), settings)));
    }

    private static Map<String, String> facts(Row row, PostgresSettings settings) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("server", row.getString("version") + readOnly(row));
        facts.put("tls", row.getBoolean("tls") ? "on, " + checked(settings.tls().mode()) : "off");
        facts.put("exists", exists(row, settings) ? "yes" : "no");
        facts.put("may create", rights(row));
        facts.put("connections", row.getInteger("used") + " of " + row.getInteger("allowed"));
        return facts;
    }

    private static String readOnly(Row row) {
        return row.getBoolean("standby") ? " (read-only standby)" : row.getBoolean("read_only") ? " (read-only)" : "";
    }

    private static String checked(TlsSettings.Mode mode) {
        return switch (mode) {
            case VERIFY_FULL -> "certificate and host checked";
            case VERIFY_CA -> "certificate checked";
            case DISABLE, ALLOW, PREFER, REQUIRE -> "certificate not checked";
        };
    }

    private static boolean exists(Row row, PostgresSettings settings) {
        return row.getBoolean("database_exists")
                && (settings.schema().isEmpty() || (row.getBoolean("inside") && row.getBoolean("schema_exists")));
    }

    private static String rights(Row row) {
        List<String> rights = new ArrayList<>();
        if (row.getBoolean("may_create_database")) {
            rights.add("database");
        }
        if (row.getBoolean("may_create_schema")) {
            rights.add("schema");
        }
        if (row.getBoolean("may_create_role")) {
            rights.add("role");
        }
        return rights.isEmpty() ? "nothing" : String.join(", ", rights);
    }

    private static List<String> problems(Row row, PostgresSettings settings) {
        List<String> problems = new ArrayList<>();
        if (row.getBoolean("read_only")) {
            problems.add(String.valueOf(
                    PgErrors.takesNoWrites(settings, row.getBoolean("standby")).getMessage()));
        }
        if (!row.getBoolean("database_exists")) {
            missingDatabase(row, settings, problems);
        } else if (!exists(row, settings) && row.getBoolean("inside")) {
            missingSchema(row, settings, problems);
        }
        return problems;
    }

    private static void missingDatabase(Row row, PostgresSettings settings, List<String> problems) {
        if (!settings.ensureDatabase()) {
            problems.add(place(settings)
                    + "its database does not exist (3D000); create it, or set backend.database.ensureExists to true");
        } else if (!row.getBoolean("may_create_database")) {
            problems.add(place(settings) + "its database does not exist, and the user may not create it"
                    + " (42501); grant it CREATEDB, or create the database");
        }
    }

    private static void missingSchema(Row row, PostgresSettings settings, List<String> problems) {
        if (!settings.ensureSchema()) {
            problems.add(place(settings)
                    + "its schema does not exist; create it, or set backend.database.ensureSchemaExists to true");
        } else if (!row.getBoolean("may_create_schema")) {
            problems.add(place(settings) + "its schema does not exist, and the user may not create it (42501); grant it"
                    + " CREATE on the database, or create the schema");
        }
    }

    private static String place(PostgresSettings settings) {
        return PgErrors.prefix(settings) + settings.location() + ": ";
    }
}
