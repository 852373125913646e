package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each plugin a login role of its own that owns its database or schema, and keeps all others out. The administrator does
 * so, who needs CREATEROLE. Looks first, and changes only what is different. Any thread.
 */
final class Isolation {

    private static final Logger LOG = LoggerFactory.getLogger(Isolation.class);

    /** The role is not there, has another password, may not connect; or its database is not there. */
    private static final Set<String> REPAIRABLE = Set.of("28P01", "28000", "42501", "3D000");

    private final AdminSessions administrators;
    private final AdvisoryLock locks;
    private final Provisioner provisioner;
    private final Duration lease;

    Isolation(AdminSessions administrators, AdvisoryLock locks, Provisioner provisioner, Duration lease) {
        this.administrators = administrators;
        this.locks = locks;
        this.provisioner = provisioner;
        this.lease = lease;
    }

    /** The settings with which the plugin itself connects: as its role, where it has one. */
    static PostgresSettings own(PostgresSettings settings) {
        return settings.isolationSecret()
                .map(secret -> SettingsOf.role(settings, PluginRole.of(settings, secret)))
                .orElse(settings);
    }

    static boolean isRepairable(Throwable failure) {
        return REPAIRABLE.contains(SqlStates.of(failure));
    }

    /** Whether the session's role owns its database, or its schema, with everything in it. */
    Future<Boolean> isOwner(SqlConnection session, PostgresSettings settings) {
        String query = settings.schema().isPresent()
                ? "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1::text"
                        + " AND pg_get_userbyid(nspowner) = current_user)"
                : "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1::text"
                        + " AND pg_get_userbyid(datdba) = current_user)";
        return session.preparedQuery(query)
                .execute(Tuple.of(settings.schema().orElseGet(settings::effectiveDatabase)))
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    /** Makes role, database and schema, and hands over what is there already. */
    Future<Void> establish(PostgresSettings settings, Secret secret) {
        PluginRole role = PluginRole.of(settings, secret);
        PostgresSettings maintenance = SettingsOf.administrator(settings, settings.maintenanceDatabase(), lease);
        PostgresSettings inside = SettingsOf.administrator(settings, settings.effectiveDatabase(), lease);
        return administrators
                .run(maintenance, session -> ensureRole(session, role))
                .compose(ready ->
                        settings.ensureDatabase() ? provisioner.createDatabase(settings) : Future.succeededFuture())
                .compose(ready -> administrators.run(maintenance, session -> guardDatabase(session, settings, role)))
                .compose(ready -> administrators.run(inside, session -> guardContents(session, settings, role)))
                .recover(failure -> Future.failedFuture(explain(settings, maintenance, role, failure)));
    }

    private Future<Void> locked(SqlConnection session, String name, Supplier<Future<Void>> work) {
        long key = AdvisoryLock.key("isolate", name);
        return locks.acquire(session, key, "the lock for guarding '" + name + "'")
                .compose(held -> work.get().eventually(() -> locks.release(session, key)));
    }

    private Future<Void> ensureRole(SqlConnection session, PluginRole role) {
        return locked(session, role.name(), () -> look(session, role)
                .compose(mark -> {
                    if (mark == null) {
                        return createRole(session, role);
                    }
                    return mark.equals(role.mark())
                            ? run(session, "ALTER ROLE " + quoted(role) + " PASSWORD " + Sql.literal(role.verifier()))
                            : Future.failedFuture(new DatabaseUnavailableException("role '" + role.name()
                                    + "' exists and was not made by Plinth for this plugin; rename or drop it"));
                })
                .compose(ready -> joinRole(session, role)));
    }

    /** The comment on the role; empty when it has none, null when there is no such role. */
    private static Future<@Nullable String> look(SqlConnection session, PluginRole role) {
        return session.preparedQuery(
                        "SELECT coalesce(shobj_description(oid, 'pg_authid'), '') FROM pg_catalog.pg_roles WHERE rolname = $1")
                .execute(Tuple.of(role.name()))
                .map(rows -> rows.size() == 0 ? null : rows.iterator().next().getString(0));
    }

    private static Future<Void> createRole(SqlConnection session, PluginRole role) {
        String create = "CREATE ROLE " + quoted(role)
                + " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD "
                + Sql.literal(role.verifier());
        String mark = "COMMENT ON ROLE " + quoted(role) + " IS " + Sql.literal(role.mark());
        return run(session, "BEGIN; " + create + "; " + mark + "; COMMIT")
                .recover(failure -> run(session, "ROLLBACK").transform(done -> Future.failedFuture(failure)))
                .onSuccess(created -> LOG.info("created role '{}'", role.name()));
    }

    /** Only a member may give things to a role; a superuser is one already. */
    private static Future<Void> joinRole(SqlConnection session, PluginRole role) {
        return session.preparedQuery("SELECT pg_has_role(current_user, $1::name, 'USAGE')")
                .execute(Tuple.of(role.name()))
                .compose(rows -> rows.iterator().next().getBoolean(0)
                        ? Future.succeededFuture()
                        : run(session, "GRANT " + quoted(role) + " TO CURRENT_USER"));
    }

    /** What is so, of one database. */
    private record Guard(boolean ours, boolean ownedByRole, boolean openToAll, boolean roleMayConnect) {

        /** The owner may connect. */
        Guard takenOver() {
            return new Guard(true, true, openToAll, true);
        }

        static Guard of(Row row) {
            return new Guard(row.getBoolean(0), row.getBoolean(1), row.getBoolean(2), row.getBoolean(3));
        }
    }

    private Future<Void> guardDatabase(SqlConnection session, PostgresSettings settings, PluginRole role) {
        String database = settings.effectiveDatabase();
        return locked(session, database, () -> guard(session, database, role).compose(guard -> {
            if (guard == null) {
                return Future.succeededFuture();
            }
            if (settings.schema().isEmpty() && !guard.ownedByRole()) {
                return run(session, "ALTER DATABASE " + Sql.identifier(database) + " OWNER TO " + quoted(role))
                        .onSuccess(done -> LOG.info("database '{}' now belongs to role '{}'", database, role.name()))
                        .compose(done -> closeDatabase(session, database, role, guard.takenOver()));
            }
            return closeDatabase(session, database, role, guard);
        }));
    }

    /** Null when there is no such database. */
    private static Future<@Nullable Guard> guard(SqlConnection session, String database, PluginRole role) {
        return session.preparedQuery(
                        """
                        SELECT pg_has_role(current_user, datdba, 'USAGE'), pg_get_userbyid(datdba) = $2::text,
                            EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
                                WHERE grantee = 0 AND privilege_type = 'CONNECT'),
                            EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
                                WHERE pg_get_userbyid(grantee) = $2::text AND privilege_type = 'CONNECT')
                        FROM pg_catalog.pg_database WHERE datname = $1::text""")
                .execute(Tuple.of(database, role.name()))
                .map(rows -> rows.size() == 0 ? null : Guard.of(rows.iterator().next()));
    }

    /** Others keep their right to connect when the database is not ours to close. */
    private static Future<Void> closeDatabase(SqlConnection session, String database, PluginRole role, Guard guard) {
        if (!guard.ours()) {
            if (guard.openToAll()) {
                LOG.warn("database '{}' belongs to another user: everybody may still connect to it", database);
            }
            return Future.succeededFuture();
        }
        Future<Void> granted = guard.roleMayConnect()
                ? Future.succeededFuture()
                : run(session, "GRANT CONNECT ON DATABASE " + Sql.identifier(database) + " TO " + quoted(role));
        return granted.compose(done -> guard.openToAll()
                ? run(session, "REVOKE CONNECT ON DATABASE " + Sql.identifier(database) + " FROM PUBLIC")
                : Future.succeededFuture());
    }

    private Future<Void> guardContents(SqlConnection session, PostgresSettings settings, PluginRole role) {
        String database = settings.effectiveDatabase();
        return locked(session, database, () -> settings.schema()
                .map(schema -> ensureSchema(session, settings, schema, role)
                        .compose(made -> closePublicSchema(session))
                        .compose(closed -> handOver(session, "= " + Sql.literal(schema), role)))
                .orElseGet(() -> handOver(session, "!~ '^pg_' AND nspname <> 'information_schema'", role)));
    }

    private static Future<Void> ensureSchema(
            SqlConnection session, PostgresSettings settings, String schema, PluginRole role) {
        if (!settings.ensureSchema()) {
            return Future.succeededFuture();
        }
        return session.preparedQuery("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1::text")
                .execute(Tuple.of(schema))
                .compose(rows -> rows.size() > 0
                        ? Future.succeededFuture()
                        : run(session, "CREATE SCHEMA " + Sql.identifier(schema) + " AUTHORIZATION " + quoted(role))
                                .onSuccess(created -> LOG.info("created schema '{}'", schema)));
    }

    /** Where all may create, one plugin could plant functions that another one calls. */
    private static Future<Void> closePublicSchema(SqlConnection session) {
        String open =
                """
                SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_catalog.pg_namespace
                WHERE nspname = 'public' AND EXISTS (SELECT FROM aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
                    WHERE grantee = 0 AND privilege_type = 'CREATE')""";
        return session.query(open).execute().compose(rows -> {
            if (rows.size() == 0) {
                return Future.succeededFuture();
            }
            if (!rows.iterator().next().getBoolean(0)) {
                LOG.warn("everybody may create things in schema 'public', and it is not ours to close;"
                        + " revoke CREATE on it from PUBLIC");
                return Future.succeededFuture();
            }
            return run(session, "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        });
    }

    /** Everything in these schemas that the administrator or the shared login made becomes the role's, or nothing does. */
    private static Future<Void> handOver(SqlConnection session, String schemas, PluginRole role) {
        return run(session, HAND_OVER.replace("@schemas", schemas).replace("@role", Sql.literal(role.name())));
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

    private static Future<Void> run(SqlConnection session, String sql) {
        return session.query(sql).execute().mapEmpty();
    }

    private static String quoted(PluginRole role) {
        return Sql.identifier(role.name());
    }

    private static Throwable explain(
            PostgresSettings settings, PostgresSettings administrator, PluginRole role, Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.startsWith(PgErrors.prefix(settings)) && failure instanceof DatabaseUnavailableException) {
            return failure;
        }
        String reason = SqlStates.INSUFFICIENT_PRIVILEGE.equals(SqlStates.of(failure))
                ? "user '" + administrator.user().orElse("") + "' has no right to (42501); grant it CREATEROLE, name"
                        + " another login in backend.database.admin, or set backend.database.isolation to shared"
                : message;
        return new DatabaseUnavailableException(
                PgErrors.prefix(settings) + "cannot give it role '" + role.name() + "' on " + settings.host() + ":"
                        + settings.port() + ": " + reason,
                failure);
    }
}
