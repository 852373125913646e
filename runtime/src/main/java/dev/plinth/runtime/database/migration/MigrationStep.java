package dev.plinth.runtime.database.migration;

import dev.plinth.runtime.database.migration.Migration.Code;
import dev.plinth.runtime.database.migration.Migration.Statements;
import dev.plinth.runtime.database.migration.MigrationDialect.Script;
import dev.plinth.runtime.database.migration.MigrationPlan.Step;
import dev.plinth.runtime.database.migration.SqlSplitter.Statement;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies single migrations over one connection, and puts them on record. */
final class MigrationStep {

    private static final Logger LOG = LoggerFactory.getLogger(MigrationStep.class);

    /** Table, object, column or schema exists already. */
    private static final Set<String> ALREADY_THERE = Set.of("42P07", "42710", "42701", "42P06");

    /** Connection lost, read-only server, out of resources, stopped by an operator, system error. */
    private static final Set<String> NOT_THE_AUTHORS = Set.of("08", "25006", "53", "57", "58");

    private static final String NOT_IN_A_TRANSACTION = "25001";
    private static final String DENIED = "42501";

    private final SqlConnection connection;
    private final MigrationDialect dialect;
    private final History history;
    private final MigrationMeter meter;
    private final String pluginId;

    MigrationStep(
            SqlConnection connection,
            MigrationDialect dialect,
            History history,
            MigrationMeter meter,
            String pluginId) {
        this.connection = connection;
        this.dialect = dialect;
        this.history = history;
        this.meter = meter;
        this.pluginId = pluginId;
    }

    Future<Void> apply(Step step) {
        long begin = System.nanoTime();
        Supplier<Long> elapsed =
                () -> Duration.ofNanos(System.nanoTime() - begin).toMillis();
        Future<Void> applied = apply(step, elapsed);
        applied.onComplete(done -> meter.add(pluginId, done.succeeded(), System.nanoTime() - begin));
        return applied.onSuccess(done -> LOG.info(
                "plugin '{}': applied migration {} in {} ms",
                pluginId,
                step.migration().source(),
                elapsed.get()));
    }

    private Future<Void> apply(Step step, Supplier<Long> elapsed) {
        if (!(step.migration().body() instanceof Statements statements)) {
            return applyInTransaction(step.migration(), elapsed);
        }
        if (!statements.transactional()) {
            return applyOneByOne(step, statements.list(), elapsed);
        }
        return dialect.script()
                .filter(script -> dialect.locks())
                .map(script -> applyByScript(script, step.migration(), elapsed))
                .orElseGet(() -> applyInTransaction(step.migration(), elapsed));
    }

    /** The same in few steps. Java is not run so, as its connection would not know of the transaction. */
    private Future<Void> applyByScript(Script script, Migration migration, Supplier<Long> elapsed) {
        return execute(script.begin() + "; " + history.writing(migration, Applied.DONE, script))
                .compose(begun -> run(migration))
                .compose(done -> execute(history.updating(migration, Applied.DONE, elapsed.get(), script) + "; COMMIT"))
                .recover(failure -> rollback(() -> execute("ROLLBACK"), failure));
    }

    private Future<Void> execute(String sql) {
        return connection.query(sql).execute().mapEmpty();
    }

    /** The row comes first: a second process that got here against all odds fails on it before it changes anything. */
    private Future<Void> applyInTransaction(Migration migration, Supplier<Long> elapsed) {
        return inTransaction(() -> dialect.enterTransaction(connection)
                .compose(ready -> isStillPending(migration))
                .compose(pending -> pending
                        ? history.write(migration, Applied.DONE)
                                .compose(written -> run(migration))
                                .compose(done -> history.update(migration, Applied.DONE, elapsed.get()))
                        : Future.succeededFuture()));
    }

    /** Where the lock is the transaction itself, another process may have been faster. */
    private Future<Boolean> isStillPending(Migration migration) {
        if (dialect.locks()) {
            return Future.succeededFuture(true);
        }
        return history.read().map(rows -> rows.stream()
                .noneMatch(row -> row.done()
                        && Objects.equals(row.version(), migration.version())
                        && row.name().equals(migration.name())
                        && row.checksum().equals(migration.checksum())));
    }

    private Future<Void> inTransaction(Supplier<Future<Void>> work) {
        return connection.begin().compose(transaction -> work.get()
                .compose(done -> transaction.commit(), failure -> rollback(transaction::rollback, failure)));
    }

    /** When not even a rollback is possible, the connection is lost, and that is the failure. */
    private static Future<Void> rollback(Supplier<Future<Void>> rollback, Throwable failure) {
        return rollback.get().transform(rolledBack -> {
            if (rolledBack.succeeded()) {
                return Future.failedFuture(failure);
            }
            Throwable lost = rolledBack.cause();
            lost.addSuppressed(failure);
            return Future.failedFuture(lost);
        });
    }

