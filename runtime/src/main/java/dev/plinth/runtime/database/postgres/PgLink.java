package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.pool.NoAnswerException;
import dev.plinth.runtime.database.pool.Slot;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.PreparedStatement;
import io.vertx.sqlclient.internal.QueryResultHandler;
import io.vertx.sqlclient.internal.TupleInternal;
import io.vertx.sqlclient.internal.command.CloseStatementCommand;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.ExtendedQueryCommand;
import io.vertx.sqlclient.internal.command.PrepareStatementCommand;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import io.vertx.sqlclient.internal.command.SimpleQueryCommand;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One physical connection: sends statements, binds it to the plugin that it serves, and keeps that plugin's prepared
 * statements. Used on its own event loop only.
 */
final class PgLink implements Connection.Holder, AnswerWatch.Watched {

    private final ContextInternal context;
    private final PgDialer.Line line;
    private final Slot<PgLink> slot;
    private final PgServer server;
    private final TurnClock clock;
    private final ChannelHandlerContext channel;
    private final PgTraffic traffic;

    private final StatementCache statements = new StatementCache(this::close);
    private final PreparedBindings bindings = new PreparedBindings(name -> run("DEALLOCATE " + name));
    private final BoundTo bound = new BoundTo();
    private final ArrayDeque<Sent<?>> unanswered = new ArrayDeque<>();
    /** What others, on other event loops, wait for. */
    private final Set<Crossing<?>> crossings = ConcurrentHashMap.newKeySet();

    private final AnswerWatch watch;
    private final long openedAt = System.nanoTime();

    private Connection.@Nullable Holder borrower;
    private long lastAnswer = openedAt;
    private long lastDuration;
    private boolean answering;
    private boolean closed;
    /** Its event loop is blocked: nobody is to wait for it. */
    private volatile boolean avoided;

    private volatile boolean abandoned;
    private boolean dismissed;
    private @Nullable NoAnswerException overdue;

    /** @param callTimeout how long one statement may take; empty for no limit */
    PgLink(
            ContextInternal context,
            PgDialer.Line line,
            Slot<PgLink> slot,
            PgServer server,
            Optional<Duration> callTimeout) {
        this.context = context;
        this.line = line;
        this.slot = slot;
        this.server = server;
        this.clock = server.clock(context.nettyEventLoop());
        this.channel = line.handler();
        this.traffic = PgTraffic.control(channel.pipeline(), this::unreadable);
        this.watch = new AnswerWatch(this, context, channel, callTimeout);
        line.connection().init(this);
    }

    ContextInternal context() {
        return context;
    }

    /** Whether this thread is the connection's own. */
    boolean isHere() {
        return context.inThread();
    }

    Slot<PgLink> slot() {
        return slot;
    }

    Connection connection() {
        return line.connection();
    }

    PgDialer.Line line() {
        return line;
    }

    /** When it was made, as {@link System#nanoTime} told. */
    long openedAt() {
        return openedAt;
    }

    boolean isClosed() {
        return closed || abandoned || !line.connection().isValid();
    }

    /** Who hears of notifications, notices and the end of this connection. */
    void borrowedBy(Connection.@Nullable Holder holder) {
        borrower = holder;
    }

    // ---- for those on other event loops

    /** Does on this connection's event loop what may as well be done on another connection. */
    <R> void cross(Completable<R> asker, Consumer<Completable<R>> step) {
        Crossing<R> crossing = crossing(asker, true);
        if (avoided) {
            crossing.withdraw();
        }
        context.execute(crossing, here -> here.begin(step));
    }

    /** Does on this connection's event loop what can only be done there, whoever still waits for it. */
    <R> void follow(Completable<R> asker, Consumer<Completable<R>> step) {
        Crossing<R> crossing = crossing(asker, false);
        if (abandoned) {
            crossing.giveUp();
        }
        context.execute(crossing, step::accept);
    }

