package dev.plinth.runtime.plugin;

import io.vertx.core.internal.ContextInternal;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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

    private void report(String id, PluginClassLoader loader) {
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            if (isOfRuntime(thread) && !runs(loader, stack)) {
                free(loader, thread);
            } else if (belongsTo(loader, thread, stack)) {
                tell(id, thread, stack);
            }
        });
        ThreadLocals.of(loader).forEach(found -> {
            LOG.warn(
                    "plugin '{}' left a thread-local with a {} on thread '{}'; remove() it when the plugin stops",
                    id,
                    found.type(),
                    found.thread().getName());
            found.removeFrom(context.owner().nettyEventLoopGroup());
        });
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

    private static void tell(String id, Thread thread, StackTraceElement[] stack) {
        LOG.warn(
                "plugin '{}' left thread '{}' running{}, at {}; end it when the plugin stops",
                id,
                thread.getName(),
                accepts(stack) ? ", which is an open server" : "",
                stack.length == 0 ? "its end" : stack[0]);
    }

    private static boolean belongsTo(PluginClassLoader loader, Thread thread, StackTraceElement[] stack) {
        return thread.getContextClassLoader() == loader
                || thread.getClass().getClassLoader() == loader
                || runs(loader, stack)
                || InheritedAccess.isFrom(loader, thread);
    }

    private static boolean runs(PluginClassLoader loader, StackTraceElement[] stack) {
        return Arrays.stream(stack).anyMatch(frame -> loader.getName().equals(frame.getClassLoaderName()));
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
