package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.ForwardingConnection;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.QueryResultHandler;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import io.vertx.sqlclient.internal.command.SimpleQueryCommand;
import io.vertx.sqlclient.spi.ConnectionFactory;
import io.vertx.sqlclient.spi.Driver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A pool of one plugin's connections: each has one borrower at a time, waiters are served in order. Any thread. */
final class SimpleSource implements ConnectionSource {

    private final VertxInternal vertx;
    private final PgDialer dialer;
    private final PostgresSettings settings;
    private final ConnectionFactory<?> factory;
    private final Deque<Link> idle = new ArrayDeque<>();
    private final Deque<Promise<Link>> waiting = new ArrayDeque<>();
    private final Set<Link> links = new HashSet<>();
    private int opening;
    private boolean closed;

    SimpleSource(VertxInternal vertx, PgDialer dialer, PostgresSettings settings) {
        this.vertx = vertx;
        this.dialer = dialer;
        this.settings = settings;
        this.factory = PgDriver.INSTANCE.createConnectionFactory(vertx, PgOptions.transport(settings));
    }

    @Override
    public Driver<?> driver() {
        return PgDriver.INSTANCE;
    }

    @Override
    public ConnectionFactory<?> factory() {
        return factory;
    }

    @Override
    public <R> void execute(ContextInternal context, CommandBase<R> command, Completable<R> handler) {
        Promise<R> promise = context.promise();
        promise.future().onComplete(handler);
        take().onFailure(promise::fail)
                .onSuccess(link -> link.schedule(command, (result, error) -> {
                    link.giveBack().onComplete(nothing -> promise.complete(result, error));
                }));
    }

    @Override
    public Future<Connection> acquire(ContextInternal context) {
        Promise<Connection> promise = context.promise();
        take().<Connection>map(link -> link).onComplete(promise);
        return promise.future();
    }

    private synchronized Future<Link> take() {
        if (closed) {
            return Future.failedFuture(
                    new DatabaseUnavailableException(PgErrors.prefix(settings) + "its pool is closed"));
        }
        Link link = idle.pollLast();
        if (link != null) {
            vertx.cancelTimer(link.idleTimer);
            return Future.succeededFuture(link);
        }
        Promise<Link> promise = Promise.promise();
        waiting.add(promise);
        long started = System.nanoTime();
        long timer = vertx.setTimer(settings.pool().acquireTimeout().toMillis(), id -> expire(promise, started));
        openIfNeeded();
        return promise.future().onComplete(result -> vertx.cancelTimer(timer));
    }

    private void expire(Promise<Link> promise, long started) {
        PoolExhaustedException error;
        synchronized (this) {
            if (!waiting.remove(promise)) {
                return;
            }
            PoolSettings pool = settings.pool();
            error = new PoolExhaustedException(PgErrors.prefix(settings) + "no connection within "
                    + (System.nanoTime() - started) / 1_000_000 + " ms (max " + pool.max() + ", in use "
                    + (links.size() - idle.size()) + ", waiting " + waiting.size()
                    + "); see backend.database.knexConfig.pool.max");
        }
        promise.fail(error);
    }

    private synchronized void openIfNeeded() {
        while (opening < waiting.size()
                && links.size() + opening < settings.pool().max()
                && !closed) {
            opening++;
            ContextInternal context = context();
            dialer.dial(context, settings)
                    .onSuccess(line -> opened(context, line))
                    .onFailure(error -> failed(PgErrors.connecting(settings, error)));
        }
    }

    private ContextInternal context() {
        return vertx.contextBuilder()
                .withEventLoop(vertx.getOrCreateContext().nettyEventLoop())
                .withClassLoader(SimpleSource.class.getClassLoader())
                .build();
    }

    private void opened(ContextInternal context, PgDialer.Line line) {
        Link link = new Link(context, line);
        line.connection().init(link);
        synchronized (this) {
            opening--;
            links.add(link);
        }
        link.offer();
    }

    private void failed(Throwable error) {
        Promise<Link> waiter;
        synchronized (this) {
            opening--;
            waiter = waiting.poll();
        }
        if (waiter != null) {
            waiter.fail(error);
        }
        openIfNeeded();
    }

    @Override
    public Throwable translate(Throwable error) {
        return PgErrors.running(settings, error);
    }

    @Override
    public synchronized int size() {
        return links.size();
    }

    @Override
    public Future<Void> close() {
        Set<Link> open;
        synchronized (this) {
            closed = true;
            open = Set.copyOf(links);
        }
        open.forEach(Link::discard);
        Promise<Void> promise = Promise.promise();
        factory.close(promise);
        return promise.future();
    }

    /** One physical connection, as its one borrower sees it. */
    private final class Link extends ForwardingConnection implements Connection.Holder {

        private final ContextInternal context;
        private final PgDialer.Line line;
        private volatile @Nullable Holder borrower;
        private long idleTimer = -1;

        Link(ContextInternal context, PgDialer.Line line) {
            super(line.connection());
            this.context = context;
            this.line = line;
        }

        @Override
        public void init(Holder holder) {
            borrower = holder;
        }

        @Override
        public void close(Holder holder, Completable<Void> done) {
            giveBack().onComplete(done);
        }

        /** Rolls back whatever the borrower left open; the server only warns when there was nothing. */
        Future<Void> giveBack() {
            borrower = null;
            Promise<Boolean> promise = context.promise();
            super.schedule(
                    new SimpleQueryCommand<>(
                            "ROLLBACK", false, true, QueryCommandBase.NULL_COLLECTOR, QueryResultHandler.NOOP_HANDLER),
                    promise);
            return promise.future()
                    .onSuccess(nothing -> offer())
                    .onFailure(error -> discard())
                    .otherwiseEmpty()
                    .mapEmpty();
        }

        void offer() {
            Promise<Link> waiter;
            synchronized (SimpleSource.this) {
                if (!links.contains(this)) {
                    return;
                }
                waiter = waiting.poll();
                if (waiter == null) {
                    idle.addLast(this);
                    idleTimer = vertx.setTimer(settings.pool().idleTimeout().toMillis(), id -> evict());
                }
            }
            if (waiter != null) {
                waiter.complete(this);
            }
        }

        private void evict() {
            synchronized (SimpleSource.this) {
                if (!idle.remove(this)) {
                    return;
                }
            }
            discard();
        }

        void discard() {
            line.connection().close(this, (nothing, error) -> line.cut((ignored, failure) -> {}));
        }

        @Override
        public void handleClosed() {
            synchronized (SimpleSource.this) {
                links.remove(this);
                idle.remove(this);
            }
            Holder holder = borrower;
            if (holder != null) {
                holder.handleClosed();
            }
            line.cut((nothing, error) -> openIfNeeded());
        }

        @Override
        public void handleEvent(Object event) {
            Holder holder = borrower;
            if (holder != null) {
                holder.handleEvent(event);
            }
        }

        @Override
        public void handleException(Throwable error) {
            Holder holder = borrower;
            if (holder != null) {
                holder.handleException(error);
            }
        }
    }
}
