package dev.plinth.runtime.database.pool;

import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A lent connection as its borrower has it: refuses work once it was given back or taken back, and translates errors. Any
 * thread.
 */
public final class GuardedConnection extends ForwardingConnection {

    /** The server could not tell a parameter's type: the driver prepares once more, with the types of the values. */
    private static final Set<String> UNKNOWN_PARAMETER_TYPE = Set.of("42P18", "42804", "42P08");

    private final Consumer<CommandBase<?>> onCommand;
    private final UnaryOperator<Throwable> translate;
    private final Runnable onReturn;
    private final Promise<Void> returned = Promise.promise();
    private final long since = System.nanoTime();
    private final @Nullable Throwable taken;
    private volatile boolean reported;
    private volatile @Nullable Holder holder;
    private volatile @Nullable Supplier<Throwable> refusal;
    private volatile @Nullable String lastStatement;

    /**
     * @param onCommand told what the borrower asks for
     * @param translate turns the driver's errors into the plugin's
     * @param onReturn called once, when the borrower or the runtime gives the connection back
     */
    public GuardedConnection(
            Connection connection,
            Consumer<CommandBase<?>> onCommand,
            UnaryOperator<Throwable> translate,
            Runnable onReturn) {
        this(connection, onCommand, translate, onReturn, null);
    }

    /** @param taken by its stack, where the connection was taken; null when that is not known */
    GuardedConnection(
            Connection connection,
            Consumer<CommandBase<?>> onCommand,
            UnaryOperator<Throwable> translate,
            Runnable onReturn,
            @Nullable Throwable taken) {
        super(connection);
        this.taken = taken;
        this.onCommand = onCommand;
        this.translate = translate;
        this.onReturn = onReturn;
    }

    @Override
    public <R> void schedule(CommandBase<R> command, Completable<R> handler) {
        Supplier<Throwable> refused = refusal;
        if (refused != null) {
            handler.fail(refused.get());
            return;
        }
        if (EmptyStatement.is(command)) {
            handler.fail(translate.apply(EmptyStatement.refusal()));
            return;
        }
        if (command instanceof QueryCommandBase<?> query) {
            lastStatement = query.sql();
        }
        onCommand.accept(command);
        super.schedule(
                command, (result, error) -> handler.complete(result, error == null ? null : translate.apply(error)));
    }

    /** Takes the connection back from its borrower, whose further work fails as given. */
    Future<Void> takeBack(Supplier<Throwable> reason) {
        if (refuse(reason)) {
            giveBack();
        }
        return returned.future();
    }

    @Override
    public void close(Holder holder, Completable<Void> done) {
        if (refuse(() -> new IllegalStateException(
                "this connection was given back to the pool; take another with getConnection()"))) {
            giveBack();
        }
        returned.future().onComplete(done);
    }

    private synchronized boolean refuse(Supplier<Throwable> reason) {
        if (refusal != null) {
            return false;
        }
        refusal = reason;
        return true;
    }

    private void giveBack() {
        onReturn.run();
        super.close(Objects.requireNonNull(holder), returned);
    }

    @Override
    public void init(Holder holder) {
        this.holder = holder;
        super.init(holder);
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
