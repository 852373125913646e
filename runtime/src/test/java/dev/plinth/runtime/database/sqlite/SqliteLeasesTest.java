package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a plugin holds comes back, whatever became of the event loop on which it took it. */
class SqliteLeasesTest {

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    private final SqliteConnector connector = new SqliteConnector(vertx);
    private final PluginPool pool = new PluginPool(
            vertx,
            "todo",
            connector.open(new SqliteSettings("todo", Optional.empty(), false, PoolSettings.DEFAULT, false)));
    private final CountDownLatch goOn = new CountDownLatch(1);
    /** Of two event loops. */
    private final ContextInternal bad = ((VertxInternal) vertx).createEventLoopContext();

    private final ContextInternal good = ((VertxInternal) vertx).createEventLoopContext();

    @BeforeEach
    void createItems() {
        run(good, "CREATE TABLE item (id INTEGER PRIMARY KEY)");
    }

    @AfterEach
    void close() {
        goOn.countDown();
        await(connector.close());
        await(vertx.close());
    }

    @Test
    void areTakenBackFromABlockedEventLoop() {
        SqlConnection writing = await(on(bad, () -> transaction(1)));
        Future<SqlConnection> waiting = on(bad, () -> transaction(2));
        EventLoop loop = block();

        assertThat(await(on(good, () -> pool.takeBack(loop)))).isEqualTo(2);

        run(good, "INSERT INTO item VALUES (3)");
        goOn.countDown();
        assertThat(failure(waiting)).isNotNull();
        assertThat(failure(on(bad, () -> query(writing, "INSERT INTO item VALUES (4)"))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessage("plugin 'todo': this connection was taken back, as the event loop on which it was taken was"
                        + " blocked");
        await(on(bad, () -> writing.close()));
    }

    @Test
    void canBeTakenAgainWhenTheEventLoopGoesOn() {
        EventLoop loop = block();
        await(on(good, () -> pool.takeBack(loop)));

        goOn.countDown();

        SqlConnection connection = await(on(bad, () -> transaction(1)));
        await(on(bad, connection::close));
    }

    @Test
    void areTakenBackFromABlockedEventLoopWhenThePoolIsRevoked() {
        await(on(bad, () -> transaction(1)));
        block();

        await(on(good, pool::revoke));
    }

    /** The loop of the one context, which does nothing until the test ends. */
    private EventLoop block() {
        bad.runOnContext(here -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        return bad.nettyEventLoop();
    }

    private Future<SqlConnection> transaction(int id) {
        return pool.getConnection().compose(connection -> connection
                .begin()
                .compose(begun -> query(connection, "INSERT INTO item VALUES (" + id + ")"))
                .map(written -> connection));
    }

    private static Future<RowSet<Row>> query(SqlConnection connection, String sql) {
        return connection.query(sql).execute();
    }

    private void run(Context context, String sql) {
        await(on(context, () -> pool.query(sql).execute()));
    }

    private static <T> Future<T> on(Context context, Supplier<Future<T>> work) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(here -> work.get().onComplete(promise));
        return promise.future();
    }
}
