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
import java.util.Optional;

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
                EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1::text) AS database_exists,
                current_database() = $1::text AS inside,
                EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $2::text) AS schema_exists,
                EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $3::text) AS role_exists,
                current_user::text AS login,
                home.nspname::text AS home,
                has_schema_privilege(home.oid, 'CREATE') AS may_create_table
            FROM (SELECT) AS one LEFT JOIN pg_catalog.pg_namespace AS home
                ON home.nspname = coalesce(nullif($2::text, ''), current_schema())""";

    private static final String RIGHTS =
            """
            SELECT rolname::text AS name,
                rolsuper OR rolcreatedb AS may_create_database,
                rolsuper OR rolcreaterole AS may_create_role,
                has_database_privilege(current_database(), 'CREATE') AS may_create_schema
            FROM pg_catalog.pg_roles WHERE rolname = current_user""";

    private final PostgresSettings settings;
    private final Row row;
    private final Row rights;

    private PgInspector(PostgresSettings settings, Row row, Row rights) {
        this.settings = settings;
        this.row = row;
        this.rights = rights;
    }

    /**
     * What can be said of a plugin's database.
     *
     * @param session on the plugin's server, inside its database when that is there
     * @param creator the session of the one who creates what is missing
     */
    static Future<Inspection> inspect(SqlConnection session, SqlConnection creator, PostgresSettings settings) {
        String role = settings.isolationSecret()
                .map(secret -> PluginRole.of(settings, secret).name())
                .orElse("");
        return session.preparedQuery(QUERY)
                .execute(
                        Tuple.of(settings.effectiveDatabase(), settings.schema().orElse(""), role))
                .compose(rows -> creator.query(RIGHTS)
                        .execute()
                        .map(rights -> new PgInspector(
                                settings,
                                rows.iterator().next(),
                                rights.iterator().next())))
                .map(found -> new Inspection(found.facts(), found.problems(), found.migrating()));
    }

    private Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("server", row.getString("version") + readOnly());
        facts.put("tls", tls());
        facts.put("exists", exists() ? "yes" : "no");
        facts.put("may create", rights());
        facts.put("connections", row.getInteger("used") + " of " + row.getInteger("allowed"));
        return facts;
    }

    private String readOnly() {
        return row.getBoolean("standby") ? " (read-only standby)" : row.getBoolean("read_only") ? " (read-only)" : "";
    }

    private String tls() {
        TlsSettings.Mode mode = settings.tls().mode();
        return (row.getBoolean("tls") ? "on, " + checked(mode) : "off") + " (" + mode.word() + ")";
    }

    private static String checked(TlsSettings.Mode mode) {
        return switch (mode) {
            case VERIFY_FULL -> "certificate and host checked";
            case VERIFY_CA -> "certificate checked";
            case DISABLE, ALLOW, PREFER, REQUIRE -> "certificate not checked";
        };
    }

    private boolean exists() {
        return row.getBoolean("database_exists")
                && (settings.schema().isEmpty() || (row.getBoolean("inside") && row.getBoolean("schema_exists")));
    }

    private String rights() {
        List<String> words = new ArrayList<>();
        for (String what : List.of("database", "schema", "role")) {
            if (rights.getBoolean("may_create_" + what)) {
                words.add(what);
            }
        }
        return words.isEmpty() ? "nothing" : String.join(", ", words);
    }

    private List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (row.getBoolean("read_only")) {
            problems.add(String.valueOf(
                    PgErrors.takesNoWrites(settings, row.getBoolean("standby")).getMessage()));
        }
        if (settings.isolationSecret().isPresent() && !row.getBoolean("role_exists")) {
            missingRole(problems);
        }
        if (!row.getBoolean("database_exists")) {
            missingDatabase(problems);
        } else if (!exists() && row.getBoolean("inside")) {
            missingSchema(problems);
        }
        return problems;
    }

    private Optional<String> migrating() {
        boolean denied =
                exists() && row.getBoolean("inside") && Boolean.FALSE.equals(row.getBoolean("may_create_table"));
        return denied
                ? Optional.of(place() + "user '" + row.getString("login") + "' may not create tables in schema '"
                        + row.getString("home") + "' (42501); grant it CREATE on the schema, or name the one that owns"
                        + " it in backend.database.connection.user")
                : Optional.empty();
    }

    private void missingRole(List<String> problems) {
        if (!rights.getBoolean("may_create_role")) {
            problems.add(
                    place() + "its role does not exist, and user '" + creator() + "' may not create it (42501); grant"
                            + " it CREATEROLE, or name another login in backend.database.admin");
        }
    }

    private void missingDatabase(List<String> problems) {
        if (!settings.ensureDatabase()) {
            problems.add(place()
                    + "its database does not exist (3D000); create it, or set backend.database.ensureExists to true");
        } else if (!rights.getBoolean("may_create_database")) {
            problems.add(place() + "its database does not exist, and user '" + creator()
                    + "' may not create it (42501);" + " grant it CREATEDB, or create the database");
        }
    }

    private void missingSchema(List<String> problems) {
        if (!settings.ensureSchema()) {
            problems.add(place()
                    + "its schema does not exist; create it, or set backend.database.ensureSchemaExists to true");
        } else if (!rights.getBoolean("may_create_schema")) {
            problems.add(place() + "its schema does not exist, and user '" + creator() + "' may not create it (42501);"
                    + " grant it CREATE on the database, or create the schema");
        }
    }

    private String creator() {
        return rights.getString("name");
    }

    private String place() {
        return PgErrors.prefix(settings) + settings.location() + ": ";
    }
}
