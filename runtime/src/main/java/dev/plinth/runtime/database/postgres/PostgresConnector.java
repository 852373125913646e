package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.Connector;
import dev.plinth.runtime.database.Inspection;
import dev.plinth.runtime.database.NamePrefixes;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.migration.MigrationDialect;
import dev.plinth.runtime.database.pool.ConnectionSource;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** Databases and schemas on PostgreSQL servers. Any thread. */
public final class PostgresConnector implements Connector<PostgresSettings> {

    private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(2);

    private final PgConnections connections;
    private final Provisioner provisioner;
    private final Isolation isolation;
    private final AdminSessions administrators;
    private final Vertx vertx;
    private final Duration lease;
    /** Servers that did not have the database of a plugin. */
    private final Set<String> newcomers = ConcurrentHashMap.newKeySet();
    /** Databases of servers to which somebody has been connected. */
    private final Set<String> reached = ConcurrentHashMap.newKeySet();
    /** By server: completes when the first login there has been answered, or takes too long for others to wait for. */
    private final Map<String, Future<Void>> firstAnswers = new ConcurrentHashMap<>();

    /**
     * @param lease how long a silent session may keep others from creating or migrating
     * @param credentials asked for each physical connection
     */
    public PostgresConnector(Vertx vertx, Duration lease, PgCredentials credentials, PgPoolOptions options) {
        this.connections = new PgConnections(vertx, credentials, options);
        this.administrators = new AdminSessions(vertx, connections::connect);
        AdvisoryLock locks = new AdvisoryLock(vertx);
        this.provisioner = new Provisioner(administrators, locks, lease);
        this.isolation = new Isolation(administrators, locks, provisioner, lease);
        this.vertx = vertx;
        this.lease = lease;
    }

