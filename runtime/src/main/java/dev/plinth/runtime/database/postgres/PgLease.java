package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.pool.ForwardingConnection;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.pgclient.impl.codec.TxFailedEvent;
import io.vertx.sqlclient.internal.Connection;
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
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection lent to one borrower. Commands run in their order; once given back, and when the last answer came, the session is
 * made as it was, at no cost when nothing that may change it was sent. Where the connection turns out to be dead at its first use, and
 * nothing that was asked can have had an effect, the borrower goes on with another without noticing. Any thread.
 */
final class PgLease extends ForwardingConnection implements Connection.Holder {

    private final PgLink link;
    private final PgSource source;
    private final ContextInternal context;
    private final long since;
    private final int attempts;
    private volatile Connection.@Nullable Holder borrower;
    /** What waits for the answer to what was asked before. */
    private @Nullable Deque<Asked<?>> held;
    /** What the borrower prepared itself. */
    private @Nullable Set<PreparedStatement> prepared;

    private @Nullable Completable<Void> returning;
    private int underWay;
    /** What comes next is held. */
    private boolean alone;
    /** A transaction is to be opened with its first statement, which saves a round trip. */
    private boolean beginning;

    /** The first statement of a transaction is under way, for which it may have to be begun anew. */
    private boolean opening;
    /** What the borrower was not told yet: that its transaction failed. */
    private @Nullable Object failedEvent;

    private boolean inTransaction;
    private boolean transactionByText;
    private boolean changed;
    private boolean spoiled;

    /** Nothing was answered yet: what was asked, in its order, can still be asked of another connection. */
    private boolean fresh = true;

    private @Nullable Deque<Asked<?>> first;
    /** Another connection is being taken. */
    private boolean moving;
    /** The borrower was not told yet that its connection ended. */
    private boolean endUntold;
    /** The connection that took this one's place. */
    private volatile @Nullable PgLease successor;

    private boolean replaced;

    /**
     * @param since when it was lent
     * @param attempts how many connections were taken for this borrower
     */
    PgLease(PgLink link, PgSource source, long since, int attempts) {
        super(link.connection());
        this.link = link;
        this.source = source;
        this.context = link.context();
        this.since = since;
        this.attempts = attempts;
    }

    /** What the borrower asks for. */
    private static final class Asked<R> {

        final CommandBase<R> command;
        final Completable<R> handler;
        /** Of a query. */
        @Nullable
        Results<?> results;
        /** The transaction was opened for it. */
        boolean begins;

        /** Why it is run once more: what was prepared for it was no longer right. */
        @Nullable
        Throwable stale;
        /** Why it has to be asked again elsewhere. */
        @Nullable
        Throwable lost;
        /** It was answered without the server. */
        boolean ofNothing;

        Asked(CommandBase<R> command, Completable<R> handler) {
            this.command = command;
            this.handler = handler;
        }

        boolean mayCommitInside(PgSource source) {
            return command instanceof QueryCommandBase<?> query
                    && source.profile(query.sql()).traits().commitsInside();
        }
    }

    long since() {
        return since;
    }

    @Override
    public void init(Holder holder) {
        borrower = holder;
        if (link.isHere()) {
            link.borrowedBy(this);
        } else {
            context.execute(this, link::borrowedBy);
        }
    }

