package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.Connector;
import dev.plinth.runtime.database.Inspection;
import dev.plinth.runtime.database.NamePrefixes;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.migration.MigrationDialect;
import dev.plinth.runtime.database.pool.ConnectionSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.internal.command.CommandBase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SQLite databases, in files or in memory. A file is closed with its last user; a database in memory lives as long as this
 * connector, whoever uses it.
 */
public final class SqliteConnector implements Connector<SqliteSettings> {

    private static final Logger LOG = LoggerFactory.getLogger(SqliteConnector.class);
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);

    private final VertxInternal vertx;
    private final MigrationDialect migrations = new SqliteMigrationDialect();
    private final DatabaseThreads threads = new DatabaseThreads();
    private final Map<String, Shared> databases = new ConcurrentHashMap<>();

    private final AtomicBoolean closed = new AtomicBoolean();

    public SqliteConnector(Vertx vertx) {
        this.vertx = (VertxInternal) vertx;
        SqliteLibrary.forgetOthers();
    }

    /**
     * Loads SQLite in a thread of its own, for a start that will need it soon: its library, its driver, and the calendars that the
     * driver asks for take a good part of such a start. What goes wrong is told by the first database that is opened.
     */
    public static void loadAhead() {
        SqliteLibrary.forgetOthers();
        Thread thread = new Thread(SqliteConnector::load, "plinth-sqlite-load");
        thread.setDaemon(true);
        thread.start();
    }

    private static void load() {
        try {
            SqliteOpener.tryInMemory();
        } catch (SQLException | LinkageError e) {
            LOG.debug("SQLite cannot be loaded", e);
        }
    }

    /** A database, and how many use it. */
    private record Shared(SqliteDatabase database, boolean kept, AtomicInteger users) {}

    /** Makes directory and file where they are missing, for the owner alone, and sees that SQLite can open it. */
    @Override
    public Future<Void> provision(SqliteSettings settings) {
        return connect(settings).compose(SqlConnection::close);
    }

    @Override
    public Future<SqlConnection> connect(SqliteSettings settings) {
        SqlConnection connection = source(settings).only(vertx.getOrCreateContext());
        return connection
                .query("SELECT 1")
                .execute()
                .<SqlConnection>map(opened -> connection)
                .recover(error -> connection.close().transform(closed -> Future.failedFuture(error)));
    }

    /** A database that is busy is there. */
    @Override
    public Future<Void> probe(SqliteSettings settings) {
        return provision(settings)
                .timeout(PROBE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure ->
                        failure instanceof TimeoutException ? Future.succeededFuture() : Future.failedFuture(failure));
    }

    /** A number of the application's own, which stays what it is. */
    @Override
    public Future<Void> tryToWrite(SqliteSettings settings) {
        return connect(settings).compose(session -> session.query("PRAGMA user_version")
                .execute()
                .compose(rows -> session.query("PRAGMA user_version = "
                                + rows.iterator().next().getInteger(0))
                        .execute())
                .<Void>mapEmpty()
                .eventually(session::close));
    }

    @Override
    public Future<Boolean> exists(SqliteSettings settings) {
        return vertx.executeBlocking(() -> settings.file().filter(Files::exists).isPresent());
    }

    @Override
    public Future<Inspection> inspect(SqliteSettings settings) {
        return exists(settings).compose(there -> {
            Inspection found = new Inspection(Map.of("exists", there ? "yes" : "no"), List.of());
            return (there ? tryToWrite(settings) : checkCanBeMade(settings))
                    .map(found)
                    .recover(failure -> Future.succeededFuture(found.with(String.valueOf(failure.getMessage()))));
        });
    }

    private Future<Void> checkCanBeMade(SqliteSettings settings) {
        return vertx.executeBlocking(() -> {
            settings.file().ifPresent(file -> new DatabaseFile(settings, file).checkCanBeMade());
            return null;
        });
    }

    /** Files named by a plugin's id, beside those of the installed plugins. */
    @Override
    public Future<List<String>> orphans(Collection<SqliteSettings> installed, NamePrefixes prefixes) {
        return vertx.executeBlocking(() -> SqliteOrphans.find(installed));
    }

    @Override
    public MigrationDialect migrations(SqliteSettings settings) {
        return migrations;
    }

    @Override
    public ConnectionSource open(SqliteSettings settings) {
        return source(settings);
    }

    @Override
    public Future<Path> backup(SqliteSettings settings, Path directory) {
        BackupFile backup = new BackupFile(settings.pluginId(), directory);
        return exists(settings)
                .compose(exists ->
                        exists || databases.containsKey(key(settings)) ? connect(settings) : nothing(settings))
                .compose(connection ->
                        copy(settings, backup).eventually(connection::close)); // which kept the file open, and ours
    }

    private static <T> Future<T> nothing(SqliteSettings settings) {
        return Future.failedFuture(new DatabaseUnavailableException("plugin '" + settings.pluginId() + "': there is no "
                + settings.file().map(file -> "file " + file).orElse("database in memory without a running backend")
                + " to back up"));
    }

    private Future<Path> copy(SqliteSettings settings, BackupFile backup) {
        Future<Void> written = settings.file()
                .map(file -> vertx.<Void>executeBlocking(() -> {
                    backup.prepare();
                    backup.copyFrom(new DatabaseFile(settings, file));
                    return null;
                }))
                .orElseGet(() -> vertx.executeBlocking(backup::prepare)
                        .compose(file ->
                                submit(database(settings), settings.pool().acquireTimeout(), new BackupCommand(file))));
        return written.compose(done -> vertx.executeBlocking(backup::complete))
                .recover(failure -> vertx.executeBlocking(() -> {
                    backup.discard(failure);
                    throw failure instanceof Exception e ? e : new IllegalStateException(failure);
                }));
    }

    private SqliteDatabase database(SqliteSettings settings) {
        return databases.computeIfAbsent(key(settings), key -> share(settings)).database();
    }

    private SqliteSource source(SqliteSettings settings) {
        Shared shared = databases.computeIfAbsent(key(settings), key -> share(settings));
        shared.users().incrementAndGet();
        return new SqliteSource(shared.database(), settings, () -> release(shared));
    }

    private static String key(SqliteSettings settings) {
        return settings.file()
                .map(file -> file.toAbsolutePath().normalize().toString())
                .orElseGet(() -> ":memory:" + settings.pluginId());
    }

    private Shared share(SqliteSettings settings) {
        SqliteOpener opener = new SqliteOpener(settings);
        boolean kept = settings.file().isEmpty();
        return new Shared(new SqliteDatabase(settings.location(), opener, threads), kept, new AtomicInteger());
    }

    private Future<Void> release(Shared shared) {
        boolean last = shared.users().decrementAndGet() == 0;
        return last && !shared.kept() ? close(shared.database(), false) : Future.succeededFuture();
    }

    private Future<Void> close(SqliteDatabase database, boolean forGood) {
        return submit(database, Duration.ZERO, new CloseDatabaseCommand(forGood));
    }

    private <T> Future<T> submit(SqliteDatabase database, Duration patience, CommandBase<T> command) {
        Promise<T> promise = Promise.promise();
        database.submit(
                new Job(new SessionState("plinth"), false, patience, vertx.getOrCreateContext(), command, promise));
        return promise.future();
    }

    @Override
    public Future<Void> close() {
        if (!closed.compareAndSet(false, true)) {
            return Future.succeededFuture();
        }
        List<Future<Void>> closing = databases.values().stream()
                .map(shared -> close(shared.database(), true))
                .toList();
        return Future.join(closing).<Void>mapEmpty().eventually(() -> {
            threads.close();
            return Future.succeededFuture();
        });
    }
}
