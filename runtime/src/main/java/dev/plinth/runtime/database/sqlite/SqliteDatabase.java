package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.plugin.StatementException;
import io.netty.channel.EventLoop;
import io.vertx.core.VertxException;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.TransactionRollbackException;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.internal.command.CloseCursorCommand;
import io.vertx.sqlclient.internal.command.ExtendedQueryCommand;
import io.vertx.sqlclient.internal.command.PrepareStatementCommand;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import io.vertx.sqlclient.internal.command.TxCommand;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One database, in a file or in memory, and all that is done to it, by one thread at a time.
 *
 * <p>Jobs come from any thread and run in the order of their coming. Writes outside transactions that are queued together are
 * committed together, and acknowledged after that. A transaction has the database's write side for itself: what other sessions
 * write waits until it has ended; what they read, in a file, reads the last committed state on a second connection.
 */
final class SqliteDatabase implements Runnable {

    /** One that writes, and one that reads beside it. */
    static final int MOST_CONNECTIONS = 2;

    private static final int MOST_JOBS_AT_ONCE = 512;
    private static final int KEPT_TEXTS = 512;

    /** How long a thread stays after the last job, as waking another one takes longer than most statements. */
    private static final long LINGER_NANOS = 50_000;

    /** How often a file that is only read is looked for. */
    private static final long CHECK_NANOS = 100_000_000;

    /** How long a thread serves one database while others wait for a thread. */
    private static final long TURN_NANOS = 5_000_000;

    private final String location;
    private final Opener opener;
    private final DatabaseThreads threads;
    private final Queue<Job> incoming = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile boolean someoneGaveUp;
    private volatile int openConnections;
    private volatile int waitingJobs;

    // What follows is used only by the thread that runs this database.
    private final Map<String, List<SqlStatement>> texts = new LinkedHashMap<>(64, 0.75f, true);
    private final Deque<Job> waiting = new ArrayDeque<>();
    private final List<Job> group = new ArrayList<>();
    private final List<Job> completed = new ArrayList<>();
    private @Nullable Connections connections;
    private @Nullable SessionState holder;
    private long heldSince;
    private boolean tablesChanged;
    private boolean reopen;
    private boolean closedForGood;
    private boolean waking;
    private long lastChecked;

    /** Opens the physical connections of a database. */
    interface Opener {

        Connections open();

        /** What a failure of the file or its disk means to the plugin. */
        DatabaseUnavailableException unavailable(SQLException error);
    }

    /** The physical connections of a database that is open. */
    interface Connections {

        NativeConnection main();

        /** A connection that reads the last committed state while {@link #main} is in a transaction; null in memory. */
        @Nullable
        NativeConnection reader() throws SQLException;

        int count();

        /** Whether the file is still the one that was opened; fails when it is gone. */
        void checkFile();

        void close() throws SQLException, IOException;
    }

    SqliteDatabase(String location, Opener opener, DatabaseThreads threads) {
        this.location = location;
        this.opener = opener;
        this.threads = threads;
    }

    /** Any thread. The job is completed on its own context. */
    void submit(Job job) {
        incoming.add(job);
        schedule();
    }

    int openConnections() {
        return openConnections;
    }

    /** Jobs that wait for the transaction of another session. */
    int waiting() {
        return waitingJobs;
    }