    private Future<Void> run(Migration migration) {
        return migration.body() instanceof Code code
                ? runJava(migration, code)
                : runFrom(migration, ((Statements) migration.body()).list(), 0);
    }

    private Future<Void> runFrom(Migration migration, List<Statement> statements, int index) {
        return index == statements.size()
                ? Future.succeededFuture()
                : execute(migration, statements.get(index)).compose(done -> runFrom(migration, statements, index + 1));
    }

    private Future<Void> execute(Migration migration, Statement statement) {
        return connection
                .query(statement.sql())
                .execute()
                .<Void>mapEmpty()
                .recover(failure -> Future.failedFuture(explain(migration, statement, failure)));
    }

    private Future<Void> runJava(Migration migration, Code code) {
        return Future.<Object>future(promise -> code.migration()
                        .migrate(connection, dialect.dialect())
                        .onComplete(result -> {
                            if (result.succeeded()) {
                                promise.complete();
                            } else {
                                promise.fail(result.cause());
                            }
                        }))
                .<Void>mapEmpty()
                .recover(failure -> Future.failedFuture(explainJava(migration, failure)));
    }

    /** Notes after each statement how far it is, so that a later run can go on there. */
    private Future<Void> applyOneByOne(Step step, List<Statement> statements, Supplier<Long> elapsed) {
        Future<Void> begun =
                step.resumed() ? Future.succeededFuture() : history.write(step.migration(), Applied.running(0));
        return begun.compose(ready -> runOneByOne(step, statements, step.statementsThrough(), elapsed))
                .compose(done -> history.update(step.migration(), Applied.DONE, elapsed.get()));
    }

    private Future<Void> runOneByOne(Step step, List<Statement> statements, int index, Supplier<Long> elapsed) {
        if (index >= statements.size()) {
            return Future.succeededFuture();
        }
        boolean maybeDone = step.resumed() && index == step.statementsThrough();
        Statement statement = statements.get(index);
        Future<Void> executed = dialect.beforeStatement(connection, statement.sql())
                .compose(ready -> maybeDone ? resume(step, statement) : execute(step.migration(), statement));
        return executed.compose(done -> history.update(step.migration(), Applied.running(index + 1), elapsed.get()))
                .compose(noted -> runOneByOne(step, statements, index + 1, elapsed));
    }

    /** The statement may have been done by the run that was cut off before it could say so. */
    private Future<Void> resume(Step step, Statement statement) {
        LOG.info(
                "plugin '{}': going on with migration {} at line {}",
                pluginId,
                step.migration().source(),
                statement.line());
        return dialect.beforeResume(connection, statement.sql())
                .compose(ready -> connection.query(statement.sql()).execute().<Void>mapEmpty())
                .recover(failure -> isAlreadyThere(failure)
                        ? Future.succeededFuture()
                        : Future.failedFuture(explain(step.migration(), statement, failure)));
    }

    private static boolean isAlreadyThere(Throwable failure) {
        return failure instanceof DatabaseException error && ALREADY_THERE.contains(error.getSqlState());
    }

    /** Names the file and line, unless the connection is what failed. */
    private Throwable explain(Migration migration, Statement statement, Throwable failure) {
        if (!isAuthorsConcern(failure)) {
            return failure;
        }
        DatabaseException error = (DatabaseException) failure;
        int line = dialect.position(error).stream()
                .map(statement::lineOf)
                .findFirst()
                .orElse(statement.line());
        return new MigrationException(
                pluginId,
                "migration " + migration.source() + " (" + migration.label() + ") failed in line " + line + ": "
                        + withoutPlugin(error) + "; " + remedy(migration, error),
                failure);
    }

    private String withoutPlugin(DatabaseException error) {
        String text = String.valueOf(error.getMessage());
        String prefix = "plugin '" + pluginId + "': ";
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private static String remedy(Migration migration, DatabaseException error) {
        if (!migration.transactional()) {
            return "the statements before it were kept: correct this one and start again, it goes on here";
        }
        return switch (String.valueOf(error.getSqlState())) {
            case NOT_IN_A_TRANSACTION -> "move it to a file of its own that begins with \"-- plinth: no-transaction\"";
            case DENIED -> "nothing of it was kept: grant the user what it lacks there";
            default -> "nothing of it was kept: correct the file and start again";
        };
    }

    private Throwable explainJava(Migration migration, Throwable failure) {
        if (failure instanceof DatabaseException && !isAuthorsConcern(failure)) {
            return failure;
        }
        return new MigrationException(
                pluginId,
                "migration " + migration.source() + " (" + migration.label() + ") failed: " + failure
                        + "; nothing of it was kept: correct it and start again",
                failure);
    }

    /** Whether the statement is to blame: not the connection, the server's resources, its operator or a held lock. */
    private boolean isAuthorsConcern(Throwable failure) {
        if (!(failure instanceof DatabaseException error) || dialect.isBusy(failure)) {
            return false;
        }
        String state = error.getSqlState();
        return state != null && NOT_THE_AUTHORS.stream().noneMatch(state::startsWith);
    }
}
