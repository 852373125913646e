package dev.plinth.runtime.plugin;

import io.netty.channel.EventLoopGroup;
import java.lang.ref.Reference;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds thread-locals that hold a class loader's objects. Only with {@code --add-opens java.base/java.lang=ALL-UNNAMED}, which the
 * fat jar's manifest asks for; finds nothing without.
 */
final class ThreadLocals {

    private ThreadLocals() {}

    /**
     * One that was found.
     *
     * @param entry of the thread's own table, which keeps the value even when nobody has the thread-local any more
     * @param type of what it holds
     */
    record Found(Thread thread, Reference<?> entry, String type) {

        /** A thread-local can be removed by its own thread alone; event loops take a task. */
        void removeFrom(EventLoopGroup loops) {
            loops.forEach(loop -> {
                if (loop.inEventLoop(thread)) {
                    loop.execute(this::remove);
                }
            });
        }

        private void remove() {
            if (entry.get() instanceof ThreadLocal<?> local) {
                local.remove();
            } else {
                forget();
            }
        }

        private void forget() {
            try {
                opened(entry.getClass(), "value").set(entry, null);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("it was read before", e);
            }
        }
    }

    static List<Found> of(ClassLoader loader) {
        List<Found> found = new ArrayList<>();
        try {
            Field locals = opened(Thread.class, "threadLocals");
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                collect(thread, locals.get(thread), loader, found);
            }
        } catch (InaccessibleObjectException | ReflectiveOperationException closed) {
            return List.of();
        }
        return found;
    }

    private static void collect(Thread thread, @Nullable Object map, ClassLoader loader, List<Found> found)
            throws ReflectiveOperationException {
        if (map == null) {
            return;
        }
        Object table = opened(map.getClass(), "table").get(map);
        for (int i = 0; i < Array.getLength(table); i++) {
            Object entry = Array.get(table, i);
            if (entry instanceof Reference<?> key) {
                Object value = opened(entry.getClass(), "value").get(entry);
                Object local = key.get();
                if (value != null && (isOf(loader, value) || (local != null && isOf(loader, local)))) {
                    found.add(new Found(thread, key, value.getClass().getName()));
                }
            }
        }
    }

    private static boolean isOf(ClassLoader loader, Object value) {
        return value == loader
                || value.getClass().getClassLoader() == loader
                || (value instanceof Class<?> type && type.getClassLoader() == loader);
    }

    private static Field opened(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