    /**
     * Loads what a login takes in a thread of its own, for a start that will need it soon: to salt the first password takes ten times as
     * long as the next one, and all plugins on a server wait for the first login there.
     */
    public static void loadAhead() {
        Thread thread = new Thread(SaltedPasswords::rehearse, "plinth-postgres-load");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public Future<Void> provision(PostgresSettings settings) {
        return provisionAndConnect(settings).compose(SqlConnection::close);
    }

    @Override
    public Future<SqlConnection> provisionAndConnect(PostgresSettings settings) {
        return prepare(settings).map(Prepared::connection);
    }

    /** The plugin's own database is tried first: when it is there, no right to any other is needed. */
    @Override
    public Future<Prepared> prepare(PostgresSettings settings) {
        if (sharesSessions(settings)) {
            return created(settings, () -> connections.borrow(SettingsOf.migration(settings, lease)))
                    .compose(session -> settled(session, settings, PgBinding.sql(settings) + "; "));
        }
        return settings.isolationSecret()
                .map(secret -> isolated(settings, secret))
                .orElseGet(() -> created(settings, () -> connect(settings)))
                .compose(session -> settled(session, settings, ""));
    }

    /** Plugins whose schemas are in one database have one session after the other. */
    private static boolean sharesSessions(PostgresSettings settings) {
        return settings.schema().isPresent()
                && settings.isolationSecret().isEmpty()
                && settings.role().isEmpty();
    }

    @Override
    public List<Context> loops() {
        return List.of(connections.loop());
    }

    @Override
    public void prepareEarly(PostgresSettings settings) {
        if (!sharesSessions(settings)) {
            connections.connectEarly(migrating(settings), Isolation.own(settings));
        }
    }

    private PostgresSettings migrating(PostgresSettings settings) {
        return SettingsOf.migration(Isolation.own(settings), lease);
    }

    private Future<Prepared> settled(SqlConnection session, PostgresSettings settings, String before) {
        PostgresSettings own = Isolation.own(settings);
        return Provisioner.look(session, own, before)
                .compose(reached -> PgPooler.check(session, reached.process(), settings, () -> connect(settings))
                        .compose(sound -> provisioner.ensureSchema(session, own, reached)))
                .map(reached -> new Prepared(
                        session, new PostgresMigrationDialect(vertx, own.searchPath(), Optional.of(reached))))
                .recover(failure -> session.close().transform(closed -> Future.failedFuture(failure)));
    }

    /** One goes ahead: where its database is missing, the others need not log in in vain, with a line in the server's log for each. */
    private Future<SqlConnection> created(PostgresSettings settings, Supplier<Future<SqlConnection>> connect) {
        Promise<Void> answered = Promise.promise();
        Future<Void> first = firstAnswers.putIfAbsent(server(settings), answered.future());
        if (first != null) {
            return first.compose(known -> createdNext(settings, connect));
        }
        vertx.setTimer(FIRST_ANSWER.toMillis(), id -> answered.tryComplete());
        return createdNext(settings, () -> connect.get()
                .onFailure(failure -> note(settings, failure))
                .onComplete(done -> answered.tryComplete()));
    }

    private void note(PostgresSettings settings, Throwable failure) {
        if (isMissingDatabase(failure)) {
            newcomers.add(server(settings));
        }
    }

    /** Where one database was missing, others will be: to find out by logging in costs more than to look from another database. */
    private Future<SqlConnection> createdNext(PostgresSettings settings, Supplier<Future<SqlConnection>> connect) {
        String database = server(settings) + "/" + settings.effectiveDatabase();
        boolean mayBeMissing = newcomers.contains(server(settings)) && !reached.contains(database);
        Future<Void> looked = settings.ensureDatabase() && mayBeMissing
                ? provisioner.createDatabase(settings).otherwiseEmpty()
                : Future.succeededFuture();
        return looked.compose(nothing -> connect.get())
                .onFailure(failure -> note(settings, failure))
                .recover(failure -> isMissingDatabase(failure) && settings.ensureDatabase()
                        ? provisioner.createDatabase(settings).compose(created -> connect.get())
                        : Future.failedFuture(failure))
                .onSuccess(session -> reached.add(database));
    }

    private Future<SqlConnection> isolated(PostgresSettings settings, Secret secret) {
        return connect(settings)
                .compose(
                        connection -> isolation
                                .isOwner(connection, settings)
                                .compose(owner -> owner
                                        ? Future.succeededFuture(connection)
                                        : connection.close().compose(closed -> establish(settings, secret))),
                        failure -> Isolation.isRepairable(failure)
                                ? establish(settings, secret)
                                : Future.failedFuture(failure));
    }

    private Future<SqlConnection> establish(PostgresSettings settings, Secret secret) {
        return isolation.establish(settings, secret).compose(done -> connect(settings));
    }

    private static boolean isMissingDatabase(Throwable failure) {
        return failure instanceof DatabaseUnavailableException
                && SqlStates.INVALID_CATALOG_NAME.equals(SqlStates.of(failure));
    }

    @Override
    public Future<SqlConnection> connect(PostgresSettings settings) {
        return connections.connectOrTake(migrating(settings));
    }

    /** Who has a session after another plugin needs no login; for the others, the more at once the sooner all are through. */
    @Override
    public int preparedAtOnce(PostgresSettings settings) {
        return sharesSessions(settings) ? PREPARED_AT_ONCE : connections.preparedAtOnce(settings);
    }

    /** One that others can use is theirs at once. */
    @Override
    public Future<Void> closeLater(PostgresSettings settings, SqlConnection session) {
        return sharesSessions(settings) ? session.close() : connections.closeLater(settings, session);
    }

    @Override
    public MigrationDialect migrations(PostgresSettings settings) {
        return new PostgresMigrationDialect(vertx, Isolation.own(settings).searchPath(), Optional.empty());
    }

    @Override
    public ConnectionSource open(PostgresSettings settings) {
        return connections.open(Isolation.own(settings));
    }

    @Override
    public String server(PostgresSettings settings) {
        return name(settings);
    }

    static String name(PostgresSettings settings) {
        return "PostgreSQL at " + settings.host() + ":" + settings.port();
    }

    /** A server that refuses this plugin's login or database is there; one that starts up, or takes no writes, is not. */
    @Override
    public Future<Void> probe(PostgresSettings settings) {
        return connections
                .connect(SettingsOf.probe(Isolation.own(settings), PROBE_LIMIT))
                .recover(failure ->
                        SqlStates.isAnswer(failure) ? Future.succeededFuture(null) : Future.failedFuture(failure))
                .compose(session -> session == null
                        ? Future.succeededFuture()
                        : takesWrites(session, settings).eventually(session::close));
    }

    /** All but a disk that is full. */
    @Override
    public boolean isShownByConnecting(Throwable failure) {
        return !SqlStates.DISK_FULL.equals(SqlStates.of(failure));
    }

    /** Some pages of a table that is gone with its transaction. Whoever may not make one is none the wiser. */
    @Override
    public Future<Void> tryToWrite(PostgresSettings settings) {
        return connect(settings).compose(session -> session.begin()
                .compose(transaction -> session.query("CREATE TEMPORARY TABLE plinth_room ON COMMIT DROP AS"
                                + " SELECT repeat('x', 1000) FROM generate_series(1, 100)")
                        .execute()
                        .<Void>mapEmpty()
                        .eventually(transaction::rollback))
                .recover(failure -> SqlStates.DISK_FULL.equals(SqlStates.of(failure))
                        ? Future.failedFuture(failure)
                        : Future.succeededFuture())
                .eventually(session::close));
    }

    private static Future<Void> takesWrites(SqlConnection session, PostgresSettings settings) {
        return session.query("SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'")
                .execute()
                .compose(rows -> {
                    Row row = rows.iterator().next();
                    return row.getBoolean(1)
                            ? Future.failedFuture(PgErrors.takesNoWrites(settings, row.getBoolean(0)))
                            : Future.succeededFuture();
                });
    }

    @Override
    public Future<Boolean> exists(PostgresSettings settings) {
        return connect(settings)
                .compose(
                        session -> provisioner.isThere(session, settings).eventually(session::close),
                        failure -> isMissingDatabase(failure)
                                ? Future.succeededFuture(false)
                                : existsForOthers(settings, failure));
    }

    /** A plugin whose role is not there yet has nothing, unless it had it before it was to have a role. */
    private Future<Boolean> existsForOthers(PostgresSettings settings, Throwable failure) {
        return isToGetARole(settings, failure)
                ? administrate(settings, session -> provisioner.isThereForAdministrator(session, settings))
                        .compose(there -> there ? Future.failedFuture(failure) : Future.succeededFuture(false))
                : Future.failedFuture(failure);
    }

    @Override
    public Future<Inspection> inspect(PostgresSettings settings) {
        return connect(settings)
                .compose(
                        session -> inspect(session, settings)
                                .eventually(session::close)
                                .compose(found -> withRoom(settings, found)),
                        failure -> isMissingDatabase(failure) || isToGetARole(settings, failure)
                                ? administrate(settings, session -> PgInspector.inspect(session, session, settings))
                                : Future.failedFuture(failure));
    }

    private Future<Inspection> withRoom(PostgresSettings settings, Inspection found) {
        return tryToWrite(settings)
                .map(found)
                .recover(full -> Future.succeededFuture(found.with(String.valueOf(full.getMessage()))));
    }

    /** What may be created depends on who does that, which is not always the plugin's own user. */
    private Future<Inspection> inspect(SqlConnection session, PostgresSettings settings) {
        if (settings.admin().isEmpty() && settings.isolationSecret().isEmpty()) {
            return PgInspector.inspect(session, session, settings);
        }
        return administrate(settings, creator -> PgInspector.inspect(session, creator, settings))
                .recover(failure -> PgInspector.inspect(session, session, settings)
                        .map(found -> found.with(String.valueOf(failure.getMessage()))));
    }

    private static boolean isToGetARole(PostgresSettings settings, Throwable failure) {
        return settings.isolationSecret().isPresent() && Isolation.isRepairable(failure);
    }

    /** Works as the administrator: inside the plugin's database when that is there, otherwise outside of it. */
    private <T> Future<T> administrate(PostgresSettings settings, Function<SqlConnection, Future<T>> work) {
        PostgresSettings inside = SettingsOf.administrator(settings, settings.effectiveDatabase(), lease);
        PostgresSettings outside = SettingsOf.administrator(settings, settings.maintenanceDatabase(), lease);
        return administrators
                .run(outside, session -> Provisioner.databaseExists(session, settings.effectiveDatabase()))
                .compose(there -> administrators.run(there ? inside : outside, work));
    }

    @Override
    public Future<List<String>> orphans(Collection<PostgresSettings> installed, NamePrefixes prefixes) {
        return new PgOrphans(this::connectSomewhere, installed, prefixes).find();
    }

    private Future<SqlConnection> connectSomewhere(PostgresSettings settings) {
        return connect(settings)
                .recover(failure -> isMissingDatabase(failure) || isToGetARole(settings, failure)
                        ? connections.connect(SettingsOf.administrator(settings, settings.maintenanceDatabase(), lease))
                        : Future.failedFuture(failure));
    }

    /** The server's own tool does this better, and from anywhere. */
    @Override
    public Future<Path> backup(PostgresSettings settings, Path directory) {
        return Future.failedFuture(new DatabaseUnavailableException("plugin '" + settings.pluginId()
                + "' is on PostgreSQL ("
                + settings.location() + "): back it up with pg_dump -h " + settings.host() + " -p " + settings.port()
                + settings.user().map(user -> " -U " + user).orElse("")
                + settings.schema().map(schema -> " -n " + schema).orElse("")
                + " -d " + settings.effectiveDatabase()));
    }

    @Override
    public void avoid(EventExecutor loop) {
        connections.avoid(loop);
    }

    @Override
    public void giveUp(EventExecutor loop) {
        connections.giveUp(loop);
    }

    @Override
    public Future<Void> close() {
        return administrators.close().eventually(connections::close);
    }
}
