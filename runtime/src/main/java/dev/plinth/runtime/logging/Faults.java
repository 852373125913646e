package dev.plinth.runtime.logging;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.ArrayDeque;
import java.util.Deque;

/** Writes exceptions down, the root cause first, as that is what helps. */
final class Faults {

    private static final int MOST_CAUSES = 20;
    /** The deepest stack that Java keeps is shorter. */
    private static final int LONGEST = 2 * Secrets.LONGEST_TEXT;

    private static final int USUAL_FRAME = 80;

    private Faults() {}

    /** Each frame on a line of its own; messages without line ends. */
    static String stack(IThrowableProxy fault, Secrets secrets) {
        StringBuilder text = new StringBuilder();
        boolean first = true;
        for (IThrowableProxy cause : rootFirst(fault)) {
            text.append(first ? "" : "wrapped by: ");
            first = false;
            append(text, cause, secrets);
            if (isFull(text)) {
                return text.append("... (the rest is left out)\n").toString();
            }
        }
        return text.toString();
    }

    private static boolean isFull(StringBuilder text) {
        return text.length() >= LONGEST;
    }

    /** About how long it is when it is written down. */
    static long length(IThrowableProxy fault) {
        long length = 0;
        for (IThrowableProxy cause : rootFirst(fault)) {
            length += Secrets.shownLength(cause.getMessage());
            length += (long) USUAL_FRAME * (cause.getStackTraceElementProxyArray().length - cause.getCommonFrames());
            for (IThrowableProxy suppressed : cause.getSuppressed()) {
                length += USUAL_FRAME + Secrets.shownLength(suppressed.getMessage());
            }
        }
        return Math.min(length, LONGEST);
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
        for (int i = 0; i < frames.length - cause.getCommonFrames() && !isFull(text); i++) {
            text.append("    ").append(frames[i].getSTEAsString()).append('\n');
        }
        for (IThrowableProxy suppressed : cause.getSuppressed()) {
            if (isFull(text)) {
                return;
            }
            text.append("    suppressed: ").append(suppressed.getClassName());
            if (suppressed.getMessage() != null) {
                text.append(": ");
                Escapes.append(text, secrets.blank(suppressed.getMessage()));
            }
            text.append('\n');
        }
    }
}
