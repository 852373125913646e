package dev.plinth.runtime.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process at once when a signal comes while it is stopping; by itself the JVM ignores it. The one way to hear of signals
 * is a class of the JDK that the compiler warns of, so it is looked up by name; where it is missing, the limits of stopping hold.
 */
final class SecondSignal {

    private static final Logger LOG = LoggerFactory.getLogger("plinth");

    private SecondSignal() {}

    /** To be called when the first one has come. */
    static void endsAtOnce(int exitCode) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method handle = signal.getMethod("handle", signal, handler);
            InvocationHandler halt = (proxy, method, arguments) -> {
                Runtime.getRuntime().halt(exitCode);
                return null;
            };
            Object halting = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, halt);
            for (String name : new String[] {"TERM", "INT"}) {
                handle.invoke(null, signal.getConstructor(String.class).newInstance(name), halting);
            }
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            LOG.debug("a second signal will not be heard", e);
        }
    }
}
