package dev.plinth.runtime.contract;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.plinth.plugin.Dialect;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.Assertions;

/** A plugin's database, and shorthand for using it from a test's thread. */
record Database(Dialect dialect, Vertx vertx, Pool pool) {

    /** Runs a text with placeholders, and waits for it. */
    RowSet<Row> run(String sql, Object... arguments) {
        return await(pool.preparedQuery(sql).execute(Tuple.wrap(arguments)));
    }

    /** Runs a text of one or more statements, and waits for it. */
    RowSet<Row> script(String sql) {
        return await(pool.query(sql).execute());
    }

    /** The one row that this gives. */
    Row row(String sql, Object... arguments) {
        RowSet<Row> rows = run(sql, arguments);
        Assertions.assertThat(rows.size()).isEqualTo(1);
        return rows.iterator().next();
    }

    /** The first value of the one row that this gives. */
    Object value(String sql, Object... arguments) {
        return row(sql, arguments).getValue(0);
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException error) {
                throw error;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** The error with which this ends. */
    static Throwable failure(Future<?> future) {
        try {
            Object result = future.toCompletionStage().toCompletableFuture().get(30, SECONDS);
            throw new AssertionError("expected a failure, got " + result);
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    Throwable failure(String sql, Object... arguments) {
        return failure(pool.preparedQuery(sql).execute(Tuple.wrap(arguments)));
    }
}
