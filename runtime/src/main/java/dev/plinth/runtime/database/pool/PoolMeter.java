package dev.plinth.runtime.database.pool;

import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.CompositeCommand;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happens in one plugin's pool. Any thread; cheap enough for every statement. */
public final class PoolMeter {

    private final AtomicLong statements = new AtomicLong();
    private final AtomicLong binds = new AtomicLong();
    private final Map<FailureCause, LongAdder> failures = new EnumMap<>(FailureCause.class);
    private final Histogram acquire = new Histogram();
    private final Histogram use = new Histogram();

    /** Nothing has happened yet. */
    public PoolMeter() {
        for (FailureCause cause : FailureCause.values()) {
            failures.put(cause, new LongAdder());
        }
    }

    /** Counts the statements in what the plugin asks for. */
    void asked(CommandBase<?> command) {
        if (command instanceof QueryCommandBase<?>) {
            statements.getAndIncrement();
        } else if (command instanceof CompositeCommand composite) {
            statements.getAndAdd(composite.commands().size());
        }
    }

    /** @param error as the plugin sees it */
    void failed(Throwable error) {
        Objects.requireNonNull(failures.get(FailureCause.of(error))).increment();
    }

    /** A connection was there after so long. */
    public void acquired(long nanos) {
        acquire.add(nanos);
    }

    /** A connection was used for so long. */
    public void used(long nanos) {
        use.add(nanos);
    }

    /** A connection was bound to the plugin. */
    public void bound() {
        binds.getAndIncrement();
    }

    long statements() {
        return statements.get();
    }

    long binds() {
        return binds.get();
    }

    Map<FailureCause, Long> failures() {
        Map<FailureCause, Long> counted = new EnumMap<>(FailureCause.class);
        failures.forEach((cause, count) -> counted.put(cause, count.sum()));
        return counted;
    }

    HistogramSnapshot acquire() {
        return acquire.snapshot();
    }

    HistogramSnapshot use() {
        return use.snapshot();
    }
}
