package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.pool.ForwardingConnection;
import io.vertx.core.Completable;
import io.vertx.core.Future;
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
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection lent to one borrower. Commands run in their order; once given back, and when the last answer came, the session is
 * made as it was, at no cost when nothing that may change it was sent. Any thread.
 */
final class PgLease extends ForwardingConnection {

    private final PgLink link;
    private final PgSource source;
    private final ContextInternal context;
    private final long since;
    /** What waits for a statement to be prepared. */
    private @Nullable Deque<Runnable> held;
    /** What the borrower prepared itself. */
    private @Nullable Set<PreparedStatement> prepared;

    private @Nullable Completable<Void> returning;
    private boolean preparing;
    private int underWay;
    /** A transaction is to be opened with its first statement, which saves a round trip. */
    private boolean beginning;

    private boolean inTransaction;
    private boolean changed;
    private boolean spoiled;

    /** @param since when it was lent */
    PgLease(PgLink link, PgSource source, long since) {
        super(link.connection());
        this.link = link;
        this.source = source;
        this.context = link.context();
        this.since = since;
    }

    long since() {
        return since;
    }

    @Override
    public void init(Holder holder) {
        if (link.isHere()) {
            link.borrowedBy(holder);
        } else {
            context.execute(holder, link::borrowedBy);
        }
    }

    @Override
    public <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        if (link.isHere()) {
            enqueue(command, handler);
        } else {
            context.execute(command, any -> enqueue(command, handler));
        }
    }

    private <R> void enqueue(CommandBase<R> command, Completable<R> handler) {
        underWay++;
        Completable<R> done = (result, error) -> {
            underWay--;
            spoiled |= error != null && PgErrors.isReadOnly(error);
            handler.complete(result, error);
            cleanIfDone();
        };
        if (preparing || hasHeld()) {
            hold(() -> start(command, done));
        } else {
            start(command, done);
        }
    }

    private boolean hasHeld() {
        return held != null && !held.isEmpty();
    }

    private void hold(Runnable start) {
        if (held == null) {
            held = new ArrayDeque<>();
        }
        held.add(start);
    }

    private <R> void start(CommandBase<R> command, Completable<R> done) {
        if (command instanceof TxCommand<R> transaction && isOfNothing(transaction)) {
            beginning = transaction.kind == TxCommand.Kind.BEGIN;
            done.succeed(transaction.result);
            return;
        }
        if (command instanceof QueryCommandBase<?> query) {
            note(query.sql());
        }
        if (command instanceof ExtendedQueryCommand<?> query && query.preparedStatement() == null) {
            extended(query, cast(done));
            return;
        }
        begin();
        if (command instanceof PrepareStatementCommand prepare) {
            link.send(prepare, keeping(cast(done)));
        } else if (command instanceof SimpleQueryCommand<?> query) {
            send(Results.withColumnsOfEach(query), cast(done));
        } else {
            send(command, done);
        }
    }

    /** It opens a transaction, or ends one in which there was no statement. */
    private boolean isOfNothing(TxCommand<?> transaction) {
        return (beginning || transaction.kind == TxCommand.Kind.BEGIN) && !link.isClosed();
    }

    /** Opens the transaction that the borrower began, if the server does not know of it yet. */
    private void begin() {
        if (takeBeginning()) {
            link.run("BEGIN");
        }
    }

    private boolean takeBeginning() {
        boolean begins = beginning;
        beginning = false;
        inTransaction |= begins;
        return begins;
    }

    private <R> void send(CommandBase<R> command, Completable<R> done) {
        boolean ends = command instanceof TxCommand<?> transaction && transaction.kind != TxCommand.Kind.BEGIN;
        if (command instanceof CloseStatementCommand close && prepared != null) {
            prepared.remove(close.statement());
        }
        link.send(command, ends ? ending(done) : done);
        link.hurry();
    }

    private <R> Completable<R> ending(Completable<R> done) {
        return (result, error) -> {
            inTransaction &= error != null;
            done.complete(result, error);
        };
    }

    /** While a statement is being prepared, what comes after it waits. */
    private <T> void extended(ExtendedQueryCommand<T> query, Completable<Boolean> done) {
        PreparedStatement statement = link.prepared(source, query.sql());
        if (statement != null) {
            withStatement(query, statement, done);
            return;
        }
        begin();
        preparing = true;
        link.prepare(source, query).onComplete((prepared, error) -> {
            preparing = false;
            if (error == null) {
                withStatement(query, prepared, done);
            } else {
                done.fail(error);
            }
            while (!preparing && held != null && !held.isEmpty()) {
                held.remove().run();
            }
        });
    }

    private <T> void withStatement(
            ExtendedQueryCommand<T> query, PreparedStatement statement, Completable<Boolean> done) {
        boolean begins = takeBeginning();
        Results<T> results = new Results<>(query.resultHandler());
        link.query(source, query, statement, begins, results, begins ? beginning(results, done) : done);
        link.hurry();
    }

    /** The transaction is still to be opened where its first statement was never sent. */
    private Completable<Boolean> beginning(Results<?> results, Completable<Boolean> done) {
        return (suspended, error) -> {
            beginning |= !results.isSent();
            done.complete(suspended, error);
        };
    }

    private Completable<PreparedStatement> keeping(Completable<PreparedStatement> done) {
        return (statement, error) -> {
            if (error == null) {
                keep(statement);
            }
            done.complete(statement, error);
        };
    }

    private void keep(PreparedStatement statement) {
        if (prepared == null) {
            prepared = new HashSet<>();
        }
        prepared.add(statement);
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
        context.execute(true, cancelling -> spoiled = cancelling);
        return super.getSecretKey();
    }

    @Override
    public void close(Holder holder, Completable<Void> done) {
        giveBack(done);
    }

    /** Gives the connection back once all that was scheduled is answered. */
    void giveBack(Completable<Void> done) {
        if (link.isHere()) {
            end(done);
        } else {
            context.execute(done, this::end);
        }
    }

    private void end(Completable<Void> done) {
        returning = done;
        link.borrowedBy(null);
        cleanIfDone();
    }

    private void cleanIfDone() {
        Completable<Void> done = returning;
        if (done == null || underWay > 0) {
            return;
        }
        returning = null;
        if (prepared != null) {
            prepared.forEach(statement -> link.send(new CloseStatementCommand(statement), (nothing, error) -> {}));
        }
        if (link.isClosed() || spoiled) {
            free(false, done);
        } else if (changed || inTransaction) {
            clean().onComplete((nothing, error) -> free(error == null, done));
        } else {
            free(true, done);
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

    private void free(boolean clean, Completable<Void> done) {
        if (!clean) {
            link.discard();
        }
        source.giveBack(link, since);
        done.succeed();
    }
}
