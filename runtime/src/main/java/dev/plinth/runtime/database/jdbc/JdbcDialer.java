package dev.plinth.runtime.database.jdbc;

import dev.plinth.runtime.database.JdbcSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.WorkerPool;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Opens physical connections. Their work blocks, so it has threads of its own: one for each connection that is busy. */
final class JdbcDialer {

    private final VertxInternal vertx;
    private final JdbcDrivers drivers = new JdbcDrivers();
    private final ExecutorService threads;
    private final WorkerPool workers;

    JdbcDialer(Vertx vertx) {
        this.vertx = (VertxInternal) vertx;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "plinth-jdbc-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        this.workers = this.vertx.wrapWorkerPool(threads);
    }

    /** To be called when all connections are closed. */
    void close() {
        threads.shutdown();
        drivers.close();
    }

    /** Fails with {@link dev.plinth.plugin.DatabaseUnavailableException}. One that comes too late is closed. */
    Future<JdbcLink> dial(JdbcSettings settings) {
        ContextInternal context = context();
        Future<JdbcLink> dialled = context.executeBlocking(() -> connect(settings))
                .map(connection -> new JdbcLink(settings, context, connection));
        return dialled.timeout(settings.pool().createTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .recover(error -> {
                    if (error instanceof TimeoutException) {
                        dialled.onSuccess(JdbcLink::close);
                    }
                    return Future.failedFuture(JdbcErrors.connecting(settings, error));
                });
    }

    /** Of no deployment: a connection outlives the plugin that happened to ask for it. */
    ContextInternal context() {
        return vertx.contextBuilder()
                .withEventLoop(vertx.getOrCreateContext().nettyEventLoop())
                .withWorkerPool(workers)
                .withClassLoader(JdbcDialer.class.getClassLoader())
                .build();
    }

    private Connection connect(JdbcSettings settings) throws SQLException {
        Driver driver = drivers.find(settings);
        Properties properties = new Properties();
        settings.user().ifPresent(user -> properties.setProperty("user", user));
        settings.password().ifPresent(password -> properties.setProperty("password", password.reveal()));
        Connection connection = driver.connect(settings.url().reveal(), properties);
        if (connection == null) {
            throw new SQLException("the driver does not know this URL");
        }
        return connection;
    }
}
