package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PassingFailures;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettings.Login;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates databases and schemas that are missing: looks first, then locks, looks again, and creates. Any number of processes may
 * do so at once. Any thread.
 */
final class Provisioner {

    private static final Logger LOG = LoggerFactory.getLogger(Provisioner.class);

    /** What the server says when something else, which takes no lock of ours, was faster; looking again tells. */
    private static final Set<String> RACES =
            Set.of("23505", "42P04", "42P06", "42710", "55006", "XX000", "40001", "40P01");

    private static final int ATTEMPTS = 5;

    private final AdminSessions administrators;
    private final AdvisoryLock locks;
    private final Duration lease;

    Provisioner(AdminSessions administrators, AdvisoryLock locks, Duration lease) {
        this.administrators = administrators;
        this.locks = locks;
        this.lease = lease;
    }

    /** What a session reached, and whether its plugin's schema is there. */
    private record Reached(String database, String schema, boolean schemaExists) {}

    Future<Void> createDatabase(PostgresSettings settings) {
        PostgresSettings administrator = SettingsOf.administrator(settings, settings.maintenanceDatabase(), lease);
        String database = settings.effectiveDatabase();
        String sql = "CREATE DATABASE " + Sql.identifier(database) + owner(" OWNER ", settings) + " TEMPLATE template0";
        return administrators
                .runBeside(administrator, session -> create(session, database, new Creation("database", database, sql)))
                .recover(failure -> Future.failedFuture(explain(
                        settings,
                        administrator,
                        "database '" + database + "'",
                        "grant it CREATEDB, name another login in backend.database.admin, or create the database and set"
                                + " backend.database.ensureExists to false",
                        failure)));
    }

    /** Checks that the session is where it should be, and makes the schema when it is missing. */
    Future<Void> ensureSchema(SqlConnection session, PostgresSettings settings) {
        return lookTwice(session, settings).compose(reached -> {
            if (settings.schema().isPresent() && !reached.schemaExists()) {
                return createSchema(settings)
                        .compose(created -> lookTwice(session, settings))
                        .compose(again -> check(settings, again));
            }
            return check(settings, reached);
        });
    }

    /** Whether the session is in the plugin's place, with nothing to be made there. */
    Future<Boolean> isInPlace(SqlConnection session, PostgresSettings settings) {
        return look(session, settings)
                .compose(reached -> check(settings, reached))
                .map(true);
    }

    /** Whether the server has the plugin's database; from any of its databases. */
    Future<Boolean> databaseExists(SqlConnection session, PostgresSettings settings) {
        return new Creation("database", settings.effectiveDatabase(), "").exists(session);
    }

    /** Whether the plugin's database, with its schema, is there, in an administrator's session that is inside it if so. */
    Future<Boolean> isThereForAdministrator(SqlConnection session, PostgresSettings settings) {
        return look(session, settings)
                .map(reached -> reached.database().equals(settings.effectiveDatabase())
                        && (settings.schema().isEmpty() || reached.schemaExists()));
    }

    /** Whether the session's plugin has its schema, where it is to have one. */
    Future<Boolean> isThere(SqlConnection session, PostgresSettings settings) {
        return look(session, settings).map(reached -> settings.schema().isEmpty() || reached.schemaExists());
    }

    /**
     * A schema that another instance makes at this moment can be there for one part of a statement, and not yet for what the server
     * knows of its search path. The next statement begins with what it learnt meanwhile.
     */
    private static Future<Reached> lookTwice(SqlConnection session, PostgresSettings settings) {
        return look(session, settings)
                .compose(reached -> reached.schemaExists()
                                && !reached.schema().equals(settings.schema().orElse(""))
                        ? look(session, settings)
                        : Future.succeededFuture(reached));
    }

