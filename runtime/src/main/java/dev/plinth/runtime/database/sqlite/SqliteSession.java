package dev.plinth.runtime.database.sqlite;

import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.metrics.ClientMetrics;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.CompositeCommand;
import io.vertx.sqlclient.spi.DatabaseMetadata;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connection as its borrower sees it: statements in order, one transaction at a time. It costs next to nothing, as sessions of
 * one database share the physical connections. Any thread.
 */
final class SqliteSession implements Connection {

    private final SqliteDatabase database;
    private final ContextInternal context;
    private final SessionState state;
    private final Duration patience;
    private final String location;
    private final Function<SqliteSession, Future<Void>> onClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    SqliteSession(
            SqliteDatabase database,
            ContextInternal context,
            String pluginId,
            String location,
            Duration patience,
            Function<SqliteSession, Future<Void>> onClose) {
        this.database = database;
        this.context = context;
        this.state = new SessionState(pluginId);
        this.location = location;
        this.patience = patience;
        this.onClose = onClose;
    }

    @Override
    public <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        if (closed.get()) {
            handler.fail(ClosedConnectionException.INSTANCE);
        } else if (command instanceof CompositeCommand composite) {
            composite.commands().forEach(this::scheduleItself);
            handler.succeed();
        } else {
            submit(command, handler);
        }
    }

    private <R> void scheduleItself(CommandBase<R> command) {
        schedule(command, command.handler);
    }

    private <R> void submit(CommandBase<R> command, Completable<R> handler) {
        database.submit(new Job(state, false, patience, context, command, handler));
    }

    /** Gives the session up; an open transaction is rolled back before the promise completes. */
    @Override
    public void close(@Nullable Holder holder, Completable<Void> promise) {
        if (!closed.compareAndSet(false, true)) {
            promise.succeed();
            return;
        }
        submit(new CloseSessionCommand(), (result, error) -> {
            onClose.apply(this)
                    .onComplete((released, failure) -> promise.complete(null, error == null ? failure : error));
        });
    }

    @Override
    public void init(Holder holder) {}

    @Override
    public boolean isValid() {
        return !closed.get();
    }

    @Override
    public String system() {
        return "sqlite";
    }

    @Override
    public String database() {
        return location;
    }

    @Override
    public SocketAddress server() {
        return SocketAddress.domainSocketAddress(location);
    }

    @Override
    public DatabaseMetadata getDatabaseMetaData() {
        return SqliteMetadata.INSTANCE;
    }

    @Override
    public @Nullable TracingPolicy tracingPolicy() {
        return null;
    }

    @Override
    public @Nullable String user() {
        return null;
    }

    @Override
    public @Nullable ClientMetrics<?, ?, ?> metrics() {
        return null;
    }

    @Override
    public boolean isSsl() {
        return false;
    }

    @Override
    public int pipeliningLimit() {
        return Integer.MAX_VALUE;
    }

    @Override
    public int getProcessId() {
        return -1;
    }

    @Override
    public int getSecretKey() {
        return -1;
    }
}