    private <R> Crossing<R> crossing(Completable<R> asker, boolean movable) {
        Crossing<R> crossing = new Crossing<>(asker, movable, crossings::remove);
        crossings.add(crossing);
        return crossing;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /** Its event loop is blocked: nothing is to be begun here any more, until that one goes on and closes it. Any thread. */
    void avoid() {
        avoided = true;
        discard();
        crossings.forEach(Crossing::withdraw);
    }

    /** Its event loop is blocked for good: the server sees it end, and who waits for it hears so. Any thread. */
    void abandon() {
        abandoned = true;
        line.sever();
        crossings.forEach(Crossing::giveUp);
        server.abandoned(this);
    }

    // ---- statements

    /**
     * Runs one query of a plugin.
     *
     * @param results receives the results, in place of the command's own handler
     */
    <T> void query(PgSource source, QueryCommandBase<T> command, Results<T> results, Completable<Boolean> done) {
        if (isClosed()) {
            done.fail(ClosedConnectionException.INSTANCE);
        } else if (command instanceof ExtendedQueryCommand<T> extended) {
            extended(source, extended, results, done, false);
        } else if (isBoundTo(source)) {
            simple(command, results, done);
        } else {
            // A simple query cannot carry its binding: it waits for it.
            bind(source).onComplete((nothing, error) -> {
                if (error == null) {
                    simple(command, results, done);
                } else {
                    done.fail(error);
                }
            });
        }
    }

    private <T> void simple(QueryCommandBase<T> command, Results<T> results, Completable<Boolean> done) {
        send(results.of(command), done);
    }

    private <T> void extended(
            PgSource source,
            ExtendedQueryCommand<T> command,
            Results<T> results,
            Completable<Boolean> done,
            boolean again) {
        Completable<Boolean> executed = retryingStale(source, command, results, done, again);
        PreparedStatement statement = statements.get(source, command.sql());
        if (statement != null) {
            execute(source, command, statement, false, results, executed);
            return;
        }
        prepare(source, command).onComplete((prepared, error) -> {
            if (error == null) {
                execute(source, command, prepared, false, results, executed);
            } else {
                done.fail(error);
            }
        });
    }

    /** A statement prepared before a change of its tables fails once, before it did anything; here, outside a transaction, it is run again. */
    private <T> Completable<Boolean> retryingStale(
            PgSource source,
            ExtendedQueryCommand<T> command,
            Results<T> results,
            Completable<Boolean> done,
            boolean again) {
        return (result, error) -> {
            boolean stale = forgetIfStale(source, command.sql(), error);
            if (!again && !results.any() && (stale || forgetIfUnfit(source, command.sql(), error))) {
                extended(source, command, results, done, true);
            } else {
                done.complete(result, error);
            }
        };
    }

    /** Whether a statement failed, before it did anything, as what was prepared for it is no longer right; that is prepared anew next time. */
    boolean forgetIfStale(PgSource source, String sql, @Nullable Throwable error) {
        if (!(error instanceof PgException refused) || !PgErrors.isStale(refused)) {
            return false;
        }
        if (PgErrors.isWithoutStatement(refused)) {
            // Hardly the only one that was taken away.
            statements.clear();
            bindings.clear();
        } else {
            statements.remove(source, sql);
        }
        return true;
    }

    /** Whether a statement was not sent as a value does not fit, which may be because its table was made anew since it was prepared. */
    boolean forgetIfUnfit(PgSource source, String sql, @Nullable Throwable error) {
        boolean unfit = error instanceof UnfitValueException;
        if (unfit) {
            statements.remove(source, sql);
        }
        return unfit;
    }

    /**
     * Whether what failed certainly did nothing: it was not sent, or the server ended the session before it answered, which undoes it.
     *
     * @param results of a query; null for other commands
     * @param effective whether it does anything at all when the server carries it out
     * @param commitsInside whether part of it may stay when the session ends
     */
    boolean hadNoEffect(Throwable error, @Nullable Results<?> results, boolean effective, boolean commitsInside) {
        if (PgErrors.isNotSent(error)) {
            return true;
        }
        boolean sent = effective && (results == null || results.isSent());
        boolean undone = dismissed && !commitsInside && (results == null || !results.any());
        return PgErrors.isLost(error) && !(error instanceof NoAnswerException) && (!sent || undone);
    }

    /** The plugin's statement of this text; null if it is still to be prepared. */
    @Nullable
    PreparedStatement prepared(PgSource source, String sql) {
        return statements.get(source, sql);
    }

    <T> Future<PreparedStatement> prepare(PgSource source, ExtendedQueryCommand<T> command) {
        return prepare(source, command.sql(), null)
                .recover(error -> command.autoCommit() && line.connection().isIndeterminatePreparedStatementError(error)
                        ? prepare(source, command.sql(), command.parameterTypes())
                        : Future.failedFuture(error))
                .onSuccess(statement -> statements.put(source, command.sql(), statement));
    }

    /** Prepares in the plugin's own schema: a failed binding ahead of it fails the preparation too. */
    private Future<PreparedStatement> prepare(PgSource source, String sql, @Nullable List<Class<?>> types) {
        Future<Void> binding = isBoundTo(source) ? Future.succeededFuture() : bind(source);
        Promise<PreparedStatement> promise = context.promise();
        send(new PrepareStatementCommand(sql, null, true, types), promise);
        return binding.compose(nothing -> promise.future());
    }

    /**
     * Runs one query of a plugin with its statement.
     *
     * @param begins whether it is to open a transaction, in which it is the first
     */
    <T> void execute(
            PgSource source,
            ExtendedQueryCommand<T> command,
            PreparedStatement statement,
            boolean begins,
            Results<T> results,
            Completable<Boolean> done) {
        ExtendedQueryCommand<T> prepared;
        try {
            prepared = withStatement(command, statement, results);
        } catch (Exception e) {
            // The driver says by exceptions of any kind that a value does not fit its parameter.
            done.fail(new UnfitValueException(shortened(String.valueOf(e.getMessage()))));
            return;
        }
        results.sent();
        if (begins) {
            sendAhead(Prefix.BEGIN, results);
        }
        if (isBoundTo(source)) {
            send(prepared, done);
        } else {
            sendBound(source, prepared, results, done);
        }
    }

    /** The driver's words have the value in them, however large it is. */
    private static String shortened(String message) {
        int part = 200;
        return message.length() <= 3 * part
                ? message
                : message.substring(0, part) + "..." + message.substring(message.length() - part);
    }

    private static <T> ExtendedQueryCommand<T> withStatement(
            ExtendedQueryCommand<T> command, PreparedStatement statement, QueryResultHandler<T> results)
            throws Exception {
        if (command.isBatch()) {
            List<TupleInternal> values = statement.prepare(command.paramsList());
            if (values.isEmpty()) {
                throw new IllegalArgumentException("a batch without parameters");
            }
            return ExtendedQueryCommand.createBatch(
                    command.sql(),
                    command.options(),
                    statement,
                    List.copyOf(values),
                    command.autoCommit(),
                    command.collector(),
                    results);
        }
        return ExtendedQueryCommand.createQuery(
                command.sql(),
                command.options(),
                statement,
                statement.prepare(command.params()),
                command.autoCommit(),
                command.collector(),
                results);
    }

    // ---- binding

    boolean isBoundTo(PgSource source) {
        return source.binding() == null || bound.is(source);
    }

    /** Binds by a statement of its own. */
    Future<Void> bind(PgSource source) {
        PgBinding binding = source.binding();
        if (binding == null) {
            return Future.succeededFuture();
        }
        int number = bound.send(source);
        source.meter().bound();
        return run(binding.sql()).onSuccess(nothing -> bound.confirm(number));
    }

    private <T> void sendBound(
            PgSource source, ExtendedQueryCommand<T> command, Results<T> results, Completable<Boolean> done) {
        PgBinding binding = source.binding();
        if (binding == null) {
            send(command, done);
            return;
        }
        int number = bound.send(source);
        source.meter().bound();
        PreparedBindings.Sending sending = bindings.sending(source, binding);
        sendAhead(sending.prefix(), results);
        send(command, (result, error) -> {
            if (error == null) {
                bound.confirm(number);
            }
            sending.answered().accept(error == null);
            done.complete(result, error);
        });
    }

    private void sendAhead(Prefix prefix, Results<?> results) {
        results.skip(prefix.results());
        if (!isClosed()) {
            var unused = channel.write(prefix.messages().duplicate(), channel.voidPromise());
        }
    }

    /** The session may have lost its binding. */
    void unbind() {
        bound.lost();
    }

    // ---- sending and watching

    /** Runs a text of the runtime's own. */
    Future<Void> run(String sql) {
        Promise<Boolean> promise = context.promise();
        send(
                new SimpleQueryCommand<>(
                        sql, false, true, QueryCommandBase.NULL_COLLECTOR, QueryResultHandler.NOOP_HANDLER),
                promise);
        return promise.future().mapEmpty();
    }

    <R> void send(CommandBase<R> command, Completable<R> done) {
        Sent<R> sent = new Sent<>(done);
        unanswered.add(sent);
        watch.begin();
        line.connection().schedule(command, sent);
    }

    /**
     * Has what was just sent go out now, and not at the end of the event loop's turn, if the server has nothing else to do for this
     * connection: there is nothing that it could be sent with, and the server may as well begin.
     */
    void hurry() {
        if (unanswered.size() == 1) {
            traffic.flushHeld();
        }
    }

    /** How long the answer that just came took, not counting the time behind others on this connection. */
    long lastDuration() {
        return lastDuration;
    }

    /** The time of the answer that is being told, or of this turn of the event loop. */
    long now() {
        return answering ? lastAnswer : clock.now();
    }

    @Override
    public long lastAnswer() {
        return lastAnswer;
    }

    /** Answers come in the order of what was sent. */
    private void unreadable(RuntimeException error) {
        Sent<?> answered = unanswered.peek();
        if (answered != null) {
            answered.unreadable = error;
        }
    }

    private final class Sent<R> implements Completable<R> {

        private final Completable<R> done;
        private final long since = System.nanoTime();
        private @Nullable RuntimeException unreadable;

        Sent(Completable<R> done) {
            this.done = done;
        }

        @Override
        public void complete(R result, @Nullable Throwable failure) {
            Throwable error = error(failure);
            if (unanswered.peek() == this) {
                unanswered.poll();
            } else {
                unanswered.remove(this);
            }
            // The driver tells those who wait before it tells of the end itself: no one shall get this connection in
            // between.
            closed |= error != null && PgErrors.isLost(error);
            long now = System.nanoTime();
            lastDuration = now - Math.max(since, lastAnswer);
            lastAnswer = now;
            answering = true;
            try {
                done.complete(result, error);
            } finally {
                answering = false;
            }
        }

        private @Nullable Throwable error(@Nullable Throwable failure) {
            if (failure == null) {
                return unreadable == null ? null : new UnreadableValueException(unreadable);
            }
            return overdue != null && PgErrors.isLost(failure) ? overdue : failure;
        }
    }

    @Override
    public long askedSince() {
        Sent<?> oldest = unanswered.peek();
        return oldest == null || closed ? Long.MAX_VALUE : oldest.since;
    }

    @Override
    public void silent() {
        server.silent(this);
    }

    @Override
    public void overdue(NoAnswerException why) {
        overdue = why;
        cut();
    }

    AnswerWatch watch() {
        return watch;
    }

    /** Has the connection closed as soon as no one uses it. */
    void discard() {
        server.discard(this);
    }

    int processId() {
        return line.connection().getProcessId();
    }

    void cutIfIdleSince(long time) {
        if (unanswered.isEmpty() && lastAnswer < time) {
            cut();
        }
    }

    /** Cuts the connection: whatever is under way on it fails. */
    void cut() {
        line.cut((nothing, error) -> {});
    }

    // ---- prepared statements

    private void close(PreparedStatement statement) {
        send(new CloseStatementCommand(statement), (nothing, error) -> {});
    }

    void forgetStatements(PgSource source) {
        statements.removeAll(source);
    }

    /** The statements of a plugin that is gone. */
    void forget(PgSource source) {
        statements.removeAll(source);
        bindings.remove(source);
    }

    // ---- what the driver tells

    @Override
    public void handleClosed() {
        closed = true;
        Connection.Holder holder = borrower;
        if (holder != null) {
            holder.handleClosed();
        }
        line.cut((nothing, error) -> server.closed(this));
    }

    @Override
    public void handleEvent(Object event) {
        Connection.Holder holder = borrower;
        if (holder != null) {
            holder.handleEvent(event);
        }
    }

    /** The farewell of a session that the server ends is no exception to its borrower, who hears of the end anyhow. */
    @Override
    public void handleException(Throwable error) {
        if (error instanceof PgException farewell && PgErrors.isShutdown(farewell)) {
            dismissed = true;
            return;
        }
        Connection.Holder holder = borrower;
        if (holder != null) {
            holder.handleException(error);
        }
    }
}
