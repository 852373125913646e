package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.Borrower;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.ExhaustedException;
import dev.plinth.runtime.database.pool.PoolMeter;
import dev.plinth.runtime.database.pool.PoolUsage;
import dev.plinth.runtime.database.pool.ServerSnapshot;
import dev.plinth.runtime.database.pool.Slot;
import dev.plinth.runtime.database.pool.Use;
import io.netty.channel.EventLoop;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.CompositeCommand;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import io.vertx.sqlclient.spi.ConnectionFactory;
import io.vertx.sqlclient.spi.Driver;
import java.time.Duration;
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

    /** A longer text has values in it, hardly comes again, and would be kept. */
    private static final int PROFILED = 100_000;

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
        if (sql.length() > PROFILED) {
            return new SqlProfile(sql);
        }
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
        new PgBorrowing(this, context, (lease, error) -> {
                    if (error == null) {
                        composite.commands().forEach(command -> schedule(lease, command));
                        handler.succeed();
                        lease.giveBack((nothing, ignored) -> {});
                    } else {
                        composite.commands().forEach(command -> command.fail(translate(error)));
                        handler.fail(error);
                    }
                })
                .start();
    }

    private <R> void schedule(PgLease lease, CommandBase<R> command) {
        Completable<R> handler = command.handler;
        lease.schedule(command, (result, error) -> handler.complete(result, error == null ? null : translate(error)));
    }

    @Override
    public void acquire(ContextInternal context, Taker taker) {
        new PgBorrowing(this, context, (lease, error) -> {
                    if (error == null) {
                        taker.take(lease, lease.since());
                    } else {
                        taker.fail(error);
                    }
                })
                .start();
    }

    /** What the clock says; on the caller's event loop, what it said in this turn of it. */
    long now(ContextInternal caller) {
        EventLoop loop = caller.nettyEventLoop();
        return loop.inEventLoop() ? server.clock(loop).now() : System.nanoTime();
    }

    /** A connection at once; null if there is none, and then {@link #await} one. */
    @Nullable
    Slot<PgLink> take(Use use, ContextInternal context, long now) {
        Slot<PgLink> slot = server.broker().tryAcquire(borrower, use, context.nettyEventLoop(), now);
        if (slot != null) {
            meter.acquired(0);
        }
        return slot;
    }

    /**
     * The handler is to tell the {@link #meter} how long that took.
     *
     * @param since when the borrower asked first: all of its attempts share one acquire timeout
     */
    void await(Use use, ContextInternal context, long since, Completable<Slot<PgLink>> handler) {
        if (closed) {
            handler.fail(new DatabaseUnavailableException(PgErrors.prefix(settings) + "its pool is closed"));
            return;
        }
        Duration timeout = settings.pool().acquireTimeout();
        server.broker().acquire(borrower, use, context.nettyEventLoop(), since, timeout, handler);
    }

    /** Whether what this connection did not take, as its server takes no writes, may be written over a new one. Never fails. */
    Future<Boolean> isFailoverOver(PgLink refusing) {
        return server.isFailoverOver(refusing, settings);
    }

    /** A table was changed: whatever was prepared for it before, on any connection, is prepared anew. */
    void forgetStatements() {
        server.forgetStatements(this);
    }

    /** @param since when it was lent to a borrower that is done with it */
    void giveBack(PgLink link, long since) {
        long now = link.now();
        meter.used(now - since);
        giveBack(link, Use.OWN, now);
    }

    /** @param now what the clock says */
    void giveBack(PgLink link, Use use, long now) {
        if (link.isClosed()) {
            link.discard();
        }
        server.broker().release(link.slot(), borrower, use, now);
    }

    /** After a single statement that may have left something behind. */
    void cleanAndGiveBack(PgLink link, Use use, SqlTraits traits) {
        if (traits.spoilsStatements()) {
            link.discard();
            giveBack(link, use, link.lastAnswer());
            return;
        }
        link.run("ROLLBACK");
        link.unbind();
        link.run(RESET).onComplete((nothing, error) -> {
            if (error != null) {
                link.discard();
            }
            giveBack(link, use, link.lastAnswer());
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
    public String serverName() {
        return server.name();
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
