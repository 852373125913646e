package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.StatementException;
import io.vertx.core.VertxException;
import io.vertx.sqlclient.TransactionRollbackException;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.internal.command.CloseCursorCommand;
import io.vertx.sqlclient.internal.command.ExtendedQueryCommand;
import io.vertx.sqlclient.internal.command.PrepareStatementCommand;
import io.vertx.sqlclient.internal.command.TxCommand;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** Does what a job asks for. Used only by the thread that runs the database. */
final class JobRunner {

    private final String location;
    private final LazyConnections connections;
    private final WriteSide writeSide;
    private boolean closedForGood;

    JobRunner(String location, LazyConnections connections, WriteSide writeSide) {
        this.location = location;
        this.connections = connections;
        this.writeSide = writeSide;
    }

    boolean isClosedForGood() {
        return closedForGood;
    }

    /** The outcome becomes the job's. */
    void run(Job job) {
        try {
            perform(job);
        } catch (SQLException e) {
            failed(job, connections.translate(e));
        } catch (RuntimeException | Error e) {
            // Whatever it is, whoever waits for this job must hear of it.
            failed(job, e);
        }
        if (job.oneShot && writeSide.isHeldBy(job.session)) {
            writeSide.rollback(job);
        }
    }

    private void perform(Job job) throws SQLException {
        SessionState session = job.session;
        if (closedForGood && (job.isQuery() || job.command instanceof TxCommand<?>)) {
            // A transaction that was cut off must not seem to commit, nor go on outside of one.
            throw closed(job);
        }
        if (job.command instanceof TxCommand<?> transaction) {
            control(job, transaction);
        } else if (job.command instanceof PrepareStatementCommand prepare) {
            job.succeed(prepared(job, prepare.sql(), connections.main()));
        } else if (job.command instanceof CloseCursorCommand close) {
            session.cursors.remove(close.id());
        } else if (job.command instanceof CloseSessionCommand) {
            closeSession(job);
        } else if (job.command instanceof CloseDatabaseCommand close) {
            closeDatabase(close);
        } else if (job.command instanceof BackupCommand backup) {
            connections.main().execute(BackupFile.statement(backup.file()));
        } else if (job.command instanceof ExtendedQueryCommand<?> query && query.isSuspended()) {
            refuseIfAborted(job.session);
            Cursors.fetchMore(job, query);
        } else if (job.isQuery()) {
            query(job);
        }
    }

    /** Nothing will run any more. Any thread. */
    DatabaseUnavailableException closed(Job job) {
        return new DatabaseUnavailableException(
                "plugin '" + job.session.pluginId + "': " + location + " is closed, as the runtime stops");
    }

    private SqlitePreparedStatement prepared(Job job, String sql, NativeConnection main) throws SQLException {
        List<SqlStatement> statements = job.statements;
        if (statements.isEmpty()) {
            return new SqlitePreparedStatement(sql, List.of(), null);
        }
        SqlStatement statement = statements.get(0);
        refuseIfAborted(job.session, statement);
        return statement.kind().isTransactionControl()
                ? new SqlitePreparedStatement(sql, List.of(), null)
                : main.describe(sql, statement);
    }

    private void query(Job job) throws SQLException {
        NativeConnection connection =
                writeSide.isHeldByAnother(job.session) ? connections.beside() : connections.main();
        if (needsTransaction(job)) {
            runInTransaction(job, connection);
        } else {
            runStatements(job, connection);
        }
        if (job.statements.isEmpty()) {
            job.add(StatementResult.NONE);
        }
    }

    /** Several statements, the sets of a batch, and the steps of a definition succeed or fail together, as on PostgreSQL. */
    private boolean needsTransaction(Job job) {
        return !writeSide.isHeldBy(job.session)
                && (!job.isOneStatement() || job.has(SqlStatement.Kind.DEFINITION))
                && !job.statements.isEmpty()
                && !job.hasTransactionControl()
                && !job.has(SqlStatement.Kind.STANDALONE);
    }

    private void runInTransaction(Job job, NativeConnection connection) throws SQLException {
        connection.execute(job.onlyReads() ? "BEGIN" : "BEGIN IMMEDIATE");
        runStatements(job, connection);
        if (job.hasFailed()) {
            connection.rollback();
            writeSide.forgetChangedTables();
            return;
        }
        try {
            connection.execute("COMMIT");
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        }
    }

