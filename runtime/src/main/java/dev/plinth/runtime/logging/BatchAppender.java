package dev.plinth.runtime.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes many events at once, on a thread of its own: who logs is never held up, not even by a target that takes nothing. What comes
 * while too many wait is dropped and counted, and the count is logged. Stopping it writes what is left.
 */
public final class BatchAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

    /** Some tenths of a second of a busy server. */
    private static final int MOST_WAITING = 50_000;

    private static final long GATHERING_MILLIS = 20;
    /** A target that takes nothing must not keep a process from ending. */
    private static final long STOP_SECONDS = 3;

    private final Encoder<ILoggingEvent> encoder;
    private final OutputStream target;
    private final int mostWaiting;
    private final Object lock = new Object();
    private List<ILoggingEvent> waiting = new ArrayList<>();
    private long dropped;
    private @Nullable Thread writer;

    /** @param target gets whole lines, in one call for each batch */
    public BatchAppender(Encoder<ILoggingEvent> encoder, OutputStream target) {
        this(encoder, target, MOST_WAITING);
    }

    BatchAppender(Encoder<ILoggingEvent> encoder, OutputStream target, int mostWaiting) {
        this.encoder = encoder;
        this.target = target;
        this.mostWaiting = mostWaiting;
    }

    @Override
    protected void append(ILoggingEvent event) {
        synchronized (lock) {
            if (waiting.size() >= mostWaiting) {
                dropped++;
                return;
            }
            waiting.add(event);
            if (waiting.size() == 1) {
                wakeWriter();
            }
        }
    }

    /** Without events there is no thread. */
    private void wakeWriter() {
        if (writer == null) {
            writer = new Thread(this::write, "log-writer");
            writer.setDaemon(true);
            writer.start();
        }
        lock.notifyAll();
    }

    private void write() {
        try {
            for (List<ILoggingEvent> batch = next(); !batch.isEmpty(); batch = next()) {
                write(batch);
            }
        } catch (IOException e) {
            super.stop();
            addError("cannot write", e);
        }
    }

    /** Waits for events; empty when it is stopped and nothing is left. */
    private List<ILoggingEvent> next() {
        synchronized (lock) {
            while (waiting.isEmpty() && isStarted()) {
                awaitNews(0);
            }
            gather();
            List<ILoggingEvent> batch = waiting;
            waiting = new ArrayList<>(batch.size());
            if (dropped > 0) {
                batch.add(new Dropped(dropped));
                dropped = 0;
            }
            return batch;
        }
    }

    /** It is no reason to end that a plugin interrupts threads that are not its own. */
    @SuppressWarnings("WaitNotInLoop") // those who call it loop
    private void awaitNews(long millis) {
        try {
            lock.wait(millis);
        } catch (InterruptedException e) {
            addWarn("interrupted, which nobody should do", e);
        }
    }

    private void gather() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GATHERING_MILLIS);
        for (long left = GATHERING_MILLIS; left > 0 && isStarted(); ) {
            awaitNews(left);
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
    }

    private void write(List<ILoggingEvent> batch) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (ILoggingEvent event : batch) {
            bytes.writeBytes(encoder.encode(event));
        }
        bytes.writeTo(target);
        target.flush();
    }

    @Override
    public void stop() {
        super.stop();
        Thread writing;
        synchronized (lock) {
            lock.notifyAll();
            writing = writer;
        }
        if (writing != null) {
            join(writing);
        }
    }

    private static void join(Thread writing) {
        try {
            writing.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Dropped extends LoggingEvent {

        Dropped(long count) {
            setLoggerName(AccessLog.NAME);
            setLevel(Level.WARN);
            setTimeStamp(System.currentTimeMillis());
            setThreadName(Thread.currentThread().getName());
            setMDCPropertyMap(Map.of());
            setMessage(count + " lines are missing here: they came faster than they could be written");
        }
    }
}
