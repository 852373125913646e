package dev.plinth.runtime.logging;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.ArrayDeque;
import java.util.Deque;

/** Writes exceptions down, the root cause first, as that is what helps. */
final class Faults {

    private static final int MOST_CAUSES = 20;

    private Faults() {}

    /** Each frame on a line of its own; messages without line ends. */
    static String stack(IThrowableProxy fault, Secrets secrets) {
        StringBuilder text = new StringBuilder();
        boolean first = true;
        for (IThrowableProxy cause : rootFirst(fault)) {
            text.append(first ? "" : "wrapped by: ");
            first = false;
            append(text, cause, secrets);
        }
        return text.toString();
    }

    private static Deque<IThrowableProxy> rootFirst(IThrowableProxy fault) {
        Deque<IThrowableProxy> causes = new ArrayDeque<>();
        for (IThrowableProxy cause = fault; cause != null && causes.size() < MOST_CAUSES; cause = cause.getCause()) {
            causes.push(cause);
        }
        return causes;
    }

    private static void append(StringBuilder text, IThrowableProxy cause, Secrets secrets) {
        text.append(cause.getClassName());
        if (cause.getMessage() != null) {
            text.append(": ");
            Escapes.append(text, secrets.blank(cause.getMessage()));
        }
        text.append('\n');
        StackTraceElementProxy[] frames = cause.getStackTraceElementProxyArray();
        for (int i = 0; i < frames.length - cause.getCommonFrames(); i++) {
            text.append("    ").append(frames[i].getSTEAsString()).append('\n');
        }
        for (IThrowableProxy suppressed : cause.getSuppressed()) {
            text.append("    suppressed: ").append(suppressed.getClassName());
            if (suppressed.getMessage() != null) {
                text.append(": ");
                Escapes.append(text, secrets.blank(suppressed.getMessage()));
            }
            text.append('\n');
        }
    }
}
