package dev.plinth.runtime.database.pool;

import dev.plinth.plugin.DatabaseUnavailableException;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.TransactionPropagation;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.SqlClientBase;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.spi.ConnectionFactory;
import io.vertx.sqlclient.spi.Driver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handle that a plugin keeps: stable, whatever happens behind it. Any thread; results come on the caller's context.
 *
 * <p>Closing it does nothing, as it is the runtime's to close. After {@link #revoke} all work fails with
 * {@link DatabaseUnavailableException}. Failures are those of {@link ConnectionSource#translate}.
 */
public final class PluginPool extends SqlClientBase implements Pool {

    private static final Logger LOG = LoggerFactory.getLogger(PluginPool.class);

    private final VertxInternal vertx;
    private final String pluginId;
    private final ConnectionSource source;
    private final PoolMeter meter;
    private final Leases lent = new Leases();
    private final GuardedConnection.Lender lender = new LeaseDesk();
    private final boolean traces;
    private final Consumer<Throwable> failures;
    private volatile boolean revoked;
    private volatile int recalls;
    /** The number of the last recall from each event loop from which there was one. */
    private final Map<EventExecutor, Integer> recalled = new ConcurrentHashMap<>(0);

    public PluginPool(Vertx vertx, String pluginId, ConnectionSource source) {
        this(vertx, pluginId, source, false, failure -> {});
    }

    /**
     * The same, watched.
     *
     * @param traces whether to keep where each connection was taken
     * @param failures hears of each failure as the plugin sees it, on any thread; must not block
     */
    public PluginPool(
            Vertx vertx, String pluginId, ConnectionSource source, boolean traces, Consumer<Throwable> failures) {
        super(source.driver());
        this.vertx = (VertxInternal) vertx;
        this.pluginId = pluginId;
        this.source = source;
        this.meter = source.meter();
        this.traces = traces;
        this.failures = failures;
    }

    /** What is lent out now, the oldest first. */
    public List<HolderSnapshot> leases() {
        return lent.all().stream()
                .map(connection -> connection.snapshot(pluginId))
                .toList();
    }

    /** Says of each connection that is out for so long that it is, once. */
    public void reportLeaks(Duration threshold) {
        lent.all().stream()
                .filter(connection -> connection.isNewlyOlderThan(threshold))
                .map(connection -> connection.snapshot(pluginId))
                .forEach(PluginPool::report);
    }

    private static void report(HolderSnapshot holder) {
        LOG.warn(
                "plugin '{}' took a connection {} ms ago and has not given it back, last statement: {}; close it when done, or"
                        + " use withConnection or withTransaction; see backend.database.leakThreshold; {}",
                holder.pluginId(),
                holder.age().toMillis(),
                holder.lastStatement().isEmpty() ? "none" : holder.lastStatement(),
                holder.takenAt()
                        .map(stack -> "taken at\n" + stack)
                        .orElse("set backend.database.leakTraces to true to see where it was taken"));
    }

    /** What the pool is doing, and did so far. */
    public PoolSnapshot snapshot() {
        PoolUsage usage = source.usage();
        return new PoolSnapshot(
                pluginId,
                source.serverName(),
                usage.max(),
                usage.total(),
                usage.idle(),
                usage.inUse(),
                usage.waiting(),
                meter.statements(),
                meter.binds(),
                meter.failures(),
                meter.acquire(),
                meter.use(),
                leases());
    }

    /** Names where the database is. */
    public String serverName() {
        return source.serverName();
    }

    /** All connections to where the database is. */
    public ServerSnapshot server() {
        return source.server();
    }

    @Override
    public <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        if (revoked) {
            handler.fail(revocation());
            return;
        }
        if (EmptyStatement.is(command)) {
            handler.fail(failure(EmptyStatement.refusal()));
            return;
        }
        meter.asked(command);
        source.execute(
                context(), command, (result, error) -> handler.complete(result, error == null ? null : failure(error)));
    }

    /** As the plugin sees it. */
    private Throwable failure(Throwable error) {
        Throwable translated = source.translate(error);
        meter.failed(translated);
        failures.accept(translated);
        return translated;
    }

    @Override
    public Future<SqlConnection> getConnection() {
        ContextInternal context = context();
        if (revoked) {
            return context.failedFuture(revocation());
        }
        PromiseInternal<SqlConnection> promise = context.promise();
        source.acquire(context, new Taking(context, promise, traces ? new Throwable("taken") : null));
        return promise.future();
    }

    /** One who asked for a connection. */
    private final class Taking implements ConnectionSource.Taker {

        private final ContextInternal context;
        private final PromiseInternal<SqlConnection> promise;
        private final @Nullable Throwable taken;
        private final int recallsBefore = recalls;

        Taking(ContextInternal context, PromiseInternal<SqlConnection> promise, @Nullable Throwable taken) {
            this.context = context;
            this.promise = promise;
            this.taken = taken;
        }

        @Override
        public void take(Connection connection, long since) {
            GuardedConnection guarded = new GuardedConnection(connection, lender, context, since, taken);
            SqlConnectionInternal wrapped = wrap(source.driver(), source.factory(), context, guarded);
            guarded.init((Connection.Holder) wrapped);
            lent.add(guarded);
            if (revoked) {
                // While this one was on its way: those lent before are taken back by revoke() itself.
                guarded.takeBack(PluginPool.this::revocation).onComplete((nothing, error) -> fail(revocation()));
            } else if (isRecalled()) {
                guarded.takeBack(PluginPool.this::recall).onComplete((nothing, error) -> fail(recall()));
            } else {
                promise.complete(wrapped);
            }
        }

        /** While this one was on its way. */
        private boolean isRecalled() {
            return recallsBefore != recalls
                    && context.isEventLoopContext()
                    && recalled.getOrDefault(context.nettyEventLoop(), 0) > recallsBefore;
        }

        @Override
        public void fail(Throwable error) {
            promise.fail(failure(error));
        }
    }

    /** What leases tell the pool. */
    private final class LeaseDesk implements GuardedConnection.Lender {

        @Override
        public void asked(CommandBase<?> command) {
            meter.asked(command);
        }

        @Override
        public Throwable translate(Throwable error) {
            return failure(error);
        }

        @Override
        public void returned(GuardedConnection connection) {
            lent.remove(connection);
        }
    }

    /** The driver's own class, so that a plugin may cast to what that driver offers beyond {@link SqlConnection}. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // a source's factory is its driver's own
    private static SqlConnectionInternal wrap(
            Driver driver, ConnectionFactory factory, ContextInternal context, Connection connection) {
        return driver.wrapConnection(context, factory, connection);
    }

    @Override
    public <T> Future<@Nullable T> withTransaction(
            TransactionPropagation propagation, Function<SqlConnection, Future<@Nullable T>> function) {
        if (propagation == TransactionPropagation.CONTEXT && Vertx.currentContext() == null) {
            return Future.failedFuture(new IllegalStateException("plugin '" + pluginId
                    + "': a transaction can only be carried on by a Vert.x context, and this thread has none"));
        }
        return Pool.super.withTransaction(propagation, function);
    }

    /** Does nothing: the pool is the runtime's. */
    @Override
    public Future<Void> close() {
        return context().succeededFuture();
    }

    /**
     * Ends this handle: work on it fails from now on, and leases still out are taken back and rolled back. The source is left
     * open.
     */
    public Future<Void> revoke() {
        revoked = true;
        Supplier<Throwable> reason = this::revocation;
        return Future.join(lent.all().stream()
                        .map(connection -> connection.takeBack(reason))
                        .toList())
                .mapEmpty();
    }

    /**
     * Takes back what was asked for on an event loop that is blocked, so that others need not wait for it; what is asked for there
     * later is not touched.
     *
     * @return completes with how many were taken back; not before the event loop goes on, where the source needs it for that
     */
    public synchronized Future<Integer> takeBack(EventExecutor loop) {
        recalled.put(loop, recalls + 1);
        recalls++;
        List<Future<Void>> back = lent.all().stream()
                .filter(connection -> connection.isOn(loop))
                .map(connection -> connection.takeBack(this::recall))
                .toList();
        return Future.join(back).map(back.size()).otherwise(back.size());
    }

    private Throwable recall() {
        return new DatabaseUnavailableException("plugin '" + pluginId
                + "': this connection was taken back, as the event loop on which it was taken was blocked");
    }

    private Throwable revocation() {
        return new DatabaseUnavailableException("plugin '" + pluginId + "' has stopped, and its pool with it");
    }

    @Override
    public int size() {
        return source.usage().total();
    }

    @Override
    protected ContextInternal context() {
        return vertx.getOrCreateContext();
    }

    @Override
    protected <T> PromiseInternal<T> promise() {
        return context().promise();
    }
}
