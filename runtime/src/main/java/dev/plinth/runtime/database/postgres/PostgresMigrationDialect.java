package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.database.migration.MigrationDialect;
import dev.plinth.runtime.database.postgres.Provisioner.Reached;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Migrates under an advisory lock per schema, held by the migrating session. */
final class PostgresMigrationDialect implements MigrationDialect, MigrationDialect.Script {

    private static final Pattern CREATES_INDEX = Pattern.compile(
            "CREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+CONCURRENTLY\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern CONCURRENTLY = Pattern.compile("\\bCONCURRENTLY\\b", Pattern.CASE_INSENSITIVE);
    private static final String LOCK_LIMIT = "2s";
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String DEADLOCK = "40P01";

    private final AdvisoryLock locks;
    private final String searchPath;
    private final Optional<Reached> known;

    /**
     * @param searchPath the plugin's own; empty for the session's default
     * @param known what the session that is to migrate has just reached; empty to look
     */
    PostgresMigrationDialect(Vertx vertx, List<String> searchPath, Optional<Reached> known) {
        this.locks = new AdvisoryLock(vertx);
        this.searchPath = searchPath.isEmpty() ? "DEFAULT" : PgOptions.searchPath(searchPath);
        this.known = known;
    }

    @Override
    public Dialect dialect() {
        return Dialect.POSTGRESQL;
    }

    @Override
    public Future<Place> place(SqlConnection connection) {
        return known.map(Future::succeededFuture)
                .orElseGet(() -> Provisioner.look(connection, "", ""))
                .map(reached -> new Place(
                        reached.schema(),
                        (reached.hasHistory() ? reached.historySchema() : Sql.identifier(reached.schema()))
                                + ".plinth_migration",
                        reached.hasHistory()));
    }

    @Override
    public Optional<Script> script() {
        return Optional.of(this);
    }

    @Override
    public String begin() {
        return "BEGIN; " + settings();
    }

    @Override
    public String literal(String text) {
        return Sql.literal(text);
    }

    /** Advisory locks are the database's, so the schema makes the key. */
    @Override
    public Future<Void> lock(SqlConnection connection, String pluginId, Place place) {
        long key = AdvisoryLock.key("migrate", place.schema());
        return locks.acquire(connection, key, "plugin '" + pluginId + "': the migration lock");
    }

    @Override
    public boolean locks() {
        return true;
    }

    /** A waiting ALTER TABLE holds up every later reader, so it may wait for a short time only. */
    @Override
    public Future<Void> enterTransaction(SqlConnection connection) {
        return connection.query(settings()).execute().mapEmpty();
    }

    private String settings() {
        return "SET LOCAL lock_timeout = '" + LOCK_LIMIT + "'; SET search_path TO " + searchPath;
    }

    /** What is done concurrently holds up nobody while it waits, and would have to begin anew. */
    @Override
    public Future<Void> beforeStatement(SqlConnection connection, String sql) {
        String limit = CONCURRENTLY.matcher(sql).find() ? "0" : LOCK_LIMIT;
        return connection.query("SET lock_timeout = '" + limit + "'").execute().mapEmpty();
    }

    /** CREATE INDEX CONCURRENTLY leaves an invalid index behind when it is cut off. */
    @Override
    public Future<Void> beforeResume(SqlConnection connection, String sql) {
        if (!CREATES_INDEX.matcher(sql).matches()) {
            return Future.succeededFuture();
        }
        return invalidIndexes(connection).compose(names -> dropNamed(connection, names, sql));
    }

    private static Future<List<String>> invalidIndexes(SqlConnection connection) {
        String query =
                """
                SELECT c.relname FROM pg_catalog.pg_index i
                JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE NOT i.indisvalid AND n.nspname = current_schema()""";
        return connection.query(query).execute().map(rows -> rows.stream()
                .map(row -> row.getString(0))
                .toList());
    }

    private static Future<Void> dropNamed(SqlConnection connection, List<String> names, String sql) {
        Future<Void> dropped = Future.succeededFuture();
        for (String name : names) {
            if (names(sql, name)) {
                dropped = dropped.compose(done -> connection
                        .query("DROP INDEX CONCURRENTLY " + Sql.identifier(name))
                        .execute()
                        .mapEmpty());
            }
        }
        return dropped;
    }

    private static boolean names(String sql, String index) {
        Matcher word = Pattern.compile(
                        "(?<![\\p{L}\\p{N}_$])" + Pattern.quote(index) + "(?![\\p{L}\\p{N}_$])",
                        Pattern.CASE_INSENSITIVE)
                .matcher(sql);
        return word.find();
    }

    @Override
    public boolean isBusy(Throwable failure) {
        return failure instanceof DatabaseException error
                && (LOCK_NOT_AVAILABLE.equals(error.getSqlState()) || DEADLOCK.equals(error.getSqlState()));
    }

    @Override
    public OptionalInt position(DatabaseException failure) {
        Throwable driver = failure instanceof PgException ? failure : failure.getCause();
        if (driver instanceof PgException error && error.getPosition() != null) {
            return OptionalInt.of(Integer.parseInt(error.getPosition()) - 1);
        }
        return OptionalInt.empty();
    }
}
