package dev.plinth.runtime.plugin;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells a thread that blocks from one that would go on, did others not keep the processors busy: the latter can run and does not, or
 * waits for a lock of another that can run and does not. Of one thread; used by one other.
 */
final class Starvation {

    /** Locks that wait for each other in a row; longer rows are not followed. */
    private static final int LOCKS = 8;

    private static final long UNKNOWN = -1;

    /**
     * What works in native methods that wait for nothing, unlike those that read from sockets and disks. Where some of them do wait,
     * the thread's state says so.
     */
    private static final Set<String> WORK_IN_NATIVE_METHODS = Set.of(
            "java.lang.Class",
            "java.lang.ClassLoader",
            "java.lang.Object",
            "java.lang.System",
            "java.lang.Thread",
            "java.lang.Throwable",
            "java.lang.invoke.MethodHandleNatives",
            "java.util.zip.CRC32",
            "java.util.zip.Deflater",
            "java.util.zip.Inflater",
            "jdk.internal.misc.Unsafe",
            "sun.management.ThreadImpl");

    private @Nullable ThreadMXBean threads;
    private long lastCpuNanos = UNKNOWN;
    private long lastHolder = UNKNOWN;
    private long lastHolderCpuNanos = UNKNOWN;

    /**
     * How long of the time since the last call the thread was kept from running.
     *
     * @param elapsedNanos since the last call
     */
    long starvedNanos(Thread thread, long elapsedNanos) {
        ThreadMXBean bean = bean();
        if (!bean.isThreadCpuTimeSupported()) {
            return 0;
        }
        ThreadInfo runner = runner(bean, thread.getId());
        boolean known = lastCpuNanos != UNKNOWN;
        long ran = ran(bean, thread.getId(), runner);
        return known && canRun(runner) ? Math.max(0, elapsedNanos - ran) : 0;
    }

    /** It gave a sign of life: what comes next is counted anew. */
    long none() {
        lastCpuNanos = UNKNOWN;
        lastHolder = UNKNOWN;
        return 0;
    }

    private ThreadMXBean bean() {
        ThreadMXBean bean = threads;
        if (bean == null) {
            bean = ManagementFactory.getThreadMXBean();
            threads = bean;
        }
        return bean;
    }

    /** Who must run for the thread to go on: itself, or who holds the lock that it waits for; null when that one is gone. */
    private static @Nullable ThreadInfo runner(ThreadMXBean bean, long thread) {
        ThreadInfo info = bean.getThreadInfo(thread, 1);
        for (int i = 0; i < LOCKS && info != null && info.getLockOwnerId() != UNKNOWN; i++) {
            info = bean.getThreadInfo(info.getLockOwnerId(), 1);
        }
        return info;
    }

    /** Since the last call: the thread, and who held its lock then and does still. A lock that changes hands is nobody's fault. */
    private long ran(ThreadMXBean bean, long thread, @Nullable ThreadInfo runner) {
        long cpuNanos = bean.getThreadCpuTime(thread);
        long ran = cpuNanos - lastCpuNanos;
        lastCpuNanos = cpuNanos;
        long holder = runner == null || runner.getThreadId() == thread ? UNKNOWN : runner.getThreadId();
        long holderCpuNanos = holder == UNKNOWN ? UNKNOWN : bean.getThreadCpuTime(holder);
        long held = holder != UNKNOWN && holder == lastHolder ? holderCpuNanos - lastHolderCpuNanos : 0;
        lastHolder = holder;
        lastHolderCpuNanos = holderCpuNanos;
        return ran + held;
    }

    /** What waits for a lock that was given back just now can. */
    private static boolean canRun(@Nullable ThreadInfo runner) {
        return runner != null
                && switch (runner.getThreadState()) {
                    case RUNNABLE -> !mayWaitInNativeMethod(runner.getStackTrace());
                    case BLOCKED -> true;
                    default -> false;
                };
    }

    private static boolean mayWaitInNativeMethod(StackTraceElement[] stack) {
        return stack.length > 0
                && stack[0].isNativeMethod()
                && !WORK_IN_NATIVE_METHODS.contains(stack[0].getClassName());
    }
}
