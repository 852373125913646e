package dev.plinth.runtime.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs each line that is printed to it, as of the plugin whose code prints. Nobody waits for anybody else that prints, as with a
 * stream of Java's own, and nobody closes it for others. Any thread.
 */
@SuppressWarnings("AnnotateFormatMethod") // as Java declares them
public final class PrintedLines extends PrintStream {

    /** Names of loggers; behind each stands a dot and the plugin, if there is one. */
    private static final String OUT = "stdout";

    private static final String ERR = "stderr";
    /** What is longer goes on in the next line. */
    private static final int LONGEST_BYTES = 8 * 1024;

    private final String name;
    private final ThreadLocal<ByteArrayOutputStream> unfinished = ThreadLocal.withInitial(ByteArrayOutputStream::new);

    private PrintedLines(String name) {
        super(OutputStream.nullOutputStream(), false, UTF_8);
        this.name = name;
    }

    /** Puts what was there before back when it is closed. */
    public interface Capture {

        void close();
    }

    /** From now on, what the process prints to its two streams is logged. */
    public static Capture capture() {
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(new PrintedLines(OUT));
        System.setErr(new PrintedLines(ERR));
        return () -> {
            System.setOut(out);
            System.setErr(err);
        };
    }

    /** Whether the faults that this logger tells are lines of what was printed. */
    static boolean isOne(String logger) {
        return logger.equals(ERR) || logger.startsWith(ERR + ".");
    }

    /** Whether this thread keeps others from printing, as those do who print a stack trace. */
    static boolean isHeld() {
        return isHeld(System.err) || isHeld(System.out);
    }

    /** @param stream null where a plugin has taken it away */
    private static boolean isHeld(@Nullable PrintStream stream) {
        return stream != null && Thread.holdsLock(stream);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        ByteArrayOutputStream line = unfinished.get();
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] == '\n') {
                log(line);
            } else {
                line.write(bytes[i]);
                if (line.size() >= LONGEST_BYTES) {
                    log(line);
                }
            }
        }
    }

    @Override
    public void write(int single) {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void flush() {
        log(unfinished.get());
    }

    @Override
    public void close() {
        flush();
    }

    @Override
    public boolean checkError() {
        return false;
    }

    private void log(ByteArrayOutputStream line) {
        if (line.size() > 0) {
            String text = line.toString(UTF_8);
            // Before anything else is called, which may print too.
            line.reset();
            if (!text.isBlank()) {
                log(text.stripTrailing());
            }
        }
    }

    private void log(String line) {
        String plugin =
                LogScope.current().or(Callers::scope).map(LogScope::plugin).orElse("");
        Logger logger = LoggerFactory.getLogger(plugin.isEmpty() ? name : name + "." + plugin);
        if (name.equals(ERR)) {
            logger.warn("{}", line);
        } else {
            logger.info("{}", line);
        }
    }

    private void add(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        write(bytes, 0, bytes.length);
    }

    private void addLine(String text) {
        add(text + "\n");
    }

    @Override
    public void print(boolean value) {
        add(String.valueOf(value));
    }

    @Override
    public void print(char value) {
        add(String.valueOf(value));
    }

    @Override
    public void print(int value) {
        add(String.valueOf(value));
    }

    @Override
    public void print(long value) {
        add(String.valueOf(value));
    }

    @Override
    public void print(float value) {
        add(String.valueOf(value));
    }

    @Override
    public void print(double value) {
        add(String.valueOf(value));
    }

    @Override
    public void print(char[] value) {
        add(String.valueOf(value));
    }

    @Override
    public void print(@Nullable String value) {
        add(String.valueOf(value));
    }

    @Override
    public void print(@Nullable Object value) {
        add(String.valueOf(value));
    }

    @Override
    public void println() {
        addLine("");
    }

    @Override
    public void println(boolean value) {
        addLine(String.valueOf(value));
    }

    @Override
    public void println(char value) {
        addLine(String.valueOf(value));
    }

    @Override
    public void println(int value) {
        addLine(String.valueOf(value));
    }

    @Override
    public void println(long value) {
        addLine(String.valueOf(value));
    }

    @Override
    public void println(float value) {
        addLine(String.valueOf(value));
    }

    @Override
    public void println(double value) {
        addLine(String.valueOf(value));
    }

    @Override
    public void println(char[] value) {
        addLine(String.valueOf(value));
    }

    @Override
    public void println(@Nullable String value) {
        addLine(String.valueOf(value));
    }

    @Override
    public void println(@Nullable Object value) {
        addLine(String.valueOf(value));
    }

    @Override
    public PrintStream format(String format, @Nullable Object... arguments) {
        add(String.format(format, arguments));
        return this;
    }

    @Override
    public PrintStream format(Locale locale, String format, @Nullable Object... arguments) {
        add(String.format(locale, format, arguments));
        return this;
    }

    @Override
    public PrintStream printf(String format, @Nullable Object... arguments) {
        return format(format, arguments);
    }

    @Override
    public PrintStream printf(Locale locale, String format, @Nullable Object... arguments) {
        return format(locale, format, arguments);
    }

    @Override
    public PrintStream append(@Nullable CharSequence text) {
        add(String.valueOf(text));
        return this;
    }

    @Override
    public PrintStream append(@Nullable CharSequence text, int start, int end) {
        add(String.valueOf(text).substring(start, end));
        return this;
    }

    @Override
    public PrintStream append(char value) {
        add(String.valueOf(value));
        return this;
    }
}
