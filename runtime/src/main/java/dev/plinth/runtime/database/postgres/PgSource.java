package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.Borrower;
import dev.plinth.runtime.database.pool.Broker;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.ExhaustedException;
import dev.plinth.runtime.database.pool.PoolMeter;
import dev.plinth.runtime.database.pool.PoolUsage;
import dev.plinth.runtime.database.pool.ServerSnapshot;
import dev.plinth.runtime.database.pool.Slot;
import dev.plinth.runtime.database.pool.Use;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.CompositeCommand;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import io.vertx.sqlclient.spi.ConnectionFactory;
import io.vertx.sqlclient.spi.Driver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One plugin's access to the connections of its server. Any thread. */
final class PgSource implements ConnectionSource {

    /**
     * Undoes what a borrower may have left: DISCARD ALL without what would take the prepared statements away, which stay.
     */
    static final String RESET = "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *;"
            + " SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

    private static final int PROFILES = 1000;
    private final PgServer server;
    private final PostgresSettings settings;
    private final Borrower<PgLink> borrower;
    private final @Nullable PgBinding binding;
    private final PoolMeter meter = new PoolMeter();
    private final Map<String, SqlProfile> profiles = new ConcurrentHashMap<>(2);
    private volatile boolean closed;

    PgSource(PgServer server, PostgresSettings settings, PgGroup group, @Nullable PgBinding binding) {
        this.server = server;
        this.settings = settings;
        this.binding = binding;
        PoolSettings pool = settings.pool();
        this.borrower = server.broker()
                .borrower(settings.pluginId(), group, pool.max(), pool.maxWaiting(), pool.min(), pool.idleTimeout());
    }

    /** What makes a shared connection this plugin's own; null when its connections are its own from the start. */
    @Nullable
    PgBinding binding() {
        return binding;
    }

    SqlProfile profile(String sql) {
        SqlProfile profile = profiles.get(sql);
        if (profile != null) {
            return profile;
        }
        if (profiles.size() >= PROFILES) {
            profiles.clear(); // texts that never come again would fill it; the others are soon known again
        }
        return profiles.computeIfAbsent(sql, SqlProfile::new);
    }

    @Override
    public Driver<?> driver() {
        return PgDriver.INSTANCE;
    }

    @Override
    public ConnectionFactory<?> factory() {
        return server.factory();
    }

    @Override
    public <R> void execute(ContextInternal context, CommandBase<R> command, Completable<R> handler) {
        if (command instanceof QueryCommandBase<?> query) {
            new PgShot<>(this, context, query, cast(handler)).start();
        } else if (command instanceof CompositeCommand composite) {
            executeTogether(context, composite, handler);
        } else {
            handler.fail(new UnsupportedOperationException("not outside a connection: " + command.getClass()));
        }
    }

    @SuppressWarnings("unchecked") // a query's result is whether its cursor is suspended
    private static Completable<Boolean> cast(Completable<?> handler) {
        return (Completable<Boolean>) handler;
    }

    /** A group of statements: on one connection, one after the other without waiting. */
    private <R> void executeTogether(ContextInternal context, CompositeCommand composite, Completable<R> handler) {
        lease(context).onComplete((lease, error) -> {
            if (error == null) {
                composite.commands().forEach(command -> schedule(lease, command));
                handler.succeed();
                lease.giveBack();
            } else {
                composite.commands().forEach(command -> command.fail(translate(error)));
                handler.fail(error);
            }
        });
    }

    private <R> void schedule(PgLease lease, CommandBase<R> command) {
        Completable<R> handler = command.handler;
        lease.schedule(command, (result, error) -> handler.complete(result, error == null ? null : translate(error)));
    }

    @Override
    public Future<Connection> acquire(ContextInternal context) {
        return lease(context).map(lease -> lease);
    }

    private Future<PgLease> lease(ContextInternal context) {
        Promise<PgLease> promise = context.promise();
        lend(context, promise, System.nanoTime(), 1);
        return promise.future();
    }

