package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PassingFailures;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettings.Login;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
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

    /**
     * What a session reached.
     *
     * @param schemaExists whether its plugin's schema is there
     * @param process the server's, whatever the login was told
     * @param historySchema where its plugin has its history of migrations, in quotes where it needs them; empty when it has none
     */
    record Reached(String database, String schema, boolean schemaExists, int process, String historySchema) {

        boolean hasHistory() {
            return !historySchema.isEmpty();
        }
    }

    Future<Void> createDatabase(PostgresSettings settings) {
        PostgresSettings administrator = SettingsOf.administrator(settings, settings.maintenanceDatabase(), lease);
        String database = settings.effectiveDatabase();
        String sql = "CREATE DATABASE " + Sql.identifier(database) + owner(" OWNER ", settings) + " TEMPLATE template0";
        return administrators
                .runBeside(administrator, session -> createDatabase(session, database, sql))
                .recover(failure -> Future.failedFuture(explain(
                        settings,
                        administrator,
                        "database '" + database + "'",
                        "grant it CREATEDB, name another login in backend.database.admin, or create the database and set"
                                + " backend.database.ensureExists to false",
                        failure)));
    }

    /** Checks that the session is where it should be, and makes the schema when it is missing; answers what is there then. */
    Future<Reached> ensureSchema(SqlConnection session, PostgresSettings settings, Reached reached) {
        boolean missing = settings.schema().isPresent() && !reached.schemaExists() && settings.ensureSchema();
        return (missing ? createSchema(session, settings) : Future.succeededFuture(reached))
                .compose(again -> lookAgain(session, settings, again))
                .compose(again -> check(settings, again).map(again));
    }

    /** Whether the server has a database; from any of its databases. */
    static Future<Boolean> databaseExists(SqlConnection session, String database) {
        return session.query(lookingForDatabase(database))
                .execute()
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    private static String lookingForDatabase(String database) {
        return "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = " + Sql.literal(database) + ")";
    }

    /** Whether the plugin's database, with its schema, is there, in an administrator's session that is inside it if so. */
    Future<Boolean> isThereForAdministrator(SqlConnection session, PostgresSettings settings) {
        return look(session, settings, "")
                .map(reached -> reached.database().equals(settings.effectiveDatabase())
                        && (settings.schema().isEmpty() || reached.schemaExists()));
    }

    /** Whether the session's plugin has its schema, where it is to have one. */
    Future<Boolean> isThere(SqlConnection session, PostgresSettings settings) {
        return look(session, settings, "").map(reached -> settings.schema().isEmpty() || reached.schemaExists());
    }

    /**
     * A schema that another instance makes at this moment can be there for one part of a statement, and not yet for what the server
     * knows of its search path. The next statement begins with what it learnt meanwhile.
     */
    private static Future<Reached> lookAgain(SqlConnection session, PostgresSettings settings, Reached reached) {
        return reached.schemaExists()
                        && !reached.schema().equals(settings.schema().orElse(""))
                ? look(session, settings, "")
                : Future.succeededFuture(reached);
    }

    /**
     * Where a session is.
     *
     * @param before statements that lead it there, each with a semicolon; or empty
     */
    static Future<Reached> look(SqlConnection session, PostgresSettings settings, String before) {
        return look(session, settings.schema().orElse(""), before);
    }

    /**
     * The same, whatever brought it there.
     *
     * @param schema whether it exists is of interest; or empty
     */
    static Future<Reached> look(SqlConnection session, String schema, String before) {
        return session.query(before + lookingFor(schema)).execute().map(Provisioner::reached);
    }

    /** Where there is nothing to look for, no table is asked: in a new session that costs the server more than all the rest. */
    private static String lookingFor(String schema) {
        String exists = schema.isEmpty()
                ? "false"
                : "EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = " + Sql.literal(schema) + ")";
        return "SELECT current_database()::text, coalesce(current_schema()::text, ''), " + exists
                + ", pg_backend_pid(), coalesce((pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass,"
                + " to_regclass('plinth_migration'), 0)).schema, '')";
    }

    private static Reached reached(RowSet<Row> rows) {
        Row row = last(rows).iterator().next();
        return new Reached(row.getString(0), row.getString(1), row.getBoolean(2), row.getInteger(3), row.getString(4));
    }

    private static RowSet<Row> last(RowSet<Row> rows) {
        RowSet<Row> next = rows.next();
        return next == null ? rows : last(next);
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

    /** In the plugin's own session, where nobody else is named for it. */
    private Future<Reached> createSchema(SqlConnection own, PostgresSettings settings) {
        PostgresSettings administrator = SettingsOf.administrator(settings, settings.effectiveDatabase(), lease);
        boolean byItself = settings.admin().isEmpty()
                && settings.role().isEmpty()
                && settings.isolationSecret().isEmpty();
        Future<Reached> created = byItself
                ? createSchema(own, settings, ATTEMPTS)
                : administrators
                        .run(administrator, session -> createSchema(session, settings, ATTEMPTS))
                        .compose(done -> look(own, settings, ""));
        return created.recover(failure -> Future.failedFuture(explain(
                settings,
                administrator,
                "schema '" + settings.schema().orElseThrow() + "'",
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

    /** In one step, and so one transaction: others wait for the lock no longer than the server takes. Answers what is there then. */
    private static Future<Reached> createSchema(SqlConnection session, PostgresSettings settings, int attempts) {
        String schema = settings.schema().orElseThrow();
        String sql = "SELECT pg_advisory_xact_lock(" + AdvisoryLock.key("create schema", schema) + ");"
                + " SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = " + Sql.literal(schema) + ");"
                + " CREATE SCHEMA IF NOT EXISTS " + Sql.identifier(schema) + owner(" AUTHORIZATION ", settings) + "; "
                + lookingFor(schema);
        return session.query(sql)
                .execute()
                .onSuccess(rows -> {
                    if (!rows.next().iterator().next().getBoolean(0)) {
                        LOG.info("created schema '{}'", schema);
                    }
                })
                .map(Provisioner::reached)
                .recover(failure -> retry(failure, attempts, () -> createSchema(session, settings, attempts - 1)));
    }

    private Future<Void> createDatabase(SqlConnection session, String database, String sql) {
        long key = AdvisoryLock.key("create database", database);
        return locks.tryFirst(session, key, lookingForDatabase(database)).compose(first -> {
            boolean exists = first.rows().iterator().next().getBoolean(0);
            if (!first.locked()) {
                return exists ? Future.succeededFuture() : createLocked(session, database, sql, key);
            }
            return releasing(session, key, create(session, database, sql, exists, ATTEMPTS));
        });
    }

    private Future<Void> createLocked(SqlConnection session, String database, String sql, long key) {
        return locks.acquire(session, key, "the lock for creating database '" + database + "'")
                .compose(locked -> releasing(session, key, createUnlessThere(session, database, sql, ATTEMPTS)));
    }

    /** Nobody waits for that: what the session is asked next comes after it. */
    private Future<Void> releasing(SqlConnection session, long key, Future<Void> work) {
        return work.onComplete(done -> locks.release(session, key));
    }

    private static Future<Void> createUnlessThere(SqlConnection session, String database, String sql, int attempts) {
        return databaseExists(session, database).compose(exists -> create(session, database, sql, exists, attempts));
    }

    private static Future<Void> create(
            SqlConnection session, String database, String sql, boolean exists, int attempts) {
        if (exists) {
            return Future.succeededFuture();
        }
        return session.query(sql)
                .execute()
                .onSuccess(created -> LOG.info("created database '{}'", database))
                .<Void>mapEmpty()
                .recover(failure ->
                        retry(failure, attempts, () -> createUnlessThere(session, database, sql, attempts - 1)));
    }

    private static <T> Future<T> retry(Throwable failure, int attempts, Supplier<Future<T>> again) {
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
