package dev.plinth.runtime.database.migration;

import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.database.migration.MigrationDialect.Place;
import dev.plinth.runtime.database.migration.MigrationPlan.Step;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings plugins' databases up to date. Any number of processes may do so at once: each migration is applied once. Works on the
 * context of the connection that it is given.
 *
 * <p>Fails with {@link MigrationException} when the plugin's author or operator has to act; with the database's own error when
 * the connection was lost, and then asking again is right.
 */
public final class Migrator {

    private static final Logger LOG = LoggerFactory.getLogger(Migrator.class);
    private static final Duration BUSY_PAUSE = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final MigrationPolicy policy;
    private final MigrationMeter meter = new MigrationMeter();

    public Migrator(Vertx vertx, MigrationPolicy policy) {
        this.vertx = vertx;
        this.policy = policy;
    }

    /** What was applied so far. */
    public MigrationMeter meter() {
        return meter;
    }

    /**
     * Applies what is pending.
     *
     * @return whether it locked, as something was pending; the caller closes the connection, which ends the lock
     */
    public Future<Boolean> migrate(SqlConnection connection, DatabaseRequest request, MigrationDialect dialect) {
        if (request.migrations().isEmpty() && request.javaMigrations().isEmpty()) {
            return Future.succeededFuture(false);
        }
        return read(request, dialect).compose(migrations -> migrate(connection, request, dialect, migrations));
    }

    /** Looks before it locks: most starts find nothing to do. */
    private Future<Boolean> migrate(
            SqlConnection connection, DatabaseRequest request, MigrationDialect dialect, List<Migration> migrations) {
        return dialect.place(connection).compose(place -> read(connection, request, dialect, place)
                .map(rows -> plan(request, migrations, rows))
                .compose(plan -> plan.pending().isEmpty()
                        ? Future.succeededFuture(false)
                        : migrateLocked(connection, request, dialect, place, migrations)
                                .map(true)));
    }

    private static Future<List<Applied>> read(
            SqlConnection connection, DatabaseRequest request, MigrationDialect dialect, Place place) {
        return place.mayHaveHistory()
                ? new History(connection, request.pluginId(), place, dialect).read()
                : Future.succeededFuture(List.of());
    }

    private Future<Void> migrateLocked(
            SqlConnection connection,
            DatabaseRequest request,
            MigrationDialect dialect,
            Place place,
            List<Migration> migrations) {
        History history = new History(connection, request.pluginId(), place, dialect);
        MigrationStep steps = new MigrationStep(connection, dialect, history, meter, request.pluginId());
        Run run = new Run(vertx, dialect, request.pluginId(), migrations, history, steps);
        return dialect.lock(connection, request.pluginId(), place)
                .compose(locked -> history.readOrCreate())
                .map(rows -> plan(request, migrations, rows))
                .compose(plan -> run.applyAll(plan.pending()));
    }

    private MigrationPlan plan(DatabaseRequest request, List<Migration> migrations, List<Applied> rows) {
        MigrationPlan plan = MigrationPlan.of(migrations, rows);
        policy.check(request.pluginId(), plan);
        return plan;
    }

    /** Where each migration stands. Changes nothing. The caller closes the connection. */
    public Future<List<MigrationStatus>> status(
            SqlConnection connection, DatabaseRequest request, MigrationDialect dialect) {
        return read(request, dialect).compose(migrations -> dialect.place(connection)
                .compose(place -> read(connection, request, dialect, place))
                .map(rows -> new StatusReport(migrations, rows).lines()));
    }

    /** What a database that does not exist yet will get. */
    public Future<List<MigrationStatus>> statusOfNothing(DatabaseRequest request, MigrationDialect dialect) {
        return read(request, dialect).map(migrations -> new StatusReport(migrations, List.of()).lines());
    }

    /**
     * Accepts the text that changed migrations have now, without running it. The caller closes the connection.
     *
     * @return the files whose text was accepted
     */
    public Future<List<String>> repair(SqlConnection connection, DatabaseRequest request, MigrationDialect dialect) {
        return read(request, dialect).compose(migrations -> dialect.place(connection)
                .compose(place -> dialect.lock(connection, request.pluginId(), place)
                        .compose(locked ->
                                repair(new History(connection, request.pluginId(), place, dialect), migrations))));
    }

    private static Future<List<String>> repair(History history, List<Migration> migrations) {
        return history.read()
                .compose(rows ->
                        accept(history, MigrationPlan.of(migrations, rows).changed()));
    }

    private static Future<List<String>> accept(History history, List<Migration> changed) {
        Future<Void> repaired = Future.succeededFuture();
        for (Migration migration : changed) {
            repaired = repaired.compose(done -> history.repair(migration));
        }
        return repaired.map(changed.stream().map(Migration::source).toList());
    }

    private static Future<List<Migration>> read(DatabaseRequest request, MigrationDialect dialect) {
        try {
            return Future.succeededFuture(new MigrationReader(request.pluginId(), dialect.dialect()).read(request));
        } catch (MigrationException e) {
            return Future.failedFuture(e);
        }
    }

    /** What is pending of one plugin, applied under its lock. */
    private record Run(
            Vertx vertx,
            MigrationDialect dialect,
            String pluginId,
            List<Migration> migrations,
            History history,
            MigrationStep steps) {

        /** Tries as long as others hold what it needs; between two attempts they get their turn. */
        Future<Void> applyAll(List<Step> pending) {
            return applyFrom(pending, 0)
                    .recover(failure -> dialect.isBusy(failure)
                            ? vertx.timer(BUSY_PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                                    .compose(passed -> applyTheRest())
                            : Future.failedFuture(failure));
        }

        /** One without a transaction may have got half-way: the history knows. */
        private Future<Void> applyTheRest() {
            return history.read()
                    .compose(rows -> applyAll(MigrationPlan.of(migrations, rows).pending()));
        }

        private Future<Void> applyFrom(List<Step> pending, int index) {
            return index == pending.size()
                    ? Future.succeededFuture()
                    : apply(pending.get(index)).compose(applied -> applyFrom(pending, index + 1));
        }

        private Future<Void> apply(Step step) {
            return steps.apply(step).onFailure(failure -> {
                if (dialect.isBusy(failure)) {
                    LOG.info(
                            "plugin '{}': migration {} waits for others that use its tables; trying again",
                            pluginId,
                            step.migration().source());
                }
            });
        }
    }
}
