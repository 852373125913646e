package dev.plinth.runtime.plugin;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds what was to run at the end of the process. Only with {@code --add-opens java.base/java.lang=ALL-UNNAMED}, which the fat jar's
 * manifest asks for; finds nothing without.
 */
final class ShutdownHooks {

    private static final String OWNER = "java.lang.ApplicationShutdownHooks";

    private ShutdownHooks() {}

    static List<Thread> matching(Predicate<Thread> wanted) {
        try {
            Class<?> owner = Class.forName(OWNER);
            Field hooks = owner.getDeclaredField("hooks");
            hooks.setAccessible(true);
            // As Java does it.
            synchronized (owner) {
                return hooks.get(null) instanceof Map<?, ?> known
                        ? threads(known).filter(wanted).toList()
                        : List.of();
            }
        } catch (InaccessibleObjectException | ReflectiveOperationException closed) {
            return List.of();
        }
    }

    private static Stream<Thread> threads(Map<?, ?> hooks) {
        return hooks.keySet().stream().map(Thread.class::cast);
    }
}
