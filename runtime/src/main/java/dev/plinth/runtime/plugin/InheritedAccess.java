package dev.plinth.runtime.plugin;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.security.ProtectionDomain;
import java.util.Arrays;

/**
 * Until Java 23 a thread keeps, for the security manager's sake, whose code was on the stack when it was made: that tells whose an
 * idle thread is, and keeps a class loader from being unloaded. Only with {@code --add-opens} of {@code java.lang} and
 * {@code java.security}, which the fat jar's manifest asks for.
 */
final class InheritedAccess {

    private InheritedAccess() {}

    /** Whether code of this loader was on the stack when the thread was made; false where nobody knows. */
    static boolean isFrom(ClassLoader loader, Thread thread) {
        try {
            Object context =
                    opened(Thread.class, "inheritedAccessControlContext").get(thread);
            return context != null
                    && Arrays.stream(domains(context)).anyMatch(domain -> domain.getClassLoader() == loader);
        } catch (InaccessibleObjectException | ReflectiveOperationException unknown) {
            return false;
        }
    }

    /** Takes it off a thread of the runtime, which needs no rights of a plugin. */
    static void removeFrom(Thread thread) {
        try {
            opened(Thread.class, "inheritedAccessControlContext").set(thread, null);
        } catch (InaccessibleObjectException | ReflectiveOperationException unknown) {
            // Then it does not keep anything either, or nobody can help it.
        }
    }

    private static ProtectionDomain[] domains(Object context) throws ReflectiveOperationException {
        Object domains = opened(context.getClass(), "context").get(context);
        return domains == null ? new ProtectionDomain[0] : (ProtectionDomain[]) domains;
    }

    private static Field opened(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
