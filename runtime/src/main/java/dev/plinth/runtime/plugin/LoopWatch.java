package dev.plinth.runtime.plugin;

import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.internal.ContextInternal;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices plugins that block their event loop: each loop is asked for a sign of life several times a second, and the stack of one
 * that gives none tells whose code it is in. Used on the host's context, whose loop no plugin uses.
 */
final class LoopWatch {

    private static final Logger LOG = LoggerFactory.getLogger(LoopWatch.class);

    private static final long INTERVAL_MILLIS = 100;
    private static final int OPEN_AT_MOST = 50;
    /** Below, it may be a pause of the machine. */
    private static final long BLOCKED_MILLIS = 400;
    /** From then on it is blocked though the stack tells no plugin, or classes are being loaded. */
    private static final long UNSURE_MILLIS = 800;
    /** In an interval: loading a library takes long, and ends. A class now and then is no sign of it. */
    private static final int LOADING = 10;
    /** From then on those who share the loop are moved to another. */
    private static final long HOPELESS_MILLIS = 1_500;

    private final ContextInternal context;
    private final Victims victims;
    private final List<Beat> beats;
    private long lastLook = System.nanoTime();
    private boolean closed;

    LoopWatch(ContextInternal context, EventLoops loops, Victims victims) {
        this.context = context;
        this.victims = victims;
        this.beats = loops.all().stream()
                .filter(loop -> loop != context.nettyEventLoop())
                .map(Beat::new)
                .toList();
    }

    /** Who has plugins on the loops. */
    interface Victims {

        /** Whose code a class loader of this name has loaded; empty when it is no plugin's. */
        Optional<Offender> owner(EventExecutor loop, String loaderName);

        /** Nothing on this loop makes progress. */
        void blocked(EventExecutor loop, Offender offender, String where);

        /** It does not look as if that were to end. */
        void hopeless(EventExecutor loop, Offender offender);

        void free(EventExecutor loop);
    }

    /**
     * Whose code blocks a loop.
     *
     * @param id of a plugin; empty when it is not installed any more, or unknown
     * @param name for messages; empty when it is unknown
     * @param loader the name of its class loader, which tells the versions of a plugin apart
     */
    record Offender(String id, String name, String loader) {

        static final Offender UNKNOWN = new Offender("", "", "");
    }

    /** One loop's last sign of life. What is volatile is written by the loop. */
    private static final class Beat {

        private final EventExecutor loop;
        private volatile @Nullable Thread thread;
        private volatile long answeredAt = System.nanoTime();
        private final AtomicInteger open = new AtomicInteger();
        /** Of the time since that answer, when the process as a whole stood still, or this loop's thread was not let run. */
        private long excusedNanos;

        private long excusedSince = answeredAt;
        private Offender suspect = Offender.UNKNOWN;
        private boolean blocked;
        private long blockedAt;
        private boolean hopeless;
        private long loadedClasses;
        private long loadedAtMillis;
        private final Starvation starvation = new Starvation();

        Beat(EventExecutor loop) {
            this.loop = loop;
        }

        /** Asks again though there is no answer yet: one that is slow answers late, but answers. */
        void ask() {
            if (open.get() < OPEN_AT_MOST) {
                open.incrementAndGet();
                loop.execute(() -> {
                    thread = Thread.currentThread();
                    answeredAt = System.nanoTime();
                    open.decrementAndGet();
                });
            }
        }

        /**
         * Whether many classes came since the last call, for the time in which the loop could load them; nobody tells whose they are.
         *
         * @param silentMillis without what is excused
         */
        boolean loadsClasses(long silentMillis) {
            long before = loadedClasses;
            long beforeMillis = loadedAtMillis;
            loadedClasses = ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount();
            loadedAtMillis = silentMillis;
            return (loadedClasses - before) * INTERVAL_MILLIS >= LOADING * (silentMillis - beforeMillis);
        }

        /** Since it was found to be blocked, if it was. */
        boolean hasAnswered() {
            return !blocked || answeredAt - blockedAt > 0;
        }

        /**
         * What passed while nothing could be expected of it.
         *
         * @param elapsedNanos since the last look
         * @param lateNanos how much of it the process as a whole stood still
         */
        void excuse(long now, long elapsedNanos, long lateNanos) {
            Thread known = thread;
            long starved = known != null && silentMillis(now) > INTERVAL_MILLIS
                    ? starvation.starvedNanos(known, elapsedNanos)
                    : starvation.none();
            long excused = Math.max(starved, millis(lateNanos) > INTERVAL_MILLIS ? lateNanos : 0);
            if (excused > 0) {
                excuse(excused);
            }
        }

