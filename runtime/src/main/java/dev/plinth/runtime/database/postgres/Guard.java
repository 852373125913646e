package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a plugin's database stands, seen by the administrator inside it, and what is still to be done so that the plugin's role owns
 * its part and all others are kept out.
 *
 * @param found what the server says
 */
record Guard(PostgresSettings settings, PluginRole role, Found found) {

    private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

    /**
     * What the server says.
     *
     * @param ours whether the administrator may do what the database's owner may
     * @param openToAll whether everybody may connect
     * @param publicOpen whether everybody may create things in schema {@code public}
     * @param publicOurs whether the administrator may close it
     */
    record Found(
            boolean ours,
            boolean ownedByRole,
            boolean openToAll,
            boolean roleMayConnect,
            boolean schemaExists,
            boolean publicOpen,
            boolean publicOurs) {

        static Found of(Row row) {
            return new Found(
                    row.getBoolean(0),
                    row.getBoolean(1),
                    row.getBoolean(2),
                    row.getBoolean(3),
                    row.getBoolean(4),
                    row.getBoolean(5),
                    row.getBoolean(6));
        }
    }

    static Future<Guard> look(SqlConnection session, PostgresSettings settings, PluginRole role) {
        return session.preparedQuery(
                        """
                        SELECT pg_has_role(current_user, datdba, 'USAGE'), pg_get_userbyid(datdba) = $1::text,
                            EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
                                WHERE grantee = 0 AND privilege_type = 'CONNECT'),
                            EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
                                WHERE pg_get_userbyid(grantee) = $1::text AND privilege_type = 'CONNECT'),
                            EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $2::text),
                            EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public'
                                AND EXISTS (SELECT FROM aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
                                    WHERE grantee = 0 AND privilege_type = 'CREATE')),
                            EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public'
                                AND pg_has_role(current_user, nspowner, 'USAGE'))
                        FROM pg_catalog.pg_database WHERE datname = current_database()""")
                .execute(Tuple.of(role.name(), settings.schema().orElse("")))
                .map(rows -> new Guard(settings, role, Found.of(rows.iterator().next())));
    }

    List<String> statements() {
        List<String> statements = new ArrayList<>();
        if (takesDatabase()) {
            statements.add("ALTER DATABASE " + database() + " OWNER TO " + owner());
        }
        if (mayClose() && !found.roleMayConnect() && !ownsDatabase()) {
            statements.add("GRANT CONNECT ON DATABASE " + database() + " TO " + owner());
        }
        if (mayClose() && found.openToAll()) {
            statements.add("REVOKE CONNECT ON DATABASE " + database() + " FROM PUBLIC");
        }
        // Where all may create, one plugin could plant functions that another one calls.
        if (settings.schema().isPresent() && found.publicOpen() && found.publicOurs()) {
            statements.add("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        }
        if (makesSchema()) {
            String schema = Sql.identifier(settings.schema().orElseThrow());
            statements.add("CREATE SCHEMA " + schema + " AUTHORIZATION " + owner());
        }
        statements.add(handOver());
        return statements;
    }

    /** To be called when the statements are done. */
    void report() {
        if (takesDatabase()) {
            LOG.info("database '{}' now belongs to role '{}'", settings.effectiveDatabase(), role.name());
        }
        if (!mayClose() && found.openToAll()) {
            LOG.warn(
                    "database '{}' belongs to another user: everybody may still connect to it",
                    settings.effectiveDatabase());
        }
        if (settings.schema().isPresent() && found.publicOpen() && !found.publicOurs()) {
            LOG.warn("everybody may create things in schema 'public', and it is not ours to close;"
                    + " revoke CREATE on it from PUBLIC");
        }
        if (makesSchema()) {
            LOG.info("created schema '{}'", settings.schema().orElseThrow());
        }
    }

    private boolean takesDatabase() {
        return settings.schema().isEmpty() && !found.ownedByRole();
    }

    private boolean ownsDatabase() {
        return takesDatabase() || found.ownedByRole();
    }

    /** Others keep their right to connect when the database is not ours to close. */
    private boolean mayClose() {
        return found.ours() || takesDatabase();
    }

    private boolean makesSchema() {
        return settings.ensureSchema() && !found.schemaExists();
    }

    private String database() {
        return Sql.identifier(settings.effectiveDatabase());
    }

    private String owner() {
        return Sql.identifier(role.name());
    }

    /** Everything in these schemas that the administrator or the shared login made becomes the role's. */
    private String handOver() {
        Optional<String> schema = settings.schema();
        String schemas =
                schema.map(name -> "= " + Sql.literal(name)).orElse("!~ '^pg_' AND nspname <> 'information_schema'");
        return HAND_OVER.replace("@schemas", schemas).replace("@role", Sql.literal(role.name()));
    }

    private static final String HAND_OVER =
            """
            DO $plinth$
            DECLARE target text;
            BEGIN
              FOR target IN
                SELECT format('ALTER %s %s OWNER TO %I', kind, name, @role) FROM (
                  SELECT 2 AS turn, CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                      WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind,
                      c.oid::regclass::text AS name, c.relowner AS owner, n.nspname
                    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT EXISTS (
                      SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                        AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i'))))
                  UNION ALL
                  SELECT 2, 'ROUTINE', p.oid::regprocedure::text, p.proowner, n.nspname
                    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
                  UNION ALL
                  SELECT 2, 'TYPE', t.oid::regtype::text, t.typowner, n.nspname
                    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
                    LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
                    WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND NOT EXISTS (
                      SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid
                        AND d.deptype = 'e')
                  UNION ALL
                  SELECT 1, 'SCHEMA', quote_ident(n.nspname), n.nspowner, n.nspname
                    FROM pg_catalog.pg_namespace n WHERE n.nspname <> 'public') things
                WHERE nspname @schemas AND pg_get_userbyid(owner) <> @role
                  AND pg_has_role(current_user, owner, 'USAGE')
                ORDER BY turn
              LOOP
                EXECUTE target;
              END LOOP;
            END
            $plinth$""";
}
