package dev.plinth.runtime.database.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * What a broker must do once it left its critical section, and when it must look again. Guarded by the {@link Broker}, except for
 * what {@link #drain} returns.
 */
final class Agenda {

    private final LongSupplier clock;
    private final LongConsumer alarm;
    private List<Runnable> effects = new ArrayList<>();
    private long armed = Long.MAX_VALUE;
    private long now;

    /** @param alarm told in how many nanoseconds to look again */
    Agenda(LongSupplier clock, LongConsumer alarm) {
        this.clock = clock;
        this.alarm = alarm;
    }

    /** Reads the clock: once for all that is done in one critical section. */
    void begin() {
        now = clock.getAsLong();
    }

    /** What the clock says is known: asking it costs more than most of what is done here. */
    void begin(long time) {
        now = time;
    }

    /** When the critical section began. */
    long now() {
        return now;
    }

    void add(Runnable effect) {
        effects.add(effect);
    }

    List<Runnable> drain() {
        if (effects.isEmpty()) {
            return List.of();
        }
        List<Runnable> todo = effects;
        effects = new ArrayList<>(2);
        return todo;
    }

    /** Has the broker look again at this time, or before. */
    void wakeBy(long time) {
        if (time < armed) {
            armed = time;
            long in = Math.max(0, time - now);
            effects.add(() -> alarm.accept(in));
        }
    }

    /**
     * The broker was called to look.
     *
     * @return whether that was due; not for alarms that an earlier one came before, or they would call for ever more
     */
    boolean awake() {
        boolean due = now >= armed;
        armed = due ? Long.MAX_VALUE : armed;
        return due;
    }
}
