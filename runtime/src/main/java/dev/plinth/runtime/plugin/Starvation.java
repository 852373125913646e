package dev.plinth.runtime.plugin;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/**
 * Tells a thread that blocks from one that would go on, did others not keep the processors busy: the latter can run and hardly does.
 * Of one thread; used by one other.
 */
final class Starvation {

    /** With less than this part of a processor nothing is expected of it. */
    private static final int PART = 4;

    private static final long UNKNOWN = -1;

    private @Nullable ThreadMXBean threads;
    private long lastCpuNanos = UNKNOWN;

    /**
     * How long of the time since the last call the thread was kept from running.
     *
     * @param elapsedNanos since the last call
     */
    long starvedNanos(Thread thread, long elapsedNanos) {
        long before = lastCpuNanos;
        long cpuNanos = cpuNanos(thread);
        lastCpuNanos = cpuNanos;
        if (before == UNKNOWN || cpuNanos == UNKNOWN || thread.getState() != Thread.State.RUNNABLE) {
            return 0;
        }
        long ran = cpuNanos - before;
        // What reads from a socket or a disk counts as able to run as well.
        return ran < elapsedNanos / PART && !isInNativeMethod(thread) ? elapsedNanos - ran : 0;
    }

    /** It gave a sign of life: what comes next is counted anew. */
    long none() {
        lastCpuNanos = UNKNOWN;
        return 0;
    }

    private long cpuNanos(Thread thread) {
        ThreadMXBean bean = threads;
        if (bean == null) {
            bean = ManagementFactory.getThreadMXBean();
            threads = bean;
        }
        return bean.isThreadCpuTimeSupported() ? bean.getThreadCpuTime(thread.getId()) : UNKNOWN;
    }

    private static boolean isInNativeMethod(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0 && stack[0].isNativeMethod();
    }
}
