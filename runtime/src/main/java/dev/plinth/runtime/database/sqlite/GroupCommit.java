package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import java.sql.SQLException;
import java.util.List;

/** Commits what came together with one sync of the disk. Used only by the thread that runs the database. */
final class GroupCommit {

    private final LazyConnections connections;
    private final JobRunner runner;

    GroupCommit(LazyConnections connections, JobRunner runner) {
        this.connections = connections;
        this.runner = runner;
    }

    static boolean fits(Job job) {
        return job.isQuery()
                && !job.statements.isEmpty()
                && job.statements.stream().allMatch(GroupCommit::fits);
    }

    private static boolean fits(SqlStatement statement) {
        return statement.atomic()
                && (statement.kind() == SqlStatement.Kind.READ || statement.kind() == SqlStatement.Kind.WRITE);
    }

    /** Runs the jobs in one transaction. False when it fell apart, so that nothing of any of them is done. */
    boolean run(List<Job> jobs) {
        try {
            NativeConnection main = connections.main();
            try {
                main.execute(jobs.stream().allMatch(Job::onlyReads) ? "BEGIN" : "BEGIN IMMEDIATE");
                main.execute("SAVEPOINT job");
                for (Job job : jobs) {
                    run(job, main);
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
    private void run(Job job, NativeConnection main) throws SQLException {
        boolean several = !job.isOneStatement();
        if (several) {
            renewSavepoint(main);
        }
        runner.runStatements(job, main);
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
}
