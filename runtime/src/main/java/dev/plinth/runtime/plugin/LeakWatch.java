package dev.plinth.runtime.plugin;

import io.vertx.core.internal.ContextInternal;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Names what a plugin left behind when it was undeployed, and takes back what it can. Used on the host's context. */
final class LeakWatch {

    private static final Logger LOG = LoggerFactory.getLogger(LeakWatch.class);
    /** Threads that were told to end may need a moment. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final ContextInternal context;

    LeakWatch(ContextInternal context) {
        this.context = context;
    }

    /** Looks a little later what is left of a jar's code, and says so in the log. */
    void look(PluginDescriptor descriptor) {
        if (descriptor.classLoader() instanceof PluginClassLoader loader) {
            String id = descriptor.id();
            WeakReference<PluginClassLoader> weak = new WeakReference<>(loader);
            context.setTimer(
                    GRACE.toMillis(),
                    timer -> context.executeBlocking(() -> {
                        Optional.ofNullable(weak.get()).ifPresent(still -> report(id, still));
                        return null;
                    }));
        }
    }

    /** What threads are left doing; as many as a plugin likes do the same. */
    private record Work(String place, boolean serves) {

        static Work of(PluginClassLoader loader, StackTraceElement[] stack) {
            return new Work(
                    Arrays.stream(stack)
                            .filter(frame -> isOf(loader, frame))
                            .findFirst()
                            .or(() -> begin(stack))
                            .map(StackTraceElement::toString)
                            .orElse("its end"),
                    accepts(stack));
        }

        /** What a thread was made for says more than where in Java it waits. */
        private static Optional<StackTraceElement> begin(StackTraceElement[] stack) {
            return Arrays.stream(stack)
                    .filter(frame -> !frame.getClassName().equals(Thread.class.getName()))
                    .reduce((inner, outer) -> outer);
        }
    }

    private void report(String id, PluginClassLoader loader) {
        Map<Work, List<Thread>> left = new LinkedHashMap<>();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            if (isOfRuntime(thread) && !runs(loader, stack)) {
                free(loader, thread);
            } else if (belongsTo(loader, thread, stack)) {
                left.computeIfAbsent(Work.of(loader, stack), first -> new ArrayList<>())
                        .add(thread);
            }
        });
        left.forEach((work, threads) -> tell(id, work, threads));
        ShutdownHooks.matching(hook -> isMadeFor(loader, hook)).forEach(hook -> removeHook(id, hook));
        Map<String, List<Thread>> locals = new LinkedHashMap<>();
        ThreadLocals.of(loader).forEach(found -> {
            locals.computeIfAbsent(found.type(), first -> new ArrayList<>()).add(found.thread());
            found.removeFrom(context.owner().nettyEventLoopGroup());
        });
        locals.forEach((type, threads) -> LOG.warn(
                "plugin '{}' left a thread-local with a {} on {}; remove() it when the plugin stops",
                id,
                type,
                named(threads)));
    }

    private static void removeHook(String id, Thread hook) {
        try {
            if (Runtime.getRuntime().removeShutdownHook(hook)) {
                LOG.warn(
                        "plugin '{}' left the shutdown hook '{}', which is removed; do in stop() what it is for",
                        id,
                        hook.getName());
            }
        } catch (IllegalStateException ending) {
            LOG.debug("the process ends, with the shutdown hook '{}'", hook.getName(), ending);
        }
    }

    private static void tell(String id, Work work, List<Thread> threads) {
        boolean one = threads.size() == 1;
        LOG.warn(
                "plugin '{}' left {} running{}, at {}; end {} when the plugin stops",
                id,
                named(threads),
                !work.serves() ? "" : one ? ", which is an open server" : ", which are open servers",
                work.place(),
                one ? "it" : "them");
    }

    private static String named(List<Thread> threads) {
        String one = threads.stream()
                .map(Thread::getName)
                .min(Comparator.comparing(String::length).thenComparing(Comparator.naturalOrder()))
                .orElse("");
        return threads.size() == 1 ? "thread '" + one + "'" : threads.size() + " threads such as '" + one + "'";
    }

    /** A thread of a shared pool keeps whose code was running when it was made. */
    private static void free(PluginClassLoader loader, Thread thread) {
        if (thread.getContextClassLoader() == loader) {
            thread.setContextClassLoader(LeakWatch.class.getClassLoader());
        }
        if (InheritedAccess.isFrom(loader, thread)) {
            InheritedAccess.removeFrom(thread);
        }
    }

    private static boolean belongsTo(PluginClassLoader loader, Thread thread, StackTraceElement[] stack) {
        return isMadeFor(loader, thread) || runs(loader, stack) || InheritedAccess.isFrom(loader, thread);
    }

    private static boolean isMadeFor(PluginClassLoader loader, Thread thread) {
        return thread.getContextClassLoader() == loader || thread.getClass().getClassLoader() == loader;
    }

    private static boolean runs(PluginClassLoader loader, StackTraceElement[] stack) {
        return Arrays.stream(stack).anyMatch(frame -> isOf(loader, frame));
    }

    private static boolean isOf(PluginClassLoader loader, StackTraceElement frame) {
        return loader.getName().equals(frame.getClassLoaderName());
    }

    private static boolean isOfRuntime(Thread thread) {
        String type = thread.getClass().getName();
        return type.startsWith("io.vertx.")
                || type.startsWith("io.netty.")
                || thread.getName().startsWith("plinth-");
    }

    private static boolean accepts(StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .anyMatch(frame -> List.of("accept", "implAccept", "doAccept").contains(frame.getMethodName())
                        || frame.getClassName().startsWith("sun.net.httpserver."));
    }
}
