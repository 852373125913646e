package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PassingFailures;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.RetryableException;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
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

    /** Plugins share the administrator's session, so its failure may name another one. */
    private static final Pattern OF_ANY_PLUGIN = Pattern.compile("^plugin '[^']*': ");

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
                .compose(ready -> administrators
                        .run(inside, session -> guard(session, settings, role))
                        .recover(failure -> Future.failedFuture(explainHandOver(settings, role, failure))))
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

    /**
     * All in one transaction: what a process that is killed in the middle leaves behind must not look as if it were done, or the
     * next start would go on from there.
     */
    private Future<Void> guard(SqlConnection session, PostgresSettings settings, PluginRole role) {
        return locked(session, settings.effectiveDatabase(), () -> Guard.look(session, settings, role)
                .compose(guard ->
                        run(session, String.join("; ", guard.statements())).onSuccess(done -> guard.report())));
    }

    private static Future<Void> run(SqlConnection session, String sql) {
        return session.query(sql).execute().mapEmpty();
    }

    private static String quoted(PluginRole role) {
        return Sql.identifier(role.name());
    }

    /** What lies in the database may be others', or in places where the role may not have things. */
    private static Throwable explainHandOver(PostgresSettings settings, PluginRole role, Throwable failure) {
        if (!SqlStates.INSUFFICIENT_PRIVILEGE.equals(SqlStates.of(failure))) {
            return failure;
        }
        String said =
                failure instanceof PgException error ? PgErrors.text(error) : String.valueOf(failure.getMessage());
        return new DatabaseUnavailableException(
                PgErrors.prefix(settings) + "cannot hand over " + settings.location() + " to role '" + role.name()
                        + "': "
                        + said.replace(PgErrors.prefix(settings), "")
                        + "; grant what is missing, or name another login in"
                        + " backend.database.admin",
                failure);
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
                : OF_ANY_PLUGIN.matcher(message).replaceFirst("");
        String told = PgErrors.prefix(settings) + "cannot give it role '" + role.name() + "' on " + settings.host()
                + ":" + settings.port() + ": " + reason;
        boolean passes = failure instanceof RetryableException || PassingFailures.isPassing(SqlStates.of(failure));
        return passes ? new RetryableException(told, failure) : new DatabaseUnavailableException(told, failure);
    }
}
