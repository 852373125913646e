package dev.plinth.runtime.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
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
    /** What takes longer, too. */
    private static final Duration LONGEST = Duration.ofSeconds(1);

    private final String name;
    /** By plugin, as a thread may be shared; those without one are all of whoever calls. */
    private final ThreadLocal<Map<String, Line>> lines = ThreadLocal.withInitial(HashMap::new);

    private final Set<Line> unfinished = ConcurrentHashMap.newKeySet();
    private final Summaries timer = new Summaries();

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
            finish();
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

    /** What a thread has printed of a line that has not ended. */
    private static final class Line {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private String plugin = "";
        private long begun;

        /** Answers the lines that are whole now. */
        synchronized List<String> add(byte[] more, int offset, int length) {
            List<String> whole = new ArrayList<>();
            for (int i = offset; i < offset + length; i++) {
                if (more[i] != '\n') {
                    write(more[i]);
                }
                if (more[i] == '\n' || bytes.size() >= LONGEST_BYTES) {
                    whole.add(take());
                }
            }
            return whole;
        }

        private void write(byte next) {
            if (isEmpty()) {
                begun = System.nanoTime();
            }
            bytes.write(next);
        }

        /** Not if it may still go on. */
        synchronized String takeLongest() {
            return rest().isZero() ? take() : "";
        }

        synchronized Duration rest() {
            Duration rest = LONGEST.minusNanos(System.nanoTime() - begun);
            return rest.isNegative() ? Duration.ZERO : rest;
        }

        synchronized String take() {
            String text = bytes.toString(UTF_8);
            bytes.reset();
            return text;
        }

        synchronized boolean isEmpty() {
            return bytes.size() == 0;
        }

        synchronized String plugin() {
            return plugin;
        }

        synchronized void begin(String newPlugin) {
            plugin = newPlugin;
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        String plugin = plugin();
        Line line = line(plugin);
        if (line.isEmpty()) {
            line.begin(plugin.isEmpty() ? Callers.scope().map(LogScope::plugin).orElse("") : plugin);
        }
        line.add(bytes, offset, length).forEach(text -> log(line.plugin(), text));
        finishInTime(line);
    }

    private void finishInTime(Line line) {
        if (!line.isEmpty() && unfinished.add(line)) {
            timer.after(line.rest(), () -> {
                unfinished.remove(line);
                finish(line, line.takeLongest());
                // One that was begun later.
                finishInTime(line);
            });
        }
    }

    private static String plugin() {
        return LogScope.current().map(LogScope::plugin).orElse("");
    }

    private Line line(String plugin) {
        return lines.get().computeIfAbsent(plugin, unknown -> new Line());
    }

    /** Logs what was printed without an end of its line, after which nothing more is printed. */
    public static void finish() {
        Stream.of(System.out, System.err)
                .filter(PrintedLines.class::isInstance)
                .forEach(stream -> ((PrintedLines) stream).finishAll());
    }

    private void finishAll() {
        timer.stop();
        unfinished.forEach(line -> finish(line, line.take()));
    }

    /** On another thread than its own, which may be over. */
    private void finish(Line line, String text) {
        LogScope.as(line.plugin(), () -> log(line.plugin(), text));
    }

    @Override
    public void write(int single) {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void flush() {
        Line line = line(plugin());
        log(line.plugin(), line.take());
    }

    @Override
    public void close() {
        flush();
    }

    @Override
    public boolean checkError() {
        return false;
    }

    private void log(String plugin, String text) {
        if (text.isBlank()) {
            return;
        }
        String line = text.stripTrailing();
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
