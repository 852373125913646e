package dev.plinth.runtime.database.jdbc;

import dev.plinth.runtime.database.JdbcSettings;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.metrics.ClientMetrics;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.CompositeCommand;
import io.vertx.sqlclient.spi.DatabaseMetadata;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A connection as its borrower sees it. */
final class JdbcLease implements Connection {

    private final JdbcLink link;
    private final JdbcSettings settings;
    private final Supplier<Future<Void>> onClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    JdbcLease(JdbcLink link, JdbcSettings settings, Supplier<Future<Void>> onClose) {
        this.link = link;
        this.settings = settings;
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
            link.run(command, handler);
        }
    }

    private <R> void scheduleItself(CommandBase<R> command) {
        schedule(command, command.handler);
    }

    @Override
    public void close(@Nullable Holder holder, Completable<Void> promise) {
        if (closed.compareAndSet(false, true)) {
            onClose.get().onComplete(promise);
        } else {
            promise.succeed();
        }
    }

    @Override
    public void init(Holder holder) {}

    @Override
    public boolean isValid() {
        return !closed.get() && !link.isLost();
    }

    @Override
    public String system() {
        return "jdbc";
    }

    @Override
    public String database() {
        return settings.location();
    }

    @Override
    public SocketAddress server() {
        return SocketAddress.domainSocketAddress(settings.location());
    }

    @Override
    public DatabaseMetadata getDatabaseMetaData() {
        return link.metadata();
    }

    @Override
    public @Nullable TracingPolicy tracingPolicy() {
        return null;
    }

    @Override
    public @Nullable String user() {
        return settings.user().orElse(null);
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
        return 1;
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
