package dev.plinth.runtime.database.jdbc;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.Connector;
import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.migration.MigrationDialect;
import dev.plinth.runtime.database.pool.ConnectionSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.SqlConnection;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/** Databases that a driver's jar reaches. Nothing is loaded, and no thread started, before the first is asked for. */
public final class JdbcConnector implements Connector<JdbcSettings> {

    private final VertxInternal vertx;
    private final Queue<ConnectionSource> opened = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Optional<JdbcDialer>> dialer = new AtomicReference<>(Optional.empty());

    public JdbcConnector(Vertx vertx) {
        this.vertx = (VertxInternal) vertx;
    }

    private JdbcDialer dialer() {
        return dialer.updateAndGet(known -> known.or(() -> Optional.of(new JdbcDialer(vertx))))
                .orElseThrow();
    }

    /** Drivers of embedded databases create what is missing as they connect; others find it or fail. */
    @Override
    public Future<Void> provision(JdbcSettings settings) {
        return connect(settings).compose(SqlConnection::close);
    }

    @Override
    public Future<SqlConnection> provisionAndConnect(JdbcSettings settings) {
        return connect(settings);
    }

    @Override
    public Future<SqlConnection> connect(JdbcSettings settings) {
        ContextInternal context = vertx.getOrCreateContext();
        JdbcDialer own = dialer();
        return context.future(promise -> own.dial(settings)
                .map(link -> JdbcSource.single(context, new JdbcSource(own, settings), link))
                .onComplete(promise));
    }

    @Override
    public MigrationDialect migrations(JdbcSettings settings) {
        return new JdbcMigrationDialect();
    }

    @Override
    public ConnectionSource open(JdbcSettings settings) {
        ConnectionSource source = new JdbcSource(dialer(), settings);
        opened.add(source);
        return source;
    }

    @Override
    public Future<Path> backup(JdbcSettings settings, Path directory) {
        return Future.failedFuture(new DatabaseUnavailableException("plugin '" + settings.pluginId() + "': "
                + settings.location() + " is not copied from here; use the database's own tools"));
    }

    @Override
    public Future<Void> close() {
        return Future.join(opened.stream().map(ConnectionSource::close).toList())
                .<Void>mapEmpty()
                .eventually(() -> {
                    Objects.requireNonNull(dialer.get()).ifPresent(JdbcDialer::close);
                    return Future.succeededFuture();
                });
    }
}
