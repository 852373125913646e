package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.pool.Slot;
import dev.plinth.runtime.database.pool.Use;
import io.vertx.core.Completable;
import io.vertx.core.internal.ContextInternal;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * One who asks for a connection to itself: takes one and binds it. One that turns out to be dead while it is bound is replaced:
 * nothing of the borrower's was sent.
 */
final class PgBorrowing implements Completable<Slot<PgLink>> {

    private final PgSource source;
    private final ContextInternal caller;
    private final Completable<PgLease> handler;
    private long since;
    private long now;
    private boolean waited;
    private int attempts;

    PgBorrowing(PgSource source, ContextInternal caller, Completable<PgLease> handler) {
        this(source, caller, 0, handler);
    }

    /** @param attempts connections that were taken before, and turned out to be dead */
    PgBorrowing(PgSource source, ContextInternal caller, int attempts, Completable<PgLease> handler) {
        this.source = source;
        this.caller = caller;
        this.attempts = attempts;
        this.handler = handler;
        this.now = source.now(caller);
        this.since = now;
    }

    void start() {
        Slot<PgLink> slot = source.take(Use.OWN, caller, now);
        if (slot != null) {
            taken(slot.connection());
        } else {
            // Whether it waits for too long is counted exactly: the turn may have begun long ago.
            since = waited ? since : System.nanoTime();
            waited = true;
            source.await(Use.OWN, caller, since, this);
        }
    }

    @Override
    public void complete(Slot<PgLink> slot, @Nullable Throwable error) {
        if (error != null) {
            handler.fail(error);
        } else {
            now = System.nanoTime();
            source.meter().acquired(now - since);
            taken(slot.connection());
        }
    }

    private void taken(PgLink link) {
        attempts++;
        Completable<Void> bound = (nothing, error) -> bound(link, error);
        if (link.isHere()) {
            bind(link, bound);
        } else {
            link.cross(bound, told -> bind(link, told));
        }
    }

    private void bind(PgLink link, Completable<Void> bound) {
        if (link.isClosed()) {
            bound.fail(new ConnectFailure(new ClosedChannelException()));
        } else if (link.isBoundTo(source)) {
            bound.succeed();
        } else {
            link.bind(source).onComplete(bound);
        }
    }

    private void bound(PgLink link, @Nullable Throwable error) {
        if (error == null) {
            handler.succeed(new PgLease(link, source, now, attempts));
        } else {
            failed(link, error);
        }
    }

    private void failed(PgLink link, Throwable error) {
        link.discard();
        now = System.nanoTime();
        source.giveBack(link, Use.OWN, now);
        if (attempts < PgPoolOptions.ATTEMPTS) {
            start();
        } else {
            handler.fail(error);
        }
    }
}
