package dev.plinth.runtime.cli;

import java.util.List;
import java.util.Optional;

/** Tells an end that code in this process asked for from a signal: the JVM runs the same hooks for both. */
final class ExitCaller {

    private static final String RUNTIME = "dev.plinth.runtime.";

    private ExitCaller() {}

    /** The line of a plugin that calls {@code System.exit}; it does not return from there. */
    static Optional<StackTraceElement> find() {
        return Thread.getAllStackTraces().values().stream()
                .flatMap(stack -> caller(List.of(stack)).stream())
                .filter(frame -> !frame.getClassName().startsWith(RUNTIME))
                .findFirst();
    }

    private static Optional<StackTraceElement> caller(List<StackTraceElement> stack) {
        return stack.stream()
                .dropWhile(frame -> !isExit(frame, "java.lang.Runtime"))
                .dropWhile(frame -> isExit(frame, "java.lang.Runtime") || isExit(frame, "java.lang.System"))
                .findFirst();
    }

    private static boolean isExit(StackTraceElement frame, String className) {
        return frame.getClassName().equals(className) && frame.getMethodName().equals("exit");
    }
}
