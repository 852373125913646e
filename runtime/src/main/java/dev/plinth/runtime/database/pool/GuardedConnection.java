package dev.plinth.runtime.database.pool;

import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A lent connection as its borrower has it: refuses work once it was given back or taken back, and translates errors. Any
 * thread.
 */
public final class GuardedConnection extends ForwardingConnection {

    /** The server could not tell a parameter's type: the driver prepares once more, with the types of the values. */
    private static final Set<String> UNKNOWN_PARAMETER_TYPE = Set.of("42P18", "42804", "42P08");

    private final Lender lender;
    private final ContextInternal borrower;
    private final long since;
    private final @Nullable Throwable taken;
    private volatile boolean reported;
    private volatile @Nullable Holder holder;
    private volatile @Nullable Supplier<Throwable> refusal;
    private volatile @Nullable String lastStatement;

    /** Those lent before and after, as {@link Leases} keeps them. */
    @Nullable
    GuardedConnection older;

    @Nullable
    GuardedConnection newer;

    /** Who lends the connection. */
    public interface Lender {

        /** The borrower asks for this. */
        void asked(CommandBase<?> command);

        /** Turns the driver's error into the plugin's. */
        Throwable translate(Throwable error);

        /** The borrower, or the runtime, gives the connection back; once. */
        void returned(GuardedConnection connection);
    }

    /**
     * @param borrower where it was asked for
     * @param since when it was lent, as {@link System#nanoTime} tells
     * @param taken by its stack, where the connection was taken; null when that is not known
     */
    public GuardedConnection(
            Connection connection, Lender lender, ContextInternal borrower, long since, @Nullable Throwable taken) {
        super(connection);
        this.lender = lender;
        this.borrower = borrower;
        this.since = since;
        this.taken = taken;
    }

    @Override
    public <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        Supplier<Throwable> refused = refusal;
        if (refused != null) {
            handler.fail(refused.get());
            return;
        }
        if (EmptyStatement.is(command)) {
            handler.fail(lender.translate(EmptyStatement.refusal()));
            return;
        }
        if (command instanceof QueryCommandBase<?> query) {
            lastStatement = query.sql();
        }
        lender.asked(command);
        super.schedule(
                command, (result, error) -> handler.complete(result, error == null ? null : lender.translate(error)));
    }

    /** Takes the connection back from its borrower, whose further work fails as given. */
    Future<Void> takeBack(Supplier<Throwable> reason) {
        Promise<Void> returned = Promise.promise();
        giveBack(reason, returned);
        return returned.future();
    }

    @Override
    public void close(Holder holder, Completable<Void> done) {
        giveBack(GuardedConnection::givenBack, done);
    }

    private static Throwable givenBack() {
        return new IllegalStateException(
                "this connection was given back to the pool; take another with getConnection()");
    }

    /** Only who comes first hears when it is done. */
    private void giveBack(Supplier<Throwable> reason, Completable<Void> done) {
        if (refuse(reason)) {
            lender.returned(this);
            super.close(Objects.requireNonNull(holder), done);
        } else {
            done.succeed();
        }
    }

    private synchronized boolean refuse(Supplier<Throwable> reason) {
        if (refusal != null) {
            return false;
        }
        refusal = reason;
        return true;
    }

    @Override
    public void init(Holder holder) {
        this.holder = holder;
        super.init(holder);
    }

    /** Whether its borrower is on this event loop. */
    boolean isOn(EventExecutor loop) {
        return borrower.isEventLoopContext() && borrower.nettyEventLoop() == loop;
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - since);
    }

    /** Whether it is out for so long, and this was not asked and answered with yes before. */
    boolean isNewlyOlderThan(Duration threshold) {
        boolean report = !reported && age().compareTo(threshold) >= 0;
        reported |= report;
        return report;
    }

    private Optional<String> takenAt() {
        return Optional.ofNullable(taken).map(stack -> Arrays.stream(stack.getStackTrace())
                .map(StackTraceElement::toString)
                .collect(Collectors.joining("\n")));
    }

    HolderSnapshot snapshot(String pluginId) {
        String statement = lastStatement;
        return new HolderSnapshot(pluginId, age(), statement == null ? "" : statement, takenAt());
    }

    /** Asked of a translated error, whose type the driver does not know any more. */
    @Override
    public boolean isIndeterminatePreparedStatementError(Throwable error) {
        return error instanceof DatabaseException refused
                && UNKNOWN_PARAMETER_TYPE.contains(String.valueOf(refused.getSqlState()));
    }

    @Override
    public boolean isValid() {
        return refusal == null && super.isValid();
    }
}
