package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What is special when a pooler such as PgBouncer stands before the server: it refuses most start-up properties, tells a process
 * id of its own making, and may give each transaction another session, with which search paths, locks and prepared statements
 * do not work.
 */
final class PgPooler {

    /** Those that PgBouncer keeps for each client. */
    private static final Set<String> TAKEN_AT_LOGIN =
            Set.of("application_name", "client_encoding", "DateStyle", "options");

    private static final String PROCESS = "SELECT pg_backend_pid()";

    private PgPooler() {}

    /** Whether a login failed for start-up properties that can be set after it. */
    static boolean isRefusedForProperties(Throwable error) {
        return error instanceof PgException refused
                && "08P01".equals(refused.getSqlState())
                && String.valueOf(refused.getMessage()).contains("unsupported startup parameter");
    }

    /** With no more properties than a pooler takes. */
    static PgConnectOptions bare(PgConnectOptions options) {
        Map<String, String> taken = new HashMap<>(options.getProperties());
        taken.keySet().retainAll(TAKEN_AT_LOGIN);
        return new PgConnectOptions(options).setProperties(taken);
    }

    /** Sets the others, as the session's defaults. */
    static Future<?> setTheOthers(SqlConnection connection, PgConnectOptions options) {
        String sql = options.getProperties().entrySet().stream()
                .filter(property -> !TAKEN_AT_LOGIN.contains(property.getKey()))
                .map(property -> "set_config(" + Sql.literal(property.getKey()) + ", "
                        + Sql.literal(property.getValue()) + ", false)")
                .collect(Collectors.joining(", ", "SELECT ", ""));
        return connection.query(sql).execute();
    }

    /**
     * Refuses a pooler that does not keep one session for one connection.
     *
     * @param process that of the server which answers on the connection
     * @param another opens a second connection to the same place
     */
    static Future<Void> check(
            SqlConnection connection, int process, PostgresSettings settings, Supplier<Future<SqlConnection>> another) {
        return process == told(connection)
                ? Future.succeededFuture()
                : another.get().compose(second -> keepsSessionsApart(connection, process, second)
                        .eventually(second::close)
                        .compose(apart -> apart ? Future.succeededFuture() : refused(settings)));
    }

    /** A second connection's transaction must get a session of its own, and must not drive the first out of its one. */
    private static Future<Boolean> keepsSessionsApart(SqlConnection first, int process, SqlConnection second) {
        return second.query("BEGIN")
                .execute()
                .compose(begun -> process(second))
                .compose(other -> process(first).map(now -> other != process && now == process))
                .eventually(() -> second.query("ROLLBACK").execute());
    }

    private static Future<Void> refused(PostgresSettings settings) {
        return Future.failedFuture(new DatabaseUnavailableException(PgErrors.prefix(settings) + settings.location()
                + ": a pooler stands before the server that gives each transaction another session, so neither locks nor"
                + " search paths hold; set its pool_mode to session, or name the server itself in "
                + PgErrors.CONNECTION_KEY + ".host and .port"));
    }

    private static Future<Integer> process(SqlConnection connection) {
        return connection.query(PROCESS).execute().map(rows -> {
            Row row = rows.iterator().next();
            return row.getInteger(0);
        });
    }

    /** The process that the login was told of. */
    static int told(SqlConnection connection) {
        return ((SqlConnectionInternal) connection).unwrap().getProcessId();
    }
}
