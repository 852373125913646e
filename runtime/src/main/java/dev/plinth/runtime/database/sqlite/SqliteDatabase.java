package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import io.netty.channel.EventLoop;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

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

    /** How long a thread stays after the last job, as waking another one takes longer than most statements. */
    private static final long LINGER_NANOS = 50_000;

    /** How long a thread serves one database while others wait for a thread. */
    private static final long TURN_NANOS = 5_000_000;

    private final DatabaseThreads threads;
    private final Queue<Job> incoming = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile boolean someoneGaveUp;
    private volatile int openConnections;
    private volatile int waitingJobs;

    // What follows is used only by the thread that runs this database.
    private final StatementTexts texts = new StatementTexts();
    private final LazyConnections connections;
    private final WriteSide writeSide;
    private final WaitingJobs waiting;
    private final JobRunner runner;
    private final GroupCommit groupCommit;
    private final List<Job> group = new ArrayList<>();
    private final List<Job> completed = new ArrayList<>();
    private boolean waking;

    SqliteDatabase(String location, LazyConnections.Opener opener, DatabaseThreads threads) {
        this.threads = threads;
        this.connections = new LazyConnections(opener);
        this.writeSide = new WriteSide(connections, this::wake);
        this.waiting = new WaitingJobs(location, writeSide, connections);
        this.runner = new JobRunner(location, connections, writeSide);
        this.groupCommit = new GroupCommit(connections, runner);
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
            job.fail(runner.closed(job));
            job.context().emit(job, Job::complete);
            job = incoming.poll();
        }
        scheduled.set(false);
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
            waiting.failThoseWhoWaitedTooLong(System.nanoTime(), this::failed);
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
        if (writeSide.holder() == null) {
            connections.closeIfBroken();
        }
        deliver();
    }

    /** Fails what was written into a file that is no longer there: it would not be found again. */
    private void checkFile() {
        boolean wrote = completed.stream().anyMatch(job -> !job.hasFailed() && job.mayHaveWritten());
        DatabaseUnavailableException lost = connections.lost(wrote);
        if (lost != null) {
            completed.stream().filter(job -> !job.hasFailed()).forEach(job -> job.fail(lost));
        }
    }

    private void take(Job job) {
        try {
            job.statements = texts.of(job);
        } catch (RuntimeException | Error e) {
            // Whatever it is, whoever waits for this job must hear of it.
            runner.failed(job, e);
            completed.add(job);
            return;
        }
        if (job.command instanceof CloseSessionCommand) {
            waiting.drop(job.session, this::failed);
        }
        if (waiting.mustWait(job)) {
            // Looked at before the alarm is set: it must not ring before the job has waited for long enough.
            long now = System.nanoTime();
            waiting.add(job, now, threads.after(job.patience, this::lookForThoseWhoGaveUp));
        } else {
            admit(job);
        }
    }

    private void lookForThoseWhoGaveUp() {
        someoneGaveUp = true;
        schedule();
    }

    private void failed(Job job, Throwable error) {
        job.fail(error);
        completed.add(job);
    }

    /** Takes up again what waited for the transaction that has ended, in the order of its coming. */
    private void wake() {
        if (waking) {
            return; // The loop below goes on with it.
        }
        waking = true;
        Job next = waiting.next();
        while (next != null) {
            admit(next);
            next = waiting.next();
        }
        waking = false;
    }

    private void admit(Job job) {
        if (!runner.isClosedForGood() && writeSide.holder() == null && GroupCommit.fits(job)) {
            group.add(job);
        } else {
            runGroup();
            runAlone(job);
        }
    }

    /** Runs what came together in one transaction; should that fall apart, each for itself. */
    private void runGroup() {
        if (group.isEmpty()) {
            return;
        }
        List<Job> jobs = List.copyOf(group);
        group.clear();
        if (jobs.size() == 1 || !groupCommit.run(jobs)) {
            for (Job job : jobs) {
                job.reset();
                runAlone(job);
            }
        } else {
            completed.addAll(jobs);
        }
    }

    private void runAlone(Job job) {
        runner.run(job);
        completed.add(job);
    }

    /** Hands over outcomes, with one task per event loop and not one per job. */
    private void deliver() {
        openConnections = connections.count();
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
