package dev.plinth.runtime.http.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** What every thread is doing: names of methods alone, never a value. Blocks for some milliseconds. */
final class ThreadDump {

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    JsonObject document() {
        long[] deadlocked = threads.findDeadlockedThreads();
        Set<Long> stuck = new HashSet<>();
        Stream.ofNullable(deadlocked).flatMapToLong(Arrays::stream).forEach(stuck::add);
        JsonArray all = new JsonArray();
        Arrays.stream(threads.dumpAllThreads(
                        threads.isObjectMonitorUsageSupported(), threads.isSynchronizerUsageSupported()))
                .sorted(Comparator.comparing(ThreadInfo::getThreadName).thenComparing(ThreadInfo::getThreadId))
                .forEach(thread -> all.add(thread(thread, stuck.contains(thread.getThreadId()))));
        return new JsonObject().put("count", all.size()).put("threads", all);
    }

    private JsonObject thread(ThreadInfo thread, boolean deadlocked) {
        JsonObject json = new JsonObject()
                .put("name", thread.getThreadName())
                .put("id", thread.getThreadId())
                .put("state", thread.getThreadState().toString().toLowerCase(Locale.ROOT))
                .put("daemon", thread.isDaemon())
                .put("cpuMillis", Math.max(0, threads.getThreadCpuTime(thread.getThreadId()) / NANOS_PER_MILLI));
        if (deadlocked) {
            json.put("deadlocked", true);
        }
        LockInfo lock = thread.getLockInfo();
        if (lock != null) {
            json.put("waitsFor", lock.toString());
        }
        if (thread.getLockOwnerName() != null) {
            json.put("heldBy", thread.getLockOwnerName());
        }
        JsonArray stack = new JsonArray();
        Stream.of(thread.getStackTrace()).map(StackTraceElement::toString).forEach(stack::add);
        return json.put("stack", stack);
    }
}
