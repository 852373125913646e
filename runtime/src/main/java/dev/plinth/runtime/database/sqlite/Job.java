package dev.plinth.runtime.database.sqlite;

import io.vertx.core.Completable;
import io.vertx.core.VertxException;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.internal.ArrayTuple;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.ExtendedQueryCommand;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import io.vertx.sqlclient.internal.command.TxCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Collector;
import org.jspecify.annotations.Nullable;

/** A command on its way through a database: made on any thread, run on the database's, completed on its own context. */
final class Job {

    final SessionState session;
    final CommandBase<?> command;
    final boolean oneShot;
    final Duration patience;

    private final ContextInternal context;
    private final Completable<?> handler;

    List<SqlStatement> statements = List.of();
    private long waitingSince;
    private @Nullable Future<?> alarm;
    private final List<StatementResult> results = new ArrayList<>(1);
    private @Nullable Object value;
    private @Nullable Throwable error;

    <R> Job(
            SessionState session,
            boolean oneShot,
            Duration patience,
            ContextInternal context,
            CommandBase<R> command,
            Completable<R> handler) {
        this.session = session;
        this.oneShot = oneShot;
        this.patience = patience;
        this.context = context;
        this.command = command;
        this.handler = handler;
    }

    ContextInternal context() {
        return context;
    }

    void startWaiting(long now, Future<?> wakeUp) {
        waitingSince = now;
        alarm = wakeUp;
        session.waiting++;
    }

    void stopWaiting() {
        session.waiting--;
        if (alarm != null) {
            alarm.cancel(false);
        }
    }

    boolean hasWaitedTooLong(long now) {
        return now - waitingSince >= patience.toNanos();
    }

    /** The sets of arguments to run the statements with: several for a batch. */
    List<? extends Tuple> argumentSets() {
        if (!(command instanceof ExtendedQueryCommand<?> query)) {
            return List.of(ArrayTuple.EMPTY);
        }
        return query.isBatch() ? query.paramsList() : List.of(query.params());
    }

    /**
     * Fails with {@link VertxException} for what the client of PostgreSQL refuses by itself: a transaction can go on after that. A
     * text that is sent without arguments has no parameters.
     */
    void checkArguments() {
        List<? extends Tuple> sets = argumentSets();
        if (sets.isEmpty()) {
            throw VertxException.noStackTrace("a batch without parameters");
        }
        for (SqlStatement statement : statements) {
            if (!(command instanceof ExtendedQueryCommand<?>) && statement.parameters() > 0) {
                throw Refusal.of("there is no parameter $1", "42P02");
            }
            for (Tuple arguments : sets) {
                Arguments.check(statement.parameters(), arguments);
            }
        }
    }

    boolean isOneStatement() {
        return statements.size() == 1 && !(command instanceof ExtendedQueryCommand<?> query && query.isBatch());
    }

    boolean isQuery() {
        return command instanceof QueryCommandBase<?>;
    }

    boolean has(SqlStatement.Kind kind) {
        return statements.stream().anyMatch(statement -> statement.kind() == kind);
    }

    boolean hasTransactionControl() {
        return statements.stream().anyMatch(statement -> statement.kind().isTransactionControl());
    }

    boolean onlyReads() {
        for (SqlStatement statement : statements) {
            if (statement.kind() != SqlStatement.Kind.READ) {
                return false;
            }
        }
        return true;
    }

    boolean mayHaveWritten() {
        return command instanceof TxCommand<?> transaction
                ? transaction.kind == TxCommand.Kind.COMMIT
                : isQuery() && !onlyReads();
    }

    void add(StatementResult result) {
        results.add(result);
    }

    /** The result of the one statement, to be handed over in parts. */
    StatementResult takeResult() {
        return results.remove(0);
    }

    void succeed(@Nullable Object result) {
        value = result;
        error = null;
    }

    void fail(Throwable failure) {
        error = failure;
    }

    boolean hasFailed() {
        return error != null;
    }

    /** Forgets what came out, to run it once more. */
    void reset() {
        results.clear();
        value = null;
        error = null;
    }

    /** Hands the outcome to whoever waits for it. Called on the job's context, as collectors are the plugin's code. */
    void complete() {
        if (error == null && command instanceof QueryCommandBase<?> query) {
            value = value == null ? false : value;
            results.forEach(result -> handOver(query, result));
        }
        completeHandler(handler);
    }

    @SuppressWarnings("unchecked") // the constructor ties command and handler; the result is what the command gives
    private <R> void completeHandler(Completable<R> completable) {
        completable.complete((R) value, error);
    }

    private static <T> void handOver(QueryCommandBase<T> query, StatementResult result) {
        T collected = null;
        Throwable failure = null;
        try {
            collected = collect(query.collector(), result.rows());
        } catch (RuntimeException e) {
            failure = e;
        }
        query.resultHandler()
                .handleResult(result.updated(), result.rows().size(), result.columns(), collected, failure);
    }

    private static <A, T> T collect(Collector<Row, A, T> collector, List<Row> rows) {
        A container = collector.supplier().get();
        rows.forEach(row -> collector.accumulator().accept(container, row));
        return collector.finisher().apply(container);
    }
}