    /** Stops at the first failure, which becomes the job's. */
    void runStatements(Job job, NativeConnection connection) {
        if (writeSide.isHeldBy(job.session)) {
            connection.keepTime();
        } else {
            connection.forgetTime();
        }
        try {
            job.checkArguments();
            for (SqlStatement statement : job.statements) {
                for (Tuple arguments : job.argumentSets()) {
                    StatementResult result = runStatement(job, statement, arguments, connection);
                    if (!statement.prelude()) {
                        job.add(result);
                    }
                }
            }
            Cursors.open(job, writeSide.isHeldBy(job.session));
        } catch (SQLException e) {
            failed(job, connections.translate(e));
        } catch (RuntimeException e) {
            refused(job, e);
        }
    }

    /** What the client of PostgreSQL would not even have sent does not abort a transaction. */
    private void refused(Job job, RuntimeException error) {
        RuntimeException told = error instanceof WrongTypeException wrong ? wrong.refusal() : error;
        boolean isSent = told == error ? error.getClass() != VertxException.class : !job.isOneStatement();
        if (isSent) {
            failed(job, told);
        } else {
            job.fail(told);
        }
    }

    void failed(Job job, Throwable error) {
        if (writeSide.isHeldBy(job.session)) {
            job.session.failed = true;
            job.session.doomed = job.session.begunByClient;
        }
        job.fail(error);
    }

    private StatementResult runStatement(Job job, SqlStatement statement, Tuple arguments, NativeConnection connection)
            throws SQLException {
        if (statement.kind().isTransactionControl()) {
            controlByText(job, statement.kind());
            return StatementResult.NONE;
        }
        refuseIfAborted(job.session, statement);
        refuseOutsideTransaction(job, statement);
        StatementResult result = connection.run(statement, arguments);
        afterwards(job.session, statement.kind());
        return result;
    }

    private void refuseIfAborted(SessionState session, SqlStatement statement) {
        if (!statement.kind().isTransactionControl() && statement.kind() != SqlStatement.Kind.ROLLBACK_TO) {
            refuseIfAborted(session);
        }
    }

    private void refuseIfAborted(SessionState session) {
        if (writeSide.isAborted(session)) {
            throw new StatementException(
                    "current transaction is aborted, commands ignored until end of transaction block",
                    0,
                    "25P02",
                    null,
                    null,
                    null);
        }
    }

    private void refuseOutsideTransaction(Job job, SqlStatement statement) {
        boolean inside = statement.kind() == SqlStatement.Kind.SAVEPOINT
                || statement.kind() == SqlStatement.Kind.ROLLBACK_TO
                || statement.tokens().get(0).isWord("lock");
        if (inside && !writeSide.isHeldBy(job.session) && !needsTransaction(job)) {
            String what = statement.tokens().get(0).text().toUpperCase(Locale.ROOT);
            throw Refusal.of(what + " can only be used in transaction blocks", "25P01");
        }
    }

    private void afterwards(SessionState session, SqlStatement.Kind kind) throws SQLException {
        if (kind == SqlStatement.Kind.ROLLBACK_TO) {
            session.failed = false;
        } else if (kind == SqlStatement.Kind.DEFINITION || kind == SqlStatement.Kind.STANDALONE) {
            writeSide.tablesChanged();
        }
    }

    private void control(Job job, TxCommand<?> transaction) throws SQLException {
        switch (transaction.kind) {
            case BEGIN -> {
                writeSide.begin(job.session);
                job.session.begunByClient = true;
                // PostgreSQL hears of it with the first statement.
                connections.main().forgetTime();
            }
            case COMMIT -> {
                if (writeSide.isDoomed(job.session)) {
                    writeSide.rollback(job);
                    throw TransactionRollbackException.INSTANCE;
                }
                writeSide.commit(job);
            }
            case ROLLBACK -> writeSide.rollback(job);
        }
        if (!job.hasFailed()) {
            job.succeed(transaction.result);
        }
    }

    private void controlByText(Job job, SqlStatement.Kind kind) throws SQLException {
        switch (kind) {
            case BEGIN -> {
                writeSide.begin(job.session);
                connections.main().keepTime();
            }
            case COMMIT -> {
                if (writeSide.isAborted(job.session)) {
                    writeSide.rollback(job);
                } else {
                    writeSide.commit(job);
                }
            }
            default -> writeSide.rollback(job);
        }
    }

    private void closeSession(Job job) {
        writeSide.rollback(job);
        job.session.cursors.clear();
    }

    private void closeDatabase(CloseDatabaseCommand close) throws SQLException {
        closedForGood |= close.isForGood();
        try {
            connections.close();
        } finally {
            writeSide.drop();
        }
    }
}