    private static Future<Reached> look(SqlConnection session, PostgresSettings settings) {
        return session.preparedQuery(
                        """
                        SELECT current_database()::text, coalesce(current_schema()::text, ''),
                            EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)""")
                .execute(Tuple.of(settings.schema().orElse("")))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new Reached(row.getString(0), row.getString(1), row.getBoolean(2));
                });
    }

    /** Names are cut at 63 bytes, and poolers map them: only the server knows where a session really is. */
    private static Future<Void> check(PostgresSettings settings, Reached reached) {
        String database = settings.effectiveDatabase();
        if (!reached.database().equals(database)) {
            return failed(
                    settings,
                    "the session is in database '" + reached.database() + "' instead of '" + database
                            + "'; check the database's name, and what stands between here and the server");
        }
        Optional<String> schema = settings.schema();
        if (schema.isEmpty() || reached.schema().equals(schema.get())) {
            return Future.succeededFuture();
        }
        if (!reached.schemaExists()) {
            return failed(
                    settings,
                    "schema '" + schema.get()
                            + "' does not exist; create it, or set backend.database.ensureSchemaExists to true");
        }
        return failed(
                settings, "the user has no right to use schema '" + schema.get() + "'; grant USAGE and CREATE on it");
    }

    private static Future<Void> failed(PostgresSettings settings, String message) {
        return Future.failedFuture(
                new DatabaseUnavailableException(PgErrors.prefix(settings) + settings.location() + ": " + message));
    }

    private Future<Void> createSchema(PostgresSettings settings) {
        if (!settings.ensureSchema()) {
            return Future.succeededFuture();
        }
        PostgresSettings administrator = SettingsOf.administrator(settings, settings.effectiveDatabase(), lease);
        String schema = settings.schema().orElseThrow();
        String sql = "CREATE SCHEMA " + Sql.identifier(schema) + owner(" AUTHORIZATION ", settings);
        return administrators
                .run(administrator, session -> create(session, schema, new Creation("schema", schema, sql)))
                .recover(failure -> Future.failedFuture(explain(
                        settings,
                        administrator,
                        "schema '" + schema + "'",
                        "grant it CREATE on the database, name another login in backend.database.admin, or create the"
                                + " schema yourself",
                        failure)));
    }

    /** What an administrator creates for a plugin shall be the plugin's; with roles, it is handed over later. */
    private static String owner(String keyword, PostgresSettings settings) {
        if (settings.isolationSecret().isPresent()) {
            return "";
        }
        Optional<String> owner = settings.schemaOwner()
                .or(() -> settings.admin().map(Login::user).isPresent() ? settings.user() : Optional.empty());
        return owner.map(name -> keyword + Sql.identifier(name)).orElse("");
    }

    /** Something that can be looked for and made. */
    private record Creation(String kind, String name, String sql) {

        Future<Boolean> exists(SqlConnection session) {
            String query = kind.equals("database")
                    ? "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)"
                    : "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)";
            return session.preparedQuery(query)
                    .execute(Tuple.of(name))
                    .map(rows -> rows.iterator().next().getBoolean(0));
        }
    }

    private Future<Void> create(SqlConnection session, String lockName, Creation creation) {
        return creation.exists(session)
                .compose(exists -> exists ? Future.succeededFuture() : createLocked(session, lockName, creation));
    }

    private Future<Void> createLocked(SqlConnection session, String lockName, Creation creation) {
        long key = AdvisoryLock.key("create " + creation.kind(), lockName);
        return locks.acquire(session, key, "the lock for creating " + creation.kind() + " '" + creation.name() + "'")
                .compose(locked ->
                        createUnlessThere(session, creation, ATTEMPTS).eventually(() -> locks.release(session, key)));
    }

    private Future<Void> createUnlessThere(SqlConnection session, Creation creation, int attempts) {
        return creation.exists(session).compose(exists -> {
            if (exists) {
                return Future.succeededFuture();
            }
            return session.query(creation.sql())
                    .execute()
                    .onSuccess(created -> LOG.info("created {} '{}'", creation.kind(), creation.name()))
                    .<Void>mapEmpty()
                    .recover(failure ->
                            retry(failure, attempts, () -> createUnlessThere(session, creation, attempts - 1)));
        });
    }

    private static Future<Void> retry(Throwable failure, int attempts, Supplier<Future<Void>> again) {
        return attempts > 1 && RACES.contains(SqlStates.of(failure)) ? again.get() : Future.failedFuture(failure);
    }

    private static Throwable explain(
            PostgresSettings settings, PostgresSettings administrator, String what, String remedy, Throwable failure) {
        if (failure instanceof DatabaseUnavailableException) {
            return failure;
        }
        if (!SqlStates.INSUFFICIENT_PRIVILEGE.equals(SqlStates.of(failure))) {
            return PassingFailures.name(settings, failure);
        }
        String creator = administrator.user().orElse("");
        // The server's words for it begin with "must be member of role" or "must be able to SET ROLE".
        boolean forAnother = String.valueOf(failure.getMessage()).contains("must be ");
        String reason = forAnother && !owner("", settings).isEmpty()
                ? "user '" + creator + "' may not make things for " + owner("", settings) + " (42501); GRANT "
                        + owner("", settings) + " TO " + Sql.identifier(creator)
                : "user '" + creator + "' has no right to (42501); " + remedy;
        return new DatabaseUnavailableException(
                PgErrors.prefix(settings) + "cannot create " + what + " on " + settings.host() + ":" + settings.port()
                        + ": " + reason,
                failure);
    }
}
