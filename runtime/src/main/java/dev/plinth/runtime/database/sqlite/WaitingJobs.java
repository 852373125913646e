package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.PoolExhaustedException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.internal.command.TxCommand;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Jobs that wait for the transaction of another session, in the order of their coming. Used only by the thread that runs the database. */
final class WaitingJobs {

    private final String location;
    private final WriteSide writeSide;
    private final LazyConnections connections;
    private final Deque<Job> waiting = new ArrayDeque<>();

    WaitingJobs(String location, WriteSide writeSide, LazyConnections connections) {
        this.location = location;
        this.writeSide = writeSide;
        this.connections = connections;
    }

    int size() {
        return waiting.size();
    }

    /** Whether another session's transaction stands in this job's way, or an earlier job of its own that waits. */
    boolean mustWait(Job job) {
        if (job.session.waiting > 0) {
            return true;
        }
        if (!writeSide.isHeldByAnother(job.session)) {
            return false;
        }
        if (job.command instanceof TxCommand<?> transaction) {
            return transaction.kind == TxCommand.Kind.BEGIN;
        }
        if (job.command instanceof BackupCommand) {
            return true;
        }
        return job.isQuery() && !(job.onlyReads() && connections.canReadBeside());
    }

    /** @param wakeUp wakes the database when the job's patience ends, which begins now */
    void add(Job job, long now, Future<?> wakeUp) {
        waiting.add(job);
        job.startWaiting(now, wakeUp);
    }

    void failThoseWhoWaitedTooLong(long now, BiConsumer<Job, Throwable> failed) {
        remove(job -> job.hasWaitedTooLong(now), job -> failed.accept(job, waitedTooLong(job, now)));
    }

    /** Who gives a session up waits no longer for what it has asked of it. */
    void drop(SessionState session, BiConsumer<Job, Throwable> failed) {
        remove(job -> job.session == session, job -> failed.accept(job, ClosedConnectionException.INSTANCE));
    }

    private void remove(Predicate<Job> which, Consumer<Job> removed) {
        List<Job> jobs = waiting.stream().filter(which).toList();
        for (Job job : jobs) {
            job.stopWaiting();
            removed.accept(job);
        }
        waiting.removeAll(jobs);
    }

    /** The one whose turn it is: any while nobody holds the write side, else of the holder itself. */
    @Nullable
    Job next() {
        Job next = find();
        if (next != null) {
            waiting.remove(next);
            next.stopWaiting();
        }
        return next;
    }

    private @Nullable Job find() {
        SessionState holder = writeSide.holder();
        if (holder == null) {
            return waiting.peek();
        }
        return holder.waiting == 0
                ? null
                : waiting.stream()
                        .filter(job -> job.session == holder)
                        .findFirst()
                        .orElseThrow();
    }

    private PoolExhaustedException waitedTooLong(Job job, long now) {
        return new PoolExhaustedException("plugin '" + job.session.pluginId + "': " + location
                + " was not free within " + job.patience.toMillis() + " ms (" + writeSide.heldBy(now) + ", waiting "
                + waiting.size() + "); end transactions soon, use the transaction's own connection inside it, or raise"
                + " backend.database.knexConfig.pool.acquireTimeoutMillis");
    }
}
