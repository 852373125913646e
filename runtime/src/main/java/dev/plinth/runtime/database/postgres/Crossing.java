package dev.plinth.runtime.database.postgres;

import io.vertx.core.Completable;
import io.vertx.sqlclient.ClosedConnectionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What someone on another event loop wants of a connection: an answer from the connection's own or, where that one is blocked, the
 * word that none is to be waited for; whichever comes first. Any thread.
 */
final class Crossing<R> implements Completable<R> {

    private enum State {
        WAITING,
        BEGUN,
        OVER
    }

    private final AtomicReference<State> state;
    private final Completable<R> asker;
    private final Consumer<Crossing<?>> over;

    /**
     * @param movable whether the asker may go elsewhere before it is begun
     * @param over told, once, that there is nothing more to wait for
     */
    Crossing(Completable<R> asker, boolean movable, Consumer<Crossing<?>> over) {
        this.state = new AtomicReference<>(movable ? State.WAITING : State.BEGUN);
        this.asker = asker;
        this.over = over;
    }

    /** Done on the connection's event loop, unless the asker has gone elsewhere. */
    void begin(Consumer<Completable<R>> step) {
        if (state.compareAndSet(State.WAITING, State.BEGUN)) {
            step.accept(this);
        }
    }

    @Override
    public void complete(@Nullable R result, @Nullable Throwable error) {
        if (state.getAndSet(State.OVER) != State.OVER) {
            over.accept(this);
            asker.complete(result, error);
        }
    }

    /** What has not begun never will: its asker may go elsewhere. */
    void withdraw() {
        if (state.compareAndSet(State.WAITING, State.OVER)) {
            over.accept(this);
            asker.fail(new NotSentException());
        }
    }

    /** No answer is waited for any longer. */
    void giveUp() {
        withdraw();
        complete(null, ClosedConnectionException.INSTANCE);
    }

    /** Nothing was done. */
    static final class NotSentException extends RuntimeException {

        NotSentException() {
            super("the event loop of the connection is blocked", null, false, false);
        }
    }
}
