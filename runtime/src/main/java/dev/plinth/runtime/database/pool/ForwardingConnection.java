package dev.plinth.runtime.database.pool;

import io.vertx.core.Completable;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.metrics.ClientMetrics;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.spi.DatabaseMetadata;

/** A connection that stands before another, for subclasses to change what they must. */
public abstract class ForwardingConnection implements Connection {

    private final Connection connection;

    protected ForwardingConnection(Connection connection) {
        this.connection = connection;
    }

    @Override
    public <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        connection.schedule(command, handler);
    }

    @Override
    public void init(Holder holder) {
        connection.init(holder);
    }

    @Override
    public void close(Holder holder, Completable<Void> done) {
        connection.close(holder, done);
    }

    @Override
    public boolean isIndeterminatePreparedStatementError(Throwable error) {
        return connection.isIndeterminatePreparedStatementError(error);
    }

    @Override
    public boolean isValid() {
        return connection.isValid();
    }

    @Override
    public TracingPolicy tracingPolicy() {
        return connection.tracingPolicy();
    }

    @Override
    public SocketAddress server() {
        return connection.server();
    }

    @Override
    public String system() {
        return connection.system();
    }

    @Override
    public String database() {
        return connection.database();
    }

    @Override
    public String user() {
        return connection.user();
    }

    @Override
    public ClientMetrics<?, ?, ?> metrics() {
        return connection.metrics();
    }

    @Override
    public boolean isSsl() {
        return connection.isSsl();
    }

    @Override
    public int pipeliningLimit() {
        return connection.pipeliningLimit();
    }

    @Override
    public DatabaseMetadata getDatabaseMetaData() {
        return connection.getDatabaseMetaData();
    }

    @Override
    public int getProcessId() {
        return connection.getProcessId();
    }

    @Override
    public int getSecretKey() {
        return connection.getSecretKey();
    }

    @Override
    public Connection unwrap() {
        return connection.unwrap();
    }
}
