package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.testing.PostgresExtension;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An event loop with connections on it does nothing any more: those on others go on. */
@ExtendWith(PostgresExtension.class)
class BlockedLoopIT {

    private static final int BUDGET = 2;

    private final Pools pools = new Pools("test", BUDGET);
    private final PostgresExtension.Server server;
    private final CountDownLatch goOn = new CountDownLatch(1);
    /** Of another event loop than the others, and than what the pools have for themselves. */
    private final ContextInternal bad = contextBesides((ContextInternal) pools.vertx.getOrCreateContext());

    private final ContextInternal good = contextBesides(bad);
    private String increment;
    private PluginPool pool;

    BlockedLoopIT(PostgresExtension.Server server) {
        this.server = server;
    }

    @BeforeEach
    void connectThere() throws Exception {
        String table = server.uniqueName("counter");
        server.execute("postgres", "CREATE TABLE " + table + " AS SELECT 0 AS n");
        increment = "UPDATE " + table + " SET n = n + 1";
        pool = pools.open(settings(
                "todo",
                server.port(),
                "postgres",
                Optional.empty(),
                pool(BUDGET),
                TlsSettings.DISABLED,
                Optional.empty()));
        List<SqlConnection> all = new ArrayList<>();
        for (int i = 0; i < BUDGET; i++) {
            all.add(await(on(bad, pool::getConnection)));
        }
        all.forEach(connection -> await(on(bad, connection::close)));
    }

    @AfterEach
    void close() {
        goOn.countDown();
        pools.close();
    }

    @Test
    void statementsThatWereToBeSentThereAreSentFromAnotherOne() {
        EventLoop loop = block();
        Future<?> shot = on(good, () -> increment(pool));
        Future<SqlConnection> lease = on(good, pool::getConnection);

        pools.connections.avoid(loop);

        await(shot);
        SqlConnection taken = await(lease);
        await(on(good, () -> increment(taken)));
        await(on(good, () -> increment(pool)));
    }

    @Test
    void itsTransactionsAreUndoneOnceItIsGivenUp() {
        SqlConnection holder = inTransaction(bad);
        EventLoop loop = block();
        pools.connections.avoid(loop);
        Future<?> waiting = on(good, () -> increment(pool));

        pools.connections.giveUp(loop);

        await(waiting);
        assertThat(pool.snapshot().total()).isLessThanOrEqualTo(BUDGET);
        goOn.countDown();
        assertThat(failure(on(bad, () -> increment(holder)))).isInstanceOf(DatabaseUnavailableException.class);
        await(on(bad, holder::close));
        await(on(bad, () -> increment(pool)));
        assertThat(pool.snapshot().inUse()).isZero();
    }

    @Test
    void thoseWhoWaitForAnAnswerHearThatThereIsNone() {
        SqlConnection lease = inTransaction(good);
        EventLoop loop = block();
        Future<?> answer = on(good, () -> increment(lease));
        pools.connections.avoid(loop);

        pools.connections.giveUp(loop);

        assertThat(failure(answer)).isInstanceOf(DatabaseUnavailableException.class);
        await(on(good, lease::close));
        await(on(good, () -> increment(pool)));
        goOn.countDown();
        await(on(bad, () -> increment(pool)));
        assertThat(pool.snapshot().inUse()).isZero();
    }

    @Test
    void whatWasAskedOfALeaseThereIsDoneWhenItGoesOnInTime() {
        SqlConnection lease = inTransaction(good);
        EventLoop loop = block();
        Future<?> answer = on(good, () -> increment(lease));
        pools.connections.avoid(loop);

        goOn.countDown();

        await(answer);
        await(on(good, () -> lease.query("COMMIT").execute()));
        await(on(good, lease::close));
        assertThat(pool.snapshot().inUse()).isZero();
    }

    @Test
    void nothingIsLostWhenItGoesOnInTime() {
        SqlConnection holder = inTransaction(bad);
        EventLoop loop = block();
        pools.connections.avoid(loop);

        goOn.countDown();

        await(on(bad, () -> holder.query("COMMIT").execute()));
        await(on(bad, holder::close));
        await(on(bad, () -> increment(pool)));
        assertThat(pool.snapshot().inUse()).isZero();
    }

    /** A lease whose transaction has changed the row. */
    private SqlConnection inTransaction(ContextInternal borrower) {
        SqlConnection lease = await(on(borrower, pool::getConnection));
        await(on(borrower, lease::begin));
        await(on(borrower, () -> increment(lease)));
        return lease;
    }

    private Future<?> increment(SqlClient client) {
        return client.query(increment).execute();
    }

    private ContextInternal contextBesides(ContextInternal other) {
        EventLoop own = ((ContextInternal) pools.vertx.getOrCreateContext()).nettyEventLoop();
        ContextInternal context;
        do {
            context = ((VertxInternal) pools.vertx).createEventLoopContext();
        } while (context.nettyEventLoop() == other.nettyEventLoop() || context.nettyEventLoop() == own);
        return context;
    }

    /** The event loop of the one context, which does nothing until the test says so. */
    private EventLoop block() {
        CountDownLatch blocks = new CountDownLatch(1);
        bad.runOnContext(here -> {
            blocks.countDown();
            awaitLatch(goOn);
        });
        awaitLatch(blocks);
        return bad.nettyEventLoop();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> Future<T> on(ContextInternal context, Supplier<? extends Future<? extends T>> work) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(here -> work.get().<T>map(result -> result).onComplete(promise));
        return promise.future();
    }
}