    /** A connection that turns out to be dead while it is bound is replaced: nothing of the borrower's was sent. */
    private void lend(ContextInternal context, Promise<PgLease> promise, long since, int attempt) {
        take(Use.OWN, context, since, (slot, error) -> {
            if (error != null) {
                promise.fail(error);
                return;
            }
            PgLink link = slot.connection();
            link.context().emit(link, any -> bind(link).onComplete((nothing, failure) -> {
                if (failure == null) {
                    promise.complete(new PgLease(link, this, () -> giveBack(link, Use.OWN)));
                    return;
                }
                link.discard();
                giveBack(link, Use.OWN);
                if (attempt < PgPoolOptions.ATTEMPTS) {
                    lend(context, promise, since, attempt + 1);
                } else {
                    promise.fail(failure);
                }
            }));
        });
    }

    private Future<Void> bind(PgLink link) {
        if (link.isClosed()) {
            return Future.failedFuture(new ConnectFailure(new java.nio.channels.ClosedChannelException()));
        }
        return link.isBoundTo(this) ? Future.succeededFuture() : link.bind(this);
    }

    /** @param since when the borrower asked first: all of its attempts share one acquire timeout */
    void take(Use use, ContextInternal context, long since, Completable<Slot<PgLink>> handler) {
        if (closed) {
            handler.fail(new DatabaseUnavailableException(PgErrors.prefix(settings) + "its pool is closed"));
            return;
        }
        Broker<PgLink> broker = server.broker();
        Object affinity = context.nettyEventLoop();
        Slot<PgLink> slot = broker.tryAcquire(borrower, use, affinity);
        if (slot != null) {
            meter.acquired(0);
            handler.succeed(slot);
        } else {
            broker.acquire(borrower, use, affinity, since, settings.pool().acquireTimeout(), metered(since, handler));
        }
    }

    private Completable<Slot<PgLink>> metered(long since, Completable<Slot<PgLink>> handler) {
        return (slot, error) -> {
            if (error == null) {
                meter.acquired(System.nanoTime() - since);
            }
            handler.complete(slot, error);
        };
    }

    /** Whether new connections come in the place of all that there are. */
    boolean renewConnections() {
        return server.renewConnections();
    }

    void giveBack(PgLink link, Use use) {
        if (link.isClosed()) {
            link.discard();
        }
        server.broker().release(link.slot(), borrower, use);
    }

    /** After a single statement that may have left something behind. */
    void cleanAndGiveBack(PgLink link, Use use, SqlTraits traits) {
        if (traits.spoilsStatements()) {
            link.discard();
            giveBack(link, use);
            return;
        }
        link.run("ROLLBACK");
        link.unbind();
        link.run(RESET).onComplete((nothing, error) -> {
            if (error != null) {
                link.discard();
            }
            giveBack(link, use);
        });
    }

    @Override
    public Throwable translate(Throwable error) {
        if (error instanceof ConnectFailure failure) {
            return PgErrors.connecting(settings, failure.getCause());
        }
        if (error instanceof ExhaustedException exhausted) {
            return exhausted(exhausted);
        }
        return PgErrors.running(settings, error);
    }

    private PoolExhaustedException exhausted(ExhaustedException error) {
        String cause = error.getCause() instanceof ConnectFailure failure
                ? "; the last attempt to connect failed: "
                        + PgErrors.connecting(settings, failure.getCause()).getMessage()
                : "";
        return new PoolExhaustedException(PgErrors.prefix(settings)
                + error.describe(
                        ", " + server.describeBudget(),
                        "backend.database.knexConfig.pool.max and backend.database.budget")
                + cause);
    }

    @Override
    public PoolMeter meter() {
        return meter;
    }

    @Override
    public PoolUsage usage() {
        return server.broker().usage(borrower);
    }

    @Override
    public ServerSnapshot server() {
        return server.snapshot();
    }

    @Override
    public Future<Void> close() {
        closed = true;
        server.broker()
                .dismiss(borrower, new DatabaseUnavailableException(PgErrors.prefix(settings) + "its pool is closed"));
        server.forget(this);
        return Future.succeededFuture();
    }
}