    @Override
    public <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        if (link.isHere()) {
            enqueue(command, handler);
        } else {
            link.follow(handler, told -> enqueue(command, told));
        }
    }

    private <R> void enqueue(CommandBase<R> command, Completable<R> handler) {
        PgLease next = successor;
        if (next != null) {
            next.schedule(command, handler);
            return;
        }
        underWay++;
        Asked<R> asked = new Asked<>(command, handler);
        if (alone || moving || hasHeld()) {
            hold(asked);
        } else {
            start(asked);
        }
    }

    private boolean hasHeld() {
        return held != null && !held.isEmpty();
    }

    private void hold(Asked<?> asked) {
        if (held == null) {
            held = new ArrayDeque<>();
        }
        held.add(asked);
    }

    private void startHeld() {
        while (!alone && !moving && held != null && !held.isEmpty()) {
            start(held.remove());
        }
    }

    private <R> void start(Asked<R> asked) {
        CommandBase<R> command = asked.command;
        if (command instanceof TxCommand<R> transaction && isOfNothing(transaction)) {
            beginning = transaction.kind == TxCommand.Kind.BEGIN;
            rememberOfNothing(transaction);
            finish(asked, transaction.result, null);
            return;
        }
        if (fresh) {
            first().add(asked);
        }
        if (command instanceof QueryCommandBase<?> query) {
            note(query.sql());
            asked.results = new Results<>(query.resultHandler());
        }
        if (command instanceof ExtendedQueryCommand<?> query && query.preparedStatement() == null) {
            extended(cast(asked), query);
            return;
        }
        asked.begins = begin();
        Completable<R> done = (result, error) -> answered(asked, result, error);
        if (command instanceof PrepareStatementCommand prepare) {
            link.send(prepare, keeping(cast(done)));
        } else if (command instanceof SimpleQueryCommand<?> query) {
            send(simple(query, asked), cast(done));
        } else {
            send(command, done);
        }
    }

    private static <T> SimpleQueryCommand<T> simple(SimpleQueryCommand<T> query, Asked<?> asked) {
        Results<T> results = cast(Objects.requireNonNull(asked.results));
        return results.of(query);
    }

    /** It opens a transaction, or ends one in which there was no statement. */
    private boolean isOfNothing(TxCommand<?> transaction) {
        return (beginning || transaction.kind == TxCommand.Kind.BEGIN) && !link.isClosed();
    }

    /** Opens the transaction that the borrower began, if the server does not know of it yet. */
    private boolean begin() {
        boolean begins = takeBeginning();
        if (begins) {
            link.run("BEGIN");
        }
        return begins;
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

    // ---- statements that the connection prepares

    /** While a statement is being prepared, what comes after it waits. */
    private <T> void extended(Asked<Boolean> asked, ExtendedQueryCommand<T> query) {
        PreparedStatement statement = link.prepared(source, query.sql());
        if (statement != null) {
            withStatement(asked, query, statement);
            return;
        }
        asked.begins |= begin();
        alone = true;
        link.prepare(source, query).onComplete((prepared, error) -> {
            alone = false;
            if (error == null) {
                withStatement(asked, query, prepared);
            } else {
                answered(asked, null, error);
            }
            startHeld();
        });
    }

    /** What comes after the first statement of a transaction waits, as the transaction may have to be begun anew for that one. */
    private <T> void withStatement(Asked<Boolean> asked, ExtendedQueryCommand<T> query, PreparedStatement statement) {
        boolean begins = takeBeginning();
        asked.begins |= begins;
        alone = begins;
        opening |= begins; // until it is answered
        Results<T> results = cast(Objects.requireNonNull(asked.results));
        link.execute(source, query, statement, begins, results, (suspended, error) -> {
            if (begins) {
                alone = false;
                beginning |= !results.isSent(); // a value of it did not fit: it was never sent, nor was the BEGIN
            }
            executed(asked, query, suspended, error);
            startHeld();
        });
        link.hurry();
    }

    private <T> void executed(
            Asked<Boolean> asked, ExtendedQueryCommand<T> query, Boolean suspended, @Nullable Throwable error) {
        if (asked.stale == null && link.forgetIfUnfit(source, query.sql(), error)) {
            asked.stale = error;
            extended(asked, query);
        } else if (!link.forgetIfStale(source, query.sql(), error)) {
            answered(asked, suspended, error);
        } else if (mayRunAgain(asked, query)) {
            asked.stale = error;
            if (asked.begins) {
                link.run("ROLLBACK").onComplete((nothing, failure) -> failedEvent = null);
                beginning = true;
            }
            extended(asked, query);
        } else {
            source.forgetStatements(); // as the borrower's next attempt may be on any connection
            answered(asked, suspended, error);
        }
    }

    private void tellFailed() {
        Object event = failedEvent;
        failedEvent = null;
        Holder holder = borrower;
        if (event != null && holder != null) {
            holder.handleEvent(event);
        }
    }

    /** A statement that was prepared before a change of its tables fails before it did anything. No other may come in between. */
    private boolean mayRunAgain(Asked<?> asked, ExtendedQueryCommand<?> query) {
        boolean last = underWay - (held == null ? 0 : held.size()) == 1;
        return asked.stale == null
                && last
                && (asked.begins || query.autoCommit())
                && !Objects.requireNonNull(asked.results).any();
    }

    // ---- answers

    private <R> void answered(Asked<R> asked, @Nullable R result, @Nullable Throwable error) {
        opening = false;
        tellFailed();
        if (fresh && error != null && isToBeAskedAgain(asked, error)) {
            asked.lost = error;
            moveIfAllIsLost();
            return;
        }
        if (fresh) {
            settle();
        }
        boolean inRawTransaction = asked.stale != null && error != null && PgErrors.isOfAbortedTransaction(error);
        finish(asked, result, inRawTransaction ? asked.stale : error);
    }

    private <R> void finish(Asked<R> asked, @Nullable R result, @Nullable Throwable error) {
        underWay--;
        if (error != null && PgErrors.isReadOnly(error)) {
            refused();
        }
        asked.handler.complete(result, error);
        cleanIfDone();
    }

    /** A write. The borrower's own texts may have made the transaction, or the session, read-only. */
    private void refused() {
        if (changed || transactionByText) {
            spoiled = true;
        } else {
            var unused = source.isFailoverOver(link);
        }
    }

    // ---- first use of a connection that turns out to be dead

    private Deque<Asked<?>> first() {
        if (first == null) {
            first = new ArrayDeque<>(2);
        }
        return first;
    }

    /** It was answered without the server, and has to be asked again before what follows it. */
    private void rememberOfNothing(TxCommand<?> transaction) {
        if (!fresh) {
            return;
        }
        if (beginning) {
            first().add(begun(transaction));
        } else {
            first().pollLast(); // where it began
        }
    }

    private static <R> Asked<R> begun(TxCommand<R> transaction) {
        Asked<R> begun = new Asked<>(transaction, (result, error) -> {});
        begun.ofNothing = true;
        return begun;
    }

    private boolean isToBeAskedAgain(Asked<?> asked, Throwable error) {
        boolean prepares = asked.command instanceof PrepareStatementCommand;
        return attempts < PgPoolOptions.ATTEMPTS
                && !link.isAbandoned()
                && link.hadNoEffect(error, asked.results, !prepares, asked.mayCommitInside(source));
    }

    private void moveIfAllIsLost() {
        for (Asked<?> each : first()) {
            if (each.lost == null && !each.ofNothing) {
                return; // its answer is still to come
            }
        }
        moving = true;
        leave();
        new PgBorrowing(source, context, attempts, (lease, error) -> context.execute(error, why -> moved(lease, why)))
                .start();
    }

    private void leave() {
        link.borrowedBy(null);
        link.discard();
        source.giveBack(link, since);
        replaced = true;
    }

    private void moved(@Nullable PgLease lease, @Nullable Throwable error) {
        Deque<Asked<?>> asked = first();
        first = null;
        if (held != null) {
            asked.addAll(held);
            held = null;
        }
        moving = false;
        fresh = false;
        if (lease == null) {
            tellEnd();
            asked.forEach(each -> fail(each, Objects.requireNonNull(error)));
        } else {
            goOn(lease, asked);
        }
    }

    private void fail(Asked<?> asked, Throwable error) {
        if (!asked.ofNothing) {
            finish(asked, null, error);
        }
    }

    private void goOn(PgLease lease, Deque<Asked<?>> asked) {
        underWay = 0;
        successor = lease;
        Holder holder = borrower;
        if (holder != null) {
            lease.init(holder);
        }
        asked.forEach(each -> askAgain(lease, each));
        Completable<Void> done = returning;
        if (done != null) {
            returning = null;
            lease.giveBack(done);
        }
    }

    private static <R> void askAgain(PgLease lease, Asked<R> asked) {
        lease.schedule(asked.command, asked.handler);
    }

    /** The server answered, or may have carried something out: nothing is asked again from now on. */
    private void settle() {
        fresh = false;
        Deque<Asked<?>> asked = first();
        first = null;
        tellEnd();
        for (Asked<?> each : asked) {
            Throwable lost = each.lost;
            if (lost != null) {
                fail(each, lost);
            }
        }
    }

    private void tellEnd() {
        Holder holder = borrower;
        if (endUntold && holder != null) {
            holder.handleClosed();
        }
        endUntold = false;
    }

    @Override
    public void handleClosed() {
        endUntold = true;
        if (!fresh && !moving) {
            tellEnd();
        }
    }

    @Override
    public void handleEvent(Object event) {
        Holder holder = borrower;
        if (opening && event instanceof TxFailedEvent) {
            failedEvent = event; // it comes before the answer
        } else if (holder != null) {
            holder.handleEvent(event);
        }
    }

    @Override
    public void handleException(Throwable error) {
        Holder holder = borrower;
        if (holder != null) {
            holder.handleException(error);
        }
    }

    // ---- what is left behind

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

    @SuppressWarnings("unchecked")
    private static <B> Asked<B> cast(Asked<?> asked) {
        return (Asked<B>) asked;
    }

    @SuppressWarnings("unchecked")
    private static <B> Results<B> cast(Results<?> results) {
        return (Results<B>) results;
    }

    private void note(String sql) {
        SqlTraits traits = source.profile(sql).traits();
        inTransaction |= traits.opensTransaction();
        transactionByText |= traits.opensTransaction();
        changed |= traits.changesSession();
        spoiled |= traits.spoilsStatements();
        if (traits.rebinds()) {
            link.unbind();
        }
    }

    /** A cancellation may arrive late, and hit what runs next: nobody shall have this connection after. */
    @Override
    public int getSecretKey() {
        PgLease next = successor;
        if (next != null) {
            return next.getSecretKey();
        }
        context.execute(true, cancelling -> spoiled = cancelling);
        return super.getSecretKey();
    }

    @Override
    public int getProcessId() {
        PgLease next = successor;
        return next == null ? super.getProcessId() : next.getProcessId();
    }

    @Override
    public boolean isValid() {
        PgLease next = successor;
        return next == null ? super.isValid() : next.isValid();
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
            link.follow((nothing, abandoned) -> done.succeed(), this::end);
        }
    }

    private void end(Completable<Void> done) {
        PgLease next = successor;
        if (next != null) {
            next.giveBack(done);
            return;
        }
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
        if (replaced) {
            done.succeed(); // it was given back when another was to take its place
            return;
        }
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
