package dev.plinth.runtime.database.jdbc;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.pool.Borrower;
import dev.plinth.runtime.database.pool.Broker;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.Obstacle;
import dev.plinth.runtime.database.pool.PoolMeter;
import dev.plinth.runtime.database.pool.PoolUsage;
import dev.plinth.runtime.database.pool.ServerSnapshot;
import dev.plinth.runtime.database.pool.Slot;
import dev.plinth.runtime.database.pool.Use;
import io.vertx.core.Completable;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.jdbcclient.impl.FakeDriver;
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

/** One plugin's connections to its database: as many as its pool may have. Any thread. */
final class JdbcSource implements ConnectionSource, ConnectionFactory<SqlConnectOptions>, Broker.Owner<JdbcLink> {

    private final JdbcDialer dialer;
    private final JdbcSettings settings;
    private final PoolMeter meter = new PoolMeter();

    /** Of no plugin: its timers go off whatever becomes of who happened to ask. */
    private final ContextInternal timers;

    private final Set<Future<JdbcLink>> dialled = ConcurrentHashMap.newKeySet();
    private final Broker<JdbcLink> broker;
    private final Borrower<JdbcLink> borrower;

    JdbcSource(JdbcDialer dialer, JdbcSettings settings) {
        this.dialer = dialer;
        this.timers = dialer.context();
        this.settings = settings;
        int max = settings.pool().max();
        this.broker = new Broker<>(max, System::nanoTime, this);
        this.borrower = broker.borrower(
                settings.pluginId(),
                this,
                max,
                settings.pool().maxWaiting(),
                settings.pool().min(),
                settings.pool().idleTimeout());
    }

    /** A connection outside of every pool, which ends with its user. */
    static SqlConnection single(ContextInternal context, JdbcSource factory, JdbcLink link) {
        JdbcLease lease = new JdbcLease(link, factory.settings, link::close);
        return FakeDriver.INSTANCE.wrapConnection(context, factory, lease);
    }

    @Override
    public Driver<?> driver() {
        return FakeDriver.INSTANCE;
    }

    @Override
    public ConnectionFactory<?> factory() {
        return this;
    }

    @Override
    public <R> void execute(ContextInternal context, CommandBase<R> command, Completable<R> handler) {
        if (command instanceof CompositeCommand composite) {
            composite.commands().forEach(part -> executeItself(context, part));
            handler.succeed();
            return;
        }
        slot((slot, error) -> {
            if (error == null) {
                run(slot, context, command, handler);
            } else {
                context.emit(error, handler::fail);
            }
        });
    }

    private <R> void executeItself(ContextInternal context, CommandBase<R> command) {
        execute(context, command, command.handler);
    }

    private <R> void run(Slot<JdbcLink> slot, ContextInternal context, CommandBase<R> command, Completable<R> handler) {
        long since = System.nanoTime();
        slot.connection().run(command, (result, error) -> {
            release(slot, since);
            context.emit(command, ran -> handler.complete(result, error));
        });
    }

    private void slot(Completable<Slot<JdbcLink>> handler) {
        long since = System.nanoTime();
        Duration patience = settings.pool().acquireTimeout();
        broker.acquire(borrower, Use.OWN, null, since, patience, (slot, error) -> {
            if (error == null) {
                meter.acquired(System.nanoTime() - since);
            }
            handler.complete(slot, error);
        });
    }

    private void release(Slot<JdbcLink> slot, long since) {
        long now = System.nanoTime();
        meter.used(now - since);
        if (slot.connection().isLost()) {
            broker.discard(slot);
        }
        broker.release(slot, borrower, Use.OWN, now);
    }

    @Override
    public void acquire(ContextInternal context, Taker taker) {
        slot((slot, error) -> {
            if (error == null) {
                long now = System.nanoTime();
                taker.take(lease(slot, now), now);
            } else {
                taker.fail(error);
            }
        });
    }

    private JdbcLease lease(Slot<JdbcLink> slot, long since) {
        return new JdbcLease(slot.connection(), settings, () -> giveBack(slot, since));
    }

    /** One that cannot be cleaned is closed. */
    private Future<Void> giveBack(Slot<JdbcLink> slot, long since) {
        return slot.connection().reset().transform(cleaned -> {
            if (cleaned.failed()) {
                broker.discard(slot);
            }
            release(slot, since);
            return Future.succeededFuture();
        });
    }

    @Override
    public Future<SqlConnection> connect(Context context, SqlConnectOptions options) {
        ContextInternal internal = (ContextInternal) context;
        Promise<Slot<JdbcLink>> promise = internal.promise();
        slot(promise);
        return promise.future()
                .map(slot -> FakeDriver.INSTANCE.wrapConnection(internal, this, lease(slot, System.nanoTime())));
    }

    @Override
    public Throwable translate(Throwable error) {
        return JdbcErrors.translate(settings, error);
    }

    @Override
    public PoolMeter meter() {
        return meter;
    }

    @Override
    public PoolUsage usage() {
        return broker.usage(borrower);
    }

    @Override
    public String serverName() {
        return settings.location();
    }

    @Override
    public ServerSnapshot server() {
        Broker.Snapshot now = broker.snapshot();
        return new ServerSnapshot(
                serverName(),
                now.budget(),
                now.total(),
                now.idle(),
                now.total() - now.idle(),
                now.waiting(),
                now.borrowers(),
                now.wanted(),
                OptionalInt.empty(),
                Optional.empty());
    }

    @Override
    public void open(Slot<JdbcLink> slot) {
        Future<JdbcLink> attempt = dialer.dial(settings);
        dialled.add(attempt);
        attempt.onComplete((link, error) -> {
            if (error == null) {
                link.closed().onComplete(closed -> dialled.remove(attempt));
                broker.opened(slot, link);
            } else {
                dialled.remove(attempt);
                broker.failed(slot, error, Obstacle.LASTING);
            }
        });
    }

    /** A driver cannot be interrupted: the connection is closed when it comes. */
    @Override
    public void abandon(Slot<JdbcLink> slot) {}

    @Override
    public void close(Slot<JdbcLink> slot) {
        slot.connection().close().onComplete(closed -> broker.closed(slot));
    }

    @Override
    public void wakeIn(long nanos) {
        timers.setTimer(Math.max(1, Duration.ofNanos(nanos).toMillis() + 1), id -> broker.advance());
    }

    /** Waits for what the connections are doing, and for those that are just being opened. */
    @Override
    public Future<Void> close() {
        broker.dismiss(
                borrower,
                new DatabaseUnavailableException(
                        "plugin '" + settings.pluginId() + "': its pool of " + settings.location() + " is closed"));
        List<Future<Void>> closing = dialled.stream()
                .map(attempt -> attempt.transform(
                        link -> link.succeeded() ? link.result().close() : Future.succeededFuture()))
                .toList();
        return Future.join(closing).mapEmpty();
    }

    @Override
    public void close(Completable<Void> completion) {
        close().onComplete(completion);
    }
}