    private void schedule() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            try {
                threads.execute(this);
            } catch (RejectedExecutionException e) {
                refuseAll();
            }
        }
    }

    /** The threads have ended, and the connector with them: nothing will run any more. */
    private void refuseAll() {
        Job job = incoming.poll();
        while (job != null) {
            job.fail(closed(job));
            job.context().emit(job, Job::complete);
            job = incoming.poll();
        }
        scheduled.set(false);
    }

    private DatabaseUnavailableException closed(Job job) {
        return new DatabaseUnavailableException(
                "plugin '" + job.session.pluginId + "': " + location + " is closed, as the runtime stops");
    }

    @Override
    public void run() {
        long turnEnds = System.nanoTime() + TURN_NANOS;
        try {
            do {
                serve();
            } while (hasMore() && (!threads.isContended() || System.nanoTime() < turnEnds));
        } finally {
            scheduled.set(false);
            if (hasWork()) {
                schedule();
            }
        }
    }

    private boolean hasWork() {
        return !incoming.isEmpty() || someoneGaveUp;
    }

    private boolean hasMore() {
        long until = System.nanoTime() + LINGER_NANOS;
        while (!hasWork()) {
            if (System.nanoTime() - until > 0 || threads.isContended()) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    private void serve() {
        if (someoneGaveUp) {
            someoneGaveUp = false;
            failThoseWhoWaitedTooLong();
        }
        for (int i = 0; i < MOST_JOBS_AT_ONCE; i++) {
            Job job = incoming.poll();
            if (job == null) {
                break;
            }
            take(job);
        }
        runGroup();
        checkFile();
        closeIfBroken();
        deliver();
    }

    /** Fails what was written into a file that is no longer there: it would not be found again. */
    private void checkFile() {
        boolean wrote = completed.stream().anyMatch(job -> !job.hasFailed() && job.mayHaveWritten());
        long now = System.nanoTime();
        Connections open = connections;
        if (open == null || (!wrote && now - lastChecked < CHECK_NANOS)) {
            return;
        }
        lastChecked = now;
        try {
            open.checkFile();
        } catch (DatabaseUnavailableException e) {
            reopen = true;
            completed.stream().filter(job -> !job.hasFailed()).forEach(job -> job.fail(e));
        }
    }

    private void closeIfBroken() {
        if (!reopen || holder != null) {
            return;
        }
        reopen = false;
        try {
            close();
        } catch (SQLException e) {
            // It was broken before: what it had to say was said to those who used it.
            connections = null;
        }
    }

    private void take(Job job) {
        try {
            job.statements = statements(job);
        } catch (RuntimeException | Error e) {
            // Whatever it is, whoever waits for this job must hear of it.
            statementFailed(job, e);
            completed.add(job);
            return;
        }
        if (job.command instanceof CloseSessionCommand) {
            dropWaiting(job.session);
        }
        if (job.session.waiting > 0 || mustWait(job)) {
            await(job);
        } else {
            admit(job);
        }
    }

    private List<SqlStatement> statements(Job job) {
        if (job.command instanceof QueryCommandBase<?> query) {
            List<SqlStatement> statements = parse(query.sql());
            if (query instanceof ExtendedQueryCommand<?>) {
                refuseSeveral(statements);
            }
            return statements;
        }
        if (job.command instanceof PrepareStatementCommand prepare) {
            List<SqlStatement> statements = parse(prepare.sql());
            refuseSeveral(statements);
            return statements;
        }
        return List.of();
    }

    private List<SqlStatement> parse(String sql) {
        List<SqlStatement> kept = texts.get(sql);
        if (kept != null) {
            return kept;
        }
        List<SqlStatement> statements = SqlRewriter.rewrite(sql);
        texts.put(sql, statements);
        if (texts.size() > KEPT_TEXTS) {
            texts.remove(texts.keySet().iterator().next());
        }
        return statements;
    }

    private static void refuseSeveral(List<SqlStatement> statements) {
        if (statements.stream().filter(statement -> !statement.prelude()).count() > 1) {
            throw new StatementException(
                    "cannot insert multiple commands into a prepared statement", 0, "42601", null, null, null);
        }
    }

    /** Whether another session's transaction stands in this job's way. */
    private boolean mustWait(Job job) {
        if (holder == null || holder == job.session) {
            return false;
        }
        if (job.command instanceof TxCommand<?> transaction) {
            return transaction.kind == TxCommand.Kind.BEGIN;
        }
        if (job.command instanceof BackupCommand) {
            return true;
        }
        return job.isQuery() && !(job.onlyReads() && canReadBeside());
    }

    private boolean canReadBeside() {
        try {
            return connections != null && connections.reader() != null;
        } catch (SQLException e) {
            return false;
        }
    }

    private void await(Job job) {
        waiting.add(job);
        job.startWaiting(System.nanoTime(), threads.after(job.patience, this::lookForThoseWhoGaveUp));
    }

    private void lookForThoseWhoGaveUp() {
        someoneGaveUp = true;
        schedule();
    }

    private void failThoseWhoWaitedTooLong() {
        long now = System.nanoTime();
        List<Job> gaveUp =
                waiting.stream().filter(job -> job.hasWaitedTooLong(now)).toList();
        for (Job job : gaveUp) {
            job.stopWaiting();
            failed(job, gaveUp(job, now));
        }
        waiting.removeAll(gaveUp);
    }

    /** Who gives a session up waits no longer for what it has asked of it. */
    private void dropWaiting(SessionState session) {
        List<Job> dropped =
                waiting.stream().filter(job -> job.session == session).toList();
        for (Job job : dropped) {
            job.stopWaiting();
            failed(job, ClosedConnectionException.INSTANCE);
        }
        waiting.removeAll(dropped);
    }

    private PoolExhaustedException gaveUp(Job job, long now) {
        String held = holder == null
                ? "others were served first"
                : "a transaction of plugin '" + holder.pluginId + "' has held it for "
                        + Duration.ofNanos(now - heldSince).toMillis() + " ms";
        return new PoolExhaustedException("plugin '" + job.session.pluginId + "': " + location
                + " was not free within " + job.patience.toMillis() + " ms (" + held + ", waiting " + waiting.size()
                + "); end transactions soon, use the transaction's own connection inside it, or raise"
                + " backend.database.knexConfig.pool.acquireTimeoutMillis");
    }

    /** Takes up again what waited for the transaction that has ended, in the order of its coming. */
    private void wake() {
        if (waking) {
            return; // The loop below goes on with it.
        }
        waking = true;
        Job next = nextToWake();
        while (next != null) {
            next.stopWaiting();
            admit(next);
            next = nextToWake();
        }
        waking = false;
    }

    private @Nullable Job nextToWake() {
        if (holder == null) {
            return waiting.poll();
        }
        if (holder.waiting == 0) {
            return null;
        }
        SessionState session = holder;
        Job next = waiting.stream()
                .filter(job -> job.session == session)
                .findFirst()
                .orElseThrow();
        waiting.remove(next);
        return next;
    }

    private void admit(Job job) {
        if (isGroupable(job)) {
            group.add(job);
        } else {
            runGroup();
            runAlone(job);
        }
    }

    private boolean isGroupable(Job job) {
        return job.isQuery()
                && !closedForGood
                && holder == null
                && !job.statements.isEmpty()
                && job.statements.stream().allMatch(SqliteDatabase::isGroupable);
    }

    private static boolean isGroupable(SqlStatement statement) {
        return statement.atomic()
                && (statement.kind() == SqlStatement.Kind.READ || statement.kind() == SqlStatement.Kind.WRITE);
    }

    /** Runs what came together in one transaction; should that fall apart, each for itself. */
    private void runGroup() {
        if (group.isEmpty()) {
            return;
        }
        List<Job> jobs = List.copyOf(group);
        group.clear();
        if (jobs.size() == 1 || !runTogether(jobs)) {
            for (Job job : jobs) {
                job.reset();
                runAlone(job);
            }
        } else {
            completed.addAll(jobs);
        }
    }

    private boolean runTogether(List<Job> jobs) {
        try {
            NativeConnection main = open().main();
            try {
                main.execute(jobs.stream().allMatch(Job::onlyReads) ? "BEGIN" : "BEGIN IMMEDIATE");
                main.execute("SAVEPOINT job");
                for (Job job : jobs) {
                    runInGroup(job, main);
                }
                main.execute("COMMIT");
                return true;
            } catch (SQLException e) {
                main.rollback();
                return false;
            }
        } catch (SQLException | DatabaseUnavailableException e) {
            return false;
        }
    }

    /**
     * Runs a job so that its failure leaves the others alone: SQLite itself undoes a single statement that fails, and a savepoint
     * the several of one job. Fails when SQLite has given up the whole transaction, and the savepoint with it.
     */
    private void runInGroup(Job job, NativeConnection main) throws SQLException {
        boolean several = !job.isOneStatement();
        if (several) {
            renewSavepoint(main);
        }
        runStatements(job, main);
        if (job.hasFailed()) {
            if (several) {
                main.execute("ROLLBACK TO job");
            } else {
                renewSavepoint(main);
            }
        }
    }

    private static void renewSavepoint(NativeConnection main) throws SQLException {
        main.execute("RELEASE job");
        main.execute("SAVEPOINT job");
    }

    private void runAlone(Job job) {
        try {
            perform(job);
        } catch (SQLException e) {
            statementFailed(job, translate(e));
        } catch (RuntimeException | Error e) {
            // Whatever it is, whoever waits for this job must hear of it.
            statementFailed(job, e);
        }
        if (job.oneShot && holder == job.session) {
            endTransaction(job.session, true, job);
        }
        completed.add(job);
    }

    private void failed(Job job, Throwable error) {
        job.fail(error);
        completed.add(job);
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
            job.succeed(prepared(job, prepare.sql(), open().main()));
        } else if (job.command instanceof CloseCursorCommand close) {
            session.cursors.remove(close.id());
        } else if (job.command instanceof CloseSessionCommand) {
            closeSession(job);
        } else if (job.command instanceof CloseDatabaseCommand close) {
            closedForGood |= close.isForGood();
            close();
            wake();
        } else if (job.command instanceof BackupCommand backup) {
            open().main().execute(BackupFile.statement(backup.file()));
        } else if (job.command instanceof ExtendedQueryCommand<?> query && query.isSuspended()) {
            fetchMore(job, query);
        } else if (job.isQuery()) {
            query(job, open());
        }
    }

    private SqlitePreparedStatement prepared(Job job, String sql, NativeConnection main) throws SQLException {
        List<SqlStatement> statements = job.statements;
        if (statements.isEmpty()) {
            return new SqlitePreparedStatement(sql, 0, null);
        }
        SqlStatement statement = statements.get(0);
        refuseIfAborted(job.session, statement);
        SqliteRowDesc columns = statement.kind().isTransactionControl() ? null : main.describe(statement);
        return new SqlitePreparedStatement(sql, statement.parameters(), columns);
    }

    private void query(Job job, Connections open) throws SQLException {
        boolean beside = holder != null && holder != job.session;
        NativeConnection reader = beside ? open.reader() : null;
        NativeConnection connection = reader == null ? open.main() : reader;
        if (needsTransaction(job)) {
            runInTransaction(job, connection);
        } else {
            runStatements(job, connection);
        }
        if (job.statements.isEmpty()) {
            job.add(StatementResult.NONE);
        }
    }

    /** Several statements, and the sets of a batch, succeed or fail together, as on PostgreSQL. */
    private boolean needsTransaction(Job job) {
        return holder != job.session
                && !job.isOneStatement()
                && !job.statements.isEmpty()
                && !job.hasTransactionControl()
                && !job.has(SqlStatement.Kind.STANDALONE);
    }

    private void runInTransaction(Job job, NativeConnection connection) throws SQLException {
        connection.execute(job.onlyReads() ? "BEGIN" : "BEGIN IMMEDIATE");
        runStatements(job, connection);
        if (job.hasFailed()) {
            connection.rollback();
            forgetChangedTables();
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
    private void runStatements(Job job, NativeConnection connection) {
        if (holder != job.session) {
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
            openCursor(job);
        } catch (SQLException e) {
            statementFailed(job, translate(e));
        } catch (RuntimeException e) {
            refused(job, e);
        }
    }

    /** What the client of PostgreSQL would not even have sent does not abort a transaction. */
    private void refused(Job job, RuntimeException error) {
        RuntimeException told = error instanceof WrongTypeException wrong ? wrong.refusal() : error;
        boolean isSent = told == error ? error.getClass() != VertxException.class : !job.isOneStatement();
        if (isSent) {
            statementFailed(job, told);
        } else {
            job.fail(told);
        }
    }

    /** A failure of the file or its disk asks for the operator; the file is opened again as soon as no one is in it. */
    private RuntimeException translate(SQLException error) {
        if (SqliteErrors.isDiskFault(error)) {
            reopen = true;
            return opener.unavailable(error);
        }
        return SqliteErrors.isHeldElsewhere(error) ? opener.unavailable(error) : SqliteErrors.translate(error);
    }

    private void statementFailed(Job job, Throwable error) {
        if (holder == job.session) {
            job.session.failed = true;
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
        boolean ends = statement.kind().isTransactionControl() || statement.kind() == SqlStatement.Kind.ROLLBACK_TO;
        if (isAborted(session) && !ends) {
            throw aborted();
        }
    }

    private void refuseOutsideTransaction(Job job, SqlStatement statement) {
        boolean inside = statement.kind() == SqlStatement.Kind.SAVEPOINT
                || statement.kind() == SqlStatement.Kind.ROLLBACK_TO
                || statement.tokens().get(0).isWord("lock");
        if (inside && holder != job.session && !needsTransaction(job)) {
            String what = statement.tokens().get(0).text().toUpperCase(Locale.ROOT);
            throw Refusal.of(what + " can only be used in transaction blocks", "25P01");
        }
    }

    private boolean isAborted(SessionState session) {
        return holder == session && session.failed;
    }

    private static StatementException aborted() {
        return new StatementException(
                "current transaction is aborted, commands ignored until end of transaction block",
                0,
                "25P02",
                null,
                null,
                null);
    }

    private void afterwards(SessionState session, SqlStatement.Kind kind) throws SQLException {
        if (kind == SqlStatement.Kind.ROLLBACK_TO) {
            session.failed = false;
        } else if (kind == SqlStatement.Kind.DEFINITION || kind == SqlStatement.Kind.STANDALONE) {
            tablesChanged = true;
            forgetStatements();
        }
    }

    private void forgetStatements() throws SQLException {
        Connections open = connections;
        if (open != null) {
            open.main().forgetStatements();
            NativeConnection reader = open.count() > 1 ? open.reader() : null;
            if (reader != null) {
                reader.forgetStatements();
            }
        }
    }

    /** A rollback takes back what compiled statements may have seen already. */
    private void forgetChangedTables() throws SQLException {
        if (tablesChanged) {
            tablesChanged = false;
            forgetStatements();
        }
    }

    private void openCursor(Job job) {
        if (job.command instanceof ExtendedQueryCommand<?> query && query.cursorId() != null && query.fetch() > 0) {
            StatementResult all = job.takeResult();
            SessionState.OpenCursor cursor = new SessionState.OpenCursor(new ArrayDeque<>(all.rows()), all.columns());
            if (holder == job.session) {
                job.session.cursors.put(query.cursorId(), cursor); // Elsewhere it ends with the statement.
            }
            fetch(job, query, cursor);
        }
    }

    private void fetchMore(Job job, ExtendedQueryCommand<?> query) {
        if (isAborted(job.session)) {
            throw aborted();
        }
        SessionState.OpenCursor cursor = job.session.cursors.get(query.cursorId());
        if (cursor == null) {
            throw new StatementException(
                    "portal \"" + query.cursorId() + "\" does not exist", 0, "34000", null, null, null);
        }
        fetch(job, query, cursor);
    }

    private static void fetch(Job job, ExtendedQueryCommand<?> query, SessionState.OpenCursor cursor) {
        List<Row> rows = new ArrayList<>(query.fetch());
        while (rows.size() < query.fetch() && !cursor.rows().isEmpty()) {
            rows.add(cursor.rows().remove());
        }
        boolean more = rows.size() == query.fetch(); // PostgreSQL does not look further than it has to, either.
        job.add(new StatementResult(more ? 0 : rows.size(), rows, cursor.columns()));
        job.succeed(more);
    }

    private void control(Job job, TxCommand<?> transaction) throws SQLException {
        switch (transaction.kind) {
            case BEGIN -> begin(job.session);
            case COMMIT -> {
                if (isAborted(job.session)) {
                    endTransaction(job.session, true, job);
                    throw TransactionRollbackException.INSTANCE;
                }
                endTransaction(job.session, false, job);
            }
            case ROLLBACK -> endTransaction(job.session, true, job);
        }
        if (!job.hasFailed()) {
            job.succeed(transaction.result);
        }
    }

    private void controlByText(Job job, SqlStatement.Kind kind) throws SQLException {
        switch (kind) {
            case BEGIN -> begin(job.session);
            case COMMIT -> endTransaction(job.session, isAborted(job.session), job);
            default -> endTransaction(job.session, true, job);
        }
    }

    /** Inside a transaction PostgreSQL only warns, and so does nothing. */
    private void begin(SessionState session) throws SQLException {
        if (holder == session) {
            return;
        }
        NativeConnection main = open().main();
        main.execute("BEGIN IMMEDIATE");
        main.takeTime();
        holder = session;
        heldSince = System.nanoTime();
        session.failed = false;
    }

    /** A commit that fails, for a deferred constraint say, rolls back. */
    private void endTransaction(SessionState session, boolean rollback, Job job) {
        if (holder != session || connections == null) {
            return;
        }
        NativeConnection main = connections.main();
        try {
            if (rollback) {
                main.rollback();
            } else {
                main.execute("COMMIT");
            }
        } catch (SQLException e) {
            job.fail(translate(e));
            rollbackAfter(e, main);
        }
        holder = null;
        session.failed = false;
        session.cursors.clear();
        try {
            forgetChangedTables();
        } catch (SQLException e) {
            job.fail(translate(e));
        }
        wake();
    }

    private static void rollbackAfter(SQLException cause, NativeConnection main) {
        try {
            main.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private void closeSession(Job job) {
        endTransaction(job.session, true, job);
        job.session.cursors.clear();
    }

    private Connections open() {
        Connections open = connections;
        if (open == null) {
            open = opener.open();
            connections = open;
        }
        return open;
    }

    /** Closes what is open; the next job opens it again. */
    private void close() throws SQLException {
        Connections open = connections;
        if (open == null) {
            return;
        }
        connections = null;
        holder = null;
        try {
            open.close();
        } catch (IOException e) {
            throw new SQLException(e);
        }
    }

    /** Hands over outcomes, with one task per event loop and not one per job. */
    private void deliver() {
        openConnections = connections == null ? 0 : connections.count();
        waitingJobs = waiting.size();
        Map<EventLoop, List<Job>> byLoop = new HashMap<>();
        for (Job job : completed) {
            ContextInternal context = job.context();
            if (context.isEventLoopContext()) {
                byLoop.computeIfAbsent(context.nettyEventLoop(), loop -> new ArrayList<>())
                        .add(job);
            } else {
                context.emit(job, Job::complete);
            }
        }
        completed.clear();
        byLoop.forEach((loop, jobs) ->
                loop.execute(() -> jobs.forEach(job -> job.context().emit(job, Job::complete))));
    }
}
