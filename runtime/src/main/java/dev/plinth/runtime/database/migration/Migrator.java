package dev.plinth.runtime.database.migration;

import dev.plinth.runtime.bus.DatabaseRequest;
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

    /** Applies what is pending. The caller closes the connection. */
    public Future<Void> migrate(SqlConnection connection, DatabaseRequest request, MigrationDialect dialect) {
        if (hasNone(request)) {
            return Future.succeededFuture();
        }
        return read(request, dialect)
                .compose(migrations -> dialect.historyTable(connection)
                        .map(table -> new Run(
                                vertx, policy, meter, connection, dialect, request.pluginId(), table, migrations)))
                .compose(Run::migrate);
    }

    /** Whether nothing is pending, as far as can be told without more ado. Changes nothing. The caller closes the connection. */
    public Future<Boolean> isUpToDate(SqlConnection connection, DatabaseRequest request, MigrationDialect dialect) {
        if (hasNone(request)) {
            return Future.succeededFuture(true);
        }
        return read(request, dialect).compose(migrations -> history(connection, request, dialect)
                .compose(History::read)
                .map(rows -> isUpToDate(request, MigrationPlan.of(migrations, rows))));
    }

    private static boolean hasNone(DatabaseRequest request) {
        return request.migrations().isEmpty() && request.javaMigrations().isEmpty();
    }

    private boolean isUpToDate(DatabaseRequest request, MigrationPlan plan) {
        if (!plan.pending().isEmpty()) {
            return false;
        }
        policy.check(request.pluginId(), plan);
        return true;
    }

    /** Where each migration stands. Changes nothing. The caller closes the connection. */
    public Future<List<MigrationStatus>> status(
            SqlConnection connection, DatabaseRequest request, MigrationDialect dialect) {
        return read(request, dialect).compose(migrations -> history(connection, request, dialect)
                .compose(History::read)
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
        return dialect.lock(connection, request.pluginId())
                .compose(locked -> read(request, dialect).compose(migrations -> history(connection, request, dialect)
                        .compose(history -> history.read()
                                .compose(rows -> repair(
                                        history,
                                        MigrationPlan.of(migrations, rows).changed())))
                        .eventually(() -> dialect.unlock(connection))));
    }

    private static Future<List<String>> repair(History history, List<Migration> changed) {
        Future<Void> repaired = Future.succeededFuture();
        for (Migration migration : changed) {
            repaired = repaired.compose(done -> history.repair(migration));
        }
        return repaired.map(changed.stream().map(Migration::source).toList());
    }

    private static Future<History> history(
            SqlConnection connection, DatabaseRequest request, MigrationDialect dialect) {
        return dialect.historyTable(connection)
                .map(table -> new History(connection, request.pluginId(), table, dialect.historyTypes()));
    }

    private static Future<List<Migration>> read(DatabaseRequest request, MigrationDialect dialect) {
        try {
            return Future.succeededFuture(new MigrationReader(request.pluginId(), dialect.dialect()).read(request));
        } catch (MigrationException e) {
            return Future.failedFuture(e);
        }
    }

    /** One plugin's migration over one connection. */
    private static final class Run {

        private final Vertx vertx;
        private final MigrationPolicy policy;
        private final MigrationDialect dialect;
        private final SqlConnection connection;
        private final String pluginId;
        private final List<Migration> migrations;
        private final History history;
        private final MigrationStep steps;

        Run(
                Vertx vertx,
                MigrationPolicy policy,
                MigrationMeter meter,
                SqlConnection connection,
                MigrationDialect dialect,
                String pluginId,
                String table,
                List<Migration> migrations) {
            this.vertx = vertx;
            this.policy = policy;
            this.dialect = dialect;
            this.connection = connection;
            this.pluginId = pluginId;
            this.migrations = migrations;
            this.history = new History(connection, pluginId, table, dialect.historyTypes());
            this.steps = new MigrationStep(connection, dialect, history, meter, pluginId);
        }

        /** Looks before it locks: most starts find nothing to do. */
        Future<Void> migrate() {
            return plan().compose(plan -> plan.pending().isEmpty() ? Future.succeededFuture() : migrateLocked());
        }

        private Future<Void> migrateLocked() {
            return dialect.lock(connection, pluginId)
                    .compose(locked -> history.ensureTable())
                    .compose(created -> plan())
                    .compose(plan -> applyAll(plan.pending()))
                    .compose(applied -> dialect.unlock(connection));
        }

        private Future<MigrationPlan> plan() {
            return history.read()
                    .map(rows -> MigrationPlan.of(migrations, rows))
                    .map(this::checked);
        }

        private MigrationPlan checked(MigrationPlan plan) {
            policy.check(pluginId, plan);
            return plan;
        }

        /** Tries as long as others hold what it needs; between two attempts they get their turn. */
        private Future<Void> applyAll(List<Step> pending) {
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
