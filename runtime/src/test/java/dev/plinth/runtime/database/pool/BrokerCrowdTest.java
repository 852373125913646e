package dev.plinth.runtime.database.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

/** Far more plugins with a database of their own ask at one moment than there are connections. */
class BrokerCrowdTest implements Broker.Owner<Integer> {

    private static final int PLUGINS = 100;
    private static final int EACH = 4;
    private static final int BUDGET = 20;
    /** The server makes one connection after the other. */
    private static final Duration CONNECTING = Duration.ofMillis(10);

    private static final Duration CLOSING = Duration.ofMillis(1);
    private static final Duration USE = Duration.ofMillis(2);

    private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::time));
    private final List<Long> waits = new ArrayList<>();
    private final Broker<Integer> broker = new Broker<>(BUDGET, this::now, this);
    private long now = 1;
    private long connected;
    private int looks;
    private int opened;

    private record Event(long time, Runnable what) {}

    private long now() {
        return now;
    }

    private void in(Duration time, Runnable what) {
        events.add(new Event(now + time.toNanos(), what));
    }

    @Override
    public void open(Slot<Integer> slot) {
        connected = Math.max(connected, now) + CONNECTING.toNanos();
        in(Duration.ofNanos(connected - now), () -> broker.opened(slot, opened++));
    }

    @Override
    public void abandon(Slot<Integer> slot) {}

    @Override
    public void close(Slot<Integer> slot) {
        in(CLOSING, () -> broker.closed(slot));
    }

    @Override
    public void wakeIn(long nanos) {
        in(Duration.ofNanos(nanos), () -> {
            looks++;
            broker.advance();
        });
    }

    private void ask(Borrower<Integer> plugin) {
        long asked = now;
        broker.acquire(plugin, Use.OWN, null, now, Duration.ofMinutes(1), (slot, error) -> {
            assertThat(error).isNull();
            waits.add(now - asked);
            in(USE, () -> broker.release(slot, plugin, Use.OWN, now));
        });
    }

    private void run(int requests) {
        while (waits.size() < requests) {
            Event next = events.remove();
            now = next.time;
            next.what.run();
        }
    }

    @Test
    void areServedSoonWithFewConnectionsAndLittleLooking() {
        List<Borrower<Integer>> plugins = new ArrayList<>();
        for (int i = 0; i < PLUGINS; i++) {
            plugins.add(broker.borrower("plugin" + i, i, 10, 1000, 0, Duration.ofSeconds(30)));
        }
        for (int round = 1; round <= 5; round++) {
            for (int i = 0; i < EACH; i++) {
                plugins.forEach(this::ask);
                now += Duration.ofMillis(1).toNanos();
            }
            run(round * PLUGINS * EACH);
        }
        assertThat(opened).as("connections opened").isLessThan(PLUGINS * 6);
        assertThat(looks).as("times that the broker looked by itself").isLessThan(2 * opened);
        assertThat(waits.stream().map(Duration::ofNanos))
                .allSatisfy(wait -> assertThat(wait).isLessThan(Duration.ofMillis(1500)));
    }
}
