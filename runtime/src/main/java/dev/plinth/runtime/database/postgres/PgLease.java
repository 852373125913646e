package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.pool.ForwardingConnection;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.internal.PreparedStatement;
import io.vertx.sqlclient.internal.command.CloseStatementCommand;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.ExtendedQueryCommand;
import io.vertx.sqlclient.internal.command.PrepareStatementCommand;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import io.vertx.sqlclient.internal.command.SimpleQueryCommand;
import io.vertx.sqlclient.internal.command.TxCommand;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/**
 * A connection lent to one borrower. Commands run in their order; once given back, and when the last answer came, the session is
 * made as it was, at no cost when nothing that may change it was sent. Any thread.
 */
final class PgLease extends ForwardingConnection {

    private final PgLink link;
    private final PgSource source;
    private final ContextInternal context;
    private final Runnable onFree;
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private final Set<PreparedStatement> prepared = new HashSet<>();
    private final Promise<Void> returned = Promise.promise();
    private boolean preparing;
    private int underWay;
    private boolean closing;
    private boolean inTransaction;
    private boolean changed;
    private boolean spoiled;

    /** @param onFree called when another may have the connection */
    PgLease(PgLink link, PgSource source, Runnable onFree) {
        super(link.connection());
        this.link = link;
        this.source = source;
        this.context = link.context();
        this.onFree = onFree;
    }

    @Override
    public void init(Holder holder) {
        context.emit(holder, link::borrowedBy);
    }

    @Override
    public <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        context.emit(command, any -> enqueue(command, handler));
    }

    private <R> void enqueue(CommandBase<R> command, Completable<R> handler) {
        underWay++;
        Completable<R> done = (result, error) -> {
            underWay--;
            spoiled |= error != null && PgErrors.isReadOnly(error);
            handler.complete(result, error);
            cleanIfDone();
        };
        if (preparing) {
            held.add(() -> start(command, done));
        } else {
            start(command, done);
        }
    }

    private <R> void start(CommandBase<R> command, Completable<R> done) {
        if (command instanceof QueryCommandBase<?> query) {
            note(query.sql());
        } else if (command instanceof TxCommand<?> transaction) {
            inTransaction |= transaction.kind == TxCommand.Kind.BEGIN;
        }
        if (command instanceof ExtendedQueryCommand<?> query && query.preparedStatement() == null) {
            extended(query, cast(done));
        } else if (command instanceof PrepareStatementCommand prepare) {
            link.send(prepare, keeping(cast(done)));
        } else if (command instanceof SimpleQueryCommand<?> query) {
            send(Results.withColumnsOfEach(query), cast(done));
        } else {
            send(command, done);
        }
    }

    private <R> void send(CommandBase<R> command, Completable<R> done) {
        boolean ends = command instanceof TxCommand<?> transaction && transaction.kind != TxCommand.Kind.BEGIN;
        if (command instanceof CloseStatementCommand close) {
            prepared.remove(close.statement());
        }
        link.send(command, (result, error) -> {
            inTransaction &= !(ends && error == null);
            done.complete(result, error);
        });
    }

    /** While a statement is being prepared, what comes after it waits. */
    private <T> void extended(ExtendedQueryCommand<T> query, Completable<Boolean> done) {
        if (link.isPrepared(source, query.sql())) {
            link.query(source, query, new Results<>(query.resultHandler()), done);
            return;
        }
        preparing = true;
        link.prepare(source, query).onComplete((statement, error) -> {
            preparing = false;
            if (error == null) {
                link.query(source, query, new Results<>(query.resultHandler()), done);
            } else {
                done.fail(error);
            }
            while (!preparing && !held.isEmpty()) {
                held.remove().run();
            }
        });
    }

    private Completable<PreparedStatement> keeping(Completable<PreparedStatement> done) {
        return (statement, error) -> {
            if (error == null) {
                prepared.add(statement);
            }
            done.complete(statement, error);
        };
    }

    @SuppressWarnings("unchecked") // a command's class says what its result is
    private static <A, B> Completable<B> cast(Completable<A> done) {
        return (Completable<B>) done;
    }

    private void note(String sql) {
        SqlTraits traits = source.profile(sql).traits();
        inTransaction |= traits.opensTransaction();
        changed |= traits.changesSession();
        spoiled |= traits.spoilsStatements();
        if (traits.rebinds()) {
            link.unbind();
        }
    }

    /** A cancellation may arrive late, and hit what runs next: nobody shall have this connection after. */
    @Override
    public int getSecretKey() {
        context.emit(true, cancelling -> spoiled = cancelling);
        return super.getSecretKey();
    }

    @Override
    public void close(Holder holder, Completable<Void> done) {
        returned.future().onComplete(done);
        giveBack();
    }

    /** Gives the connection back once all that was scheduled is answered. */
    void giveBack() {
        context.emit(true, close -> {
            closing = close;
            link.borrowedBy(null);
            cleanIfDone();
        });
    }

    private void cleanIfDone() {
        if (!closing || underWay > 0) {
            return;
        }
        closing = false;
        prepared.forEach(statement -> link.send(new CloseStatementCommand(statement), (nothing, error) -> {}));
        if (link.isClosed() || spoiled) {
            free(false);
        } else if (changed || inTransaction) {
            clean().onComplete((nothing, error) -> free(error == null));
        } else {
            free(true);
        }
    }

    private Future<Void> clean() {
        Future<Void> rolledBack = link.run("ROLLBACK");
        if (!changed) {
            return rolledBack;
        }
        link.unbind();
        return link.run(PgSource.RESET);
    }

    private void free(boolean clean) {
        if (!clean) {
            link.discard();
        }
        onFree.run();
        returned.tryComplete();
    }
}