        private void excuse(long nanos) {
            long answered = answeredAt;
            excusedNanos = answered == excusedSince ? excusedNanos + nanos : nanos;
            excusedSince = answered;
        }

        long silentMillis(long now) {
            long answered = answeredAt;
            long excused = answered == excusedSince ? excusedNanos : 0;
            return open.get() == 0 ? 0 : millis(now - answered - excused);
        }
    }

    void start() {
        // At once, so that the thread of a loop is known even when the first plugin on it blocks it for good.
        beats.forEach(Beat::ask);
        context.setPeriodic(INTERVAL_MILLIS, timer -> {
            if (closed) {
                context.owner().cancelTimer(timer);
            } else {
                look(System.nanoTime());
            }
        });
    }

    void close() {
        closed = true;
    }

    private void look(long now) {
        long elapsedNanos = now - lastLook;
        long lateNanos = elapsedNanos - TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
        lastLook = now;
        for (Beat beat : beats) {
            beat.excuse(now, elapsedNanos, lateNanos);
            long silentMillis = beat.silentMillis(now);
            if (silentMillis >= BLOCKED_MILLIS) {
                silent(beat, silentMillis);
            } else if (beat.hasAnswered()) {
                answered(beat);
            }
            beat.ask();
        }
    }

    private void answered(Beat beat) {
        if (beat.blocked) {
            LOG.info(
                    "the event loop that {} blocked goes on",
                    beat.suspect.name().isEmpty() ? "something" : beat.suspect.name());
            victims.free(beat.loop);
        }
        beat.blocked = false;
        beat.hopeless = false;
        beat.suspect = Offender.UNKNOWN;
    }

    private void silent(Beat beat, long silentMillis) {
        Thread thread = beat.thread;
        if (thread == null) {
            return;
        }
        if (!beat.blocked) {
            suspect(beat, silentMillis, thread.getStackTrace());
        } else if (!beat.hopeless && silentMillis >= HOPELESS_MILLIS) {
            beat.hopeless = true;
            victims.hopeless(beat.loop, beat.suspect);
        }
    }

    /** The same plugin twice in a row, or nobody for longer, or somebody who may just load a library. */
    private void suspect(Beat beat, long silentMillis, StackTraceElement[] stack) {
        Optional<StackTraceElement> culprit = culprit(beat.loop, stack);
        Offender offender = culprit.flatMap(frame -> owner(beat.loop, frame)).orElse(Offender.UNKNOWN);
        boolean unsure = beat.loadsClasses(silentMillis) || offender.equals(Offender.UNKNOWN);
        boolean sure = unsure ? silentMillis >= UNSURE_MILLIS : offender.equals(beat.suspect);
        beat.suspect = offender;
        if (sure) {
            beat.blocked = true;
            beat.blockedAt = System.nanoTime();
            if (!isEndingTheProcess(stack)) {
                tell(offender, silentMillis, stack);
            }
            victims.blocked(
                    beat.loop,
                    offender,
                    culprit.map(StackTraceElement::toString).orElse(""));
        }
    }

    /** The innermost frame of a plugin. */
    private Optional<StackTraceElement> culprit(EventExecutor loop, StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .filter(frame -> owner(loop, frame).isPresent())
                .findFirst();
    }

    private Optional<Offender> owner(EventExecutor loop, StackTraceElement frame) {
        return Optional.ofNullable(frame.getClassLoaderName()).flatMap(name -> victims.owner(loop, name));
    }

    private static void tell(Offender offender, long silentMillis, StackTraceElement[] stack) {
        if (offender.equals(Offender.UNKNOWN)) {
            LOG.error("an event loop gives no sign of life for {} ms", silentMillis, at(stack));
        } else if (offender.id().isEmpty()) {
            LOG.error("{} blocks an event loop for {} ms now", offender.name(), silentMillis, at(stack));
        } else {
            LOG.error(
                    "plugin '{}' blocks its event loop for {} ms now; move the work to a worker, or set backend.plugins.{}.threading to worker",
                    offender.id(),
                    silentMillis,
                    offender.id(),
                    at(stack));
        }
    }

    /** Who calls that waits for the end, of which the log tells. */
    private static boolean isEndingTheProcess(StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .anyMatch(frame -> frame.getClassName().equals("java.lang.Runtime")
                        && frame.getMethodName().equals("exit"));
    }

    private static Throwable at(StackTraceElement[] stack) {
        Throwable where = new Throwable("its event loop is here");
        where.setStackTrace(stack);
        return where;
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
