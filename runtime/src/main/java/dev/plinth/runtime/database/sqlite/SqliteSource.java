package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.PoolMeter;
import dev.plinth.runtime.database.pool.PoolUsage;
import dev.plinth.runtime.database.pool.ServerSnapshot;
import io.vertx.core.Completable;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.SqlConnectOptions;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.CompositeCommand;
import io.vertx.sqlclient.spi.ConnectionFactory;
import io.vertx.sqlclient.spi.Driver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/** One user of a database: a plugin's pool, or a single connection for its migrations. */
final class SqliteSource implements ConnectionSource, ConnectionFactory<SqlConnectOptions> {

    private final SqliteDatabase database;
    private final String pluginId;
    private final String location;
    private final Duration patience;
    private final Supplier<Future<Void>> release;
    private final PoolMeter meter = new PoolMeter();
    private final Set<SqliteSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    SqliteSource(SqliteDatabase database, SqliteSettings settings, Supplier<Future<Void>> release) {
        this.database = database;
        this.pluginId = settings.pluginId();
        this.location = settings.location();
        this.patience = settings.pool().acquireTimeout();
        this.release = release;
    }

    @Override
    public Driver<?> driver() {
        return SqliteDriver.INSTANCE;
    }

    @Override
    public ConnectionFactory<?> factory() {
        return this;
    }

    @Override
    public <R> void execute(ContextInternal context, CommandBase<R> command, Completable<R> handler) {
        if (closed.get()) {
            handler.fail(hasClosed());
        } else if (command instanceof CompositeCommand composite) {
            composite.commands().forEach(part -> executeItself(context, part));
            handler.succeed();
        } else {
            database.submit(new Job(new SessionState(pluginId), true, patience, context, command, metered(handler)));
        }
    }

    private <R> Completable<R> metered(Completable<R> handler) {
        long since = System.nanoTime();
        return (result, error) -> {
            meter.used(System.nanoTime() - since);
            handler.complete(result, error);
        };
    }

    private <R> void executeItself(ContextInternal context, CommandBase<R> command) {
        execute(context, command, command.handler);
    }

    /** Completes at once: sessions share the physical connections, and wait for each other only where they write. */
    @Override
    public void acquire(ContextInternal context, Taker taker) {
        if (closed.get()) {
            taker.fail(hasClosed());
        } else {
            meter.acquired(0);
            long now = System.nanoTime();
            taker.take(session(context, session -> giveBack(session, now)), now);
        }
    }

    private SqliteSession session(ContextInternal context, Function<SqliteSession, Future<Void>> onClose) {
        SqliteSession session = new SqliteSession(database, context, pluginId, location, patience, onClose);
        sessions.add(session);
        return session;
    }

    private Future<Void> giveBack(SqliteSession session, long since) {
        meter.used(System.nanoTime() - since);
        return forget(session);
    }

    private Future<Void> forget(SqliteSession session) {
        sessions.remove(session);
        return Future.succeededFuture();
    }

    /** A connection with which this user of the database comes and goes. */
    SqlConnection only(ContextInternal context) {
        SqliteSession session = session(context, ended -> forget(ended).compose(done -> close()));
        return SqliteDriver.INSTANCE.wrapConnection(context, this, session);
    }

    @Override
    public Future<SqlConnection> connect(Context context, SqlConnectOptions options) {
        ContextInternal internal = (ContextInternal) context;
        SqliteSession session = session(internal, this::forget);
        return internal.succeededFuture(SqliteDriver.INSTANCE.wrapConnection(internal, this, session));
    }

    private DatabaseUnavailableException hasClosed() {
        return new DatabaseUnavailableException("plugin '" + pluginId + "': its pool of " + location + " is closed");
    }

    /** Errors are already those that plugins know; only whose they are is to be said. SQLite's number is the cause's. */
    @Override
    public Throwable translate(Throwable error) {
        return error instanceof StatementException refused && refused.getCause() == null
                ? new StatementException(
                        "plugin '" + pluginId + "': " + refused.getMessage() + " (" + refused.getSqlState() + ")",
                        0,
                        refused.getSqlState(),
                        refused.constraint().orElse(null),
                        refused.table().orElse(null),
                        refused.column().orElse(null),
                        refused)
                : error;
    }

    @Override
    public PoolMeter meter() {
        return meter;
    }

    /** Sessions share the physical connections; what waits, waits for a transaction of another to end. */
    @Override
    public PoolUsage usage() {
        int open = database.openConnections();
        int used = Math.min(open, sessions.size());
        return new PoolUsage(SqliteDatabase.MOST_CONNECTIONS, open, open - used, used, database.waiting());
    }

    @Override
    public String serverName() {
        return location;
    }

    @Override
    public ServerSnapshot server() {
        PoolUsage usage = usage();
        return new ServerSnapshot(
                serverName(),
                usage.max(),
                usage.total(),
                usage.idle(),
                usage.inUse(),
                usage.waiting(),
                1,
                usage.max(),
                OptionalInt.empty(),
                Optional.empty());
    }

    /** Ends all sessions, and closes the database when this was its last user. */
    @Override
    public Future<Void> close() {
        if (!closed.compareAndSet(false, true)) {
            return Future.succeededFuture();
        }
        List<Future<Void>> ends = sessions.stream().map(SqliteSource::end).toList();
        return Future.join(ends).transform(ended -> release.get());
    }

    private static Future<Void> end(SqliteSession session) {
        Promise<Void> promise = Promise.promise();
        session.close(null, promise);
        return promise.future();
    }

    @Override
    public void close(Completable<Void> completion) {
        close().onComplete(completion);
    }
}
