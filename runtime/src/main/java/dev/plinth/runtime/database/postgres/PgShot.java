package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.pool.Slot;
import dev.plinth.runtime.database.pool.Use;
import io.vertx.core.Completable;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import io.vertx.sqlclient.internal.command.SimpleQueryCommand;
import org.jspecify.annotations.Nullable;

/** One statement outside a lease: takes a connection, runs, gives it back; once more when it certainly had no effect. */
final class PgShot<T> implements Completable<Slot<PgLink>> {

    private final PgSource source;
    private final ContextInternal caller;
    private final QueryCommandBase<T> command;
    private final Completable<Boolean> handler;
    private final SqlProfile profile;
    private final Use use;
    private final long since = System.nanoTime();
    private int attempts;
    /** Its write was refused before, as the server takes none. */
    private boolean refused;

    PgShot(PgSource source, ContextInternal caller, QueryCommandBase<T> command, Completable<Boolean> handler) {
        this.source = source;
        this.caller = caller;
        this.command = command;
        this.handler = handler;
        this.profile = source.profile(command.sql());
        this.use = use(source, command, profile);
    }

    /** A simple query cannot carry a binding with it, so it has a shared connection to itself. */
    private static Use use(PgSource source, QueryCommandBase<?> command, SqlProfile profile) {
        Use use = profile.use();
        boolean carries = source.binding() == null || !(command instanceof SimpleQueryCommand<?>);
        return use == Use.SHARED && !carries ? Use.OWN : use;
    }

    void start() {
        start(since);
    }

    private void start(long now) {
        Slot<PgLink> slot = source.take(use, caller, now);
        if (slot != null) {
            taken(slot.connection());
        } else {
            source.await(use, caller, since, this);
        }
    }

    @Override
    public void complete(Slot<PgLink> slot, @Nullable Throwable error) {
        if (error != null) {
            handler.fail(error);
        } else {
            source.meter().acquired(System.nanoTime() - since);
            taken(slot.connection());
        }
    }

    private void taken(PgLink link) {
        attempts++;
        Results<T> results = new Results<>(command.resultHandler());
        Completable<Boolean> done = (suspended, error) -> answered(link, results, suspended, error);
        if (link.isHere()) {
            link.query(source, command, results, done);
        } else {
            link.cross(done, told -> link.query(source, command, results, told));
        }
    }

    private void answered(PgLink link, Results<T> results, Boolean suspended, @Nullable Throwable error) {
        if (error == null) {
            profile.took(link.lastDuration());
            source.meter().used(link.lastDuration());
        }
        if (!link.isHere()) {
            source.giveBack(link, use, System.nanoTime()); // its event loop is blocked, and nobody uses it after
        } else if (!profile.traits().isClean()) {
            source.cleanAndGiveBack(link, use, profile.traits());
        } else {
            source.giveBack(link, use, link.lastAnswer());
        }
        if (error == null) {
            handler.complete(suspended, null);
        } else if (mayTryAgain(link, error, results)) {
            start(System.nanoTime());
        } else if (!refused && PgErrors.isReadOnly(error) && profile.traits().isClean() && !results.any()) {
            refused = true;
            var unused = source.isFailoverOver(link).onSuccess(over -> refused(over, error));
        } else {
            handler.fail(error);
        }
    }

    /** @param over whether a new connection takes writes, as after a failover */
    private void refused(boolean over, Throwable error) {
        if (over) {
            start(System.nanoTime());
        } else {
            handler.fail(error);
        }
    }

    private boolean mayTryAgain(PgLink link, Throwable error, Results<?> results) {
        return attempts < PgPoolOptions.ATTEMPTS
                && link.hadNoEffect(error, results, true, profile.traits().commitsInside());
    }
}
