package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A login that is begun before its plugin asks for it: the first one of a process takes many times as long as the next ones, and a
 * start has other things to do meanwhile. Whoever takes it has it for its own, failed or not. Any thread.
 */
final class EarlyLogin {

    /** Longer than a start takes to come to its plugins; the server would end a silent session later than that. */
    private static final Duration KEPT = Duration.ofSeconds(5);

    private final Vertx vertx;
    private @Nullable Begun begun;

    EarlyLogin(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Not a record: each login is one of its own. */
    private static final class Begun {

        private final PostgresSettings settings;
        private final Promise<Void> abandoned;
        private final Future<PgDialer.Line> line;

        Begun(PostgresSettings settings, Promise<Void> abandoned, Future<PgDialer.Line> line) {
            this.settings = settings;
            this.abandoned = abandoned;
            this.line = line;
        }

        boolean leadsTo(PostgresSettings wanted) {
            return settings.pluginId().equals(wanted.pluginId())
                    && settings.location().equals(wanted.location());
        }

        /** At once, should it be on its way still. */
        Future<Void> close() {
            abandoned.tryComplete();
            return line.compose(open ->
                            Dedicated.wrap(open.context(), settings, open).close())
                    .otherwiseEmpty();
        }
    }

    /**
     * In place of an earlier one.
     *
     * @param dial begins it, for as long as the future that it is given does not complete
     */
    synchronized void keep(PostgresSettings settings, Function<Future<Void>, Future<PgDialer.Line>> dial) {
        var unused = close();
        Promise<Void> abandoned = Promise.promise();
        Begun kept = new Begun(settings, abandoned, dial.apply(abandoned.future()));
        begun = kept;
        vertx.setTimer(KEPT.toMillis(), id -> closeUnlessTaken(kept));
    }

    /** The plugin's, to the place where its database is now; empty for all others, and once it was taken. */
    synchronized Optional<Future<PgDialer.Line>> take(PostgresSettings settings) {
        Begun kept = begun;
        if (kept == null || !kept.leadsTo(settings)) {
            return Optional.empty();
        }
        begun = null;
        return Optional.of(kept.line);
    }

    private synchronized void closeUnlessTaken(Begun kept) {
        if (begun == kept) {
            var unused = close();
        }
    }

    /** Completes when none is open or on its way; never fails. */
    synchronized Future<Void> close() {
        Begun last = begun;
        begun = null;
        return last == null ? Future.succeededFuture() : last.close();
    }
}
