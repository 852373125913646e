package dev.plinth.runtime.database.pool;

import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.metrics.ClientMetrics;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.CompositeCommand;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A connection of a source that runs commands by itself, in this process. It refuses work once it is closed. Any thread. */
public abstract class SourceConnection implements Connection {

    private final String system;
    private final String location;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param location of the database, as errors name it */
    protected SourceConnection(String system, String location) {
        this.system = system;
        this.location = location;
    }

    /** Runs a single command; the handler is called on the connection's context. */
    protected abstract <R> void run(CommandBase<R> command, Completable<R> handler);

    /** Gives up what the connection has; called once. */
    protected abstract Future<Void> end();

    @Override
    public final <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        if (closed.get()) {
            handler.fail(ClosedConnectionException.INSTANCE);
        } else if (command instanceof CompositeCommand composite) {
            composite.commands().forEach(this::scheduleItself);
            handler.succeed();
        } else {
            run(command, handler);
        }
    }

    private <R> void scheduleItself(CommandBase<R> command) {
        schedule(command, command.handler);
    }

    @Override
    public final void close(@Nullable Holder holder, Completable<Void> promise) {
        if (closed.compareAndSet(false, true)) {
            end().onComplete(promise);
        } else {
            promise.succeed();
        }
    }

    @Override
    public void init(Holder holder) {}

    @Override
    public boolean isValid() {
        return !closed.get();
    }

    @Override
    public String system() {
        return system;
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
    public int getProcessId() {
        return -1;
    }

    @Override
    public int getSecretKey() {
        return -1;
    }
}
