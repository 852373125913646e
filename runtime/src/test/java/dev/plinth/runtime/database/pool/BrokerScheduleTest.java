package dev.plinth.runtime.database.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Throws random schedules at a broker, and checks after each step what must always hold. */
class BrokerScheduleTest {

    private static final int SCHEDULES = Boolean.getBoolean("plinth.thorough") ? 100_000 : 2_000;
    private static final int STEPS = 200;

    @Test
    void keepsItsPromisesWhateverHappens() {
        for (long seed = 0; seed < SCHEDULES; seed++) {
            Schedule schedule = new Schedule(seed);
            try {
                schedule.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("schedule " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    /** A server that answers when the schedule says so, and plugins that come and go. */
    private static final class Schedule implements Broker.Owner<Integer> {

        private static final Duration TIMEOUT = Duration.ofSeconds(60);

        /** For so long the budget stays shrunk at most, and then the next attempt to connect may wait a little. */
        private static final Duration SOON = Duration.ofSeconds(7);

        private final Random random;
        private final Broker<Integer> broker;
        private final List<Plugin> plugins = new ArrayList<>();
        private final List<Slot<Integer>> opening = new ArrayList<>();
        private final List<Slot<Integer>> abandoned = new ArrayList<>();
        private final List<Slot<Integer>> open = new ArrayList<>();
        private final List<Slot<Integer>> closing = new ArrayList<>();
        private final Map<Slot<Integer>, List<Lease>> leases = new HashMap<>();
        private final PriorityQueue<Long> timers = new PriorityQueue<>();
        private long now = 1_000_000_000L;
        private long lastServed;
        private int budget;
        private int numbers;

        Schedule(long seed) {
            random = new Random(seed);
            budget = 1 + random.nextInt(8);
            broker = new Broker<>(budget, () -> now, this);
            boolean shared = random.nextBoolean();
            int count = 1 + random.nextInt(6);
            for (int i = 0; i < count; i++) {
                plugins.add(new Plugin(shared ? "all" : i, 1 + random.nextInt(4)));
            }
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step();
                check();
            }
            settle();
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> any(plugins).request(any(List.of(Use.values())));
                case 4, 5, 6 -> releaseAny();
                case 7 -> answerOpen(random.nextInt(4) > 0);
                case 8 -> {
                    answerClose();
                    answerAbandoned();
                }
                case 9 -> pass(Duration.ofMillis(random.nextInt(200)));
                case 10 -> disturb();
                default -> answerOpen(true);
            }
        }

        private void disturb() {
            switch (random.nextInt(4)) {
                case 0 -> die();
                case 1 -> {
                    budget = 1 + random.nextInt(8);
                    broker.budget(budget);
                }
                case 2 -> {
                    if (!open.isEmpty()) {
                        broker.discard(any(open));
                    }
                }
                default -> pass(Duration.ofMillis(random.nextInt(40_000)));
            }
        }

        /** Time passes, and the timers that were asked for go off; nothing else wakes the broker. */
        private void pass(Duration time) {
            long end = now + time.toNanos();
            while (!timers.isEmpty() && timers.element() <= end) {
                now = Math.max(now, timers.remove());
                broker.advance();
            }
            now = end;
        }

        private void releaseAny() {
            List<Lease> out = leases.values().stream().flatMap(List::stream).toList();
            if (!out.isEmpty()) {
                any(out).giveBack();
            }
        }

        private void answerOpen(boolean well) {
            if (opening.isEmpty()) {
                return;
            }
            Slot<Integer> slot = opening.remove(random.nextInt(opening.size()));
            if (well) {
                open.add(slot);
                broker.opened(slot, numbers++);
            } else {
                broker.failed(slot, new IllegalStateException("refused"), any(List.of(Obstacle.values())));
            }
        }

        private void answerAbandoned() {
            if (!abandoned.isEmpty()) {
                Slot<Integer> slot = abandoned.remove(0);
                if (opening.remove(slot)) { // otherwise it was too late
                    broker.failed(slot, new IllegalStateException("abandoned"), Obstacle.LASTING);
                }
            }
        }

        private void answerClose() {
            if (!closing.isEmpty()) {
                broker.closed(closing.remove(random.nextInt(closing.size())));
            }
        }

        private void die() {
            if (!open.isEmpty()) {
                Slot<Integer> slot = open.remove(random.nextInt(open.size()));
                broker.closed(slot);
            }
        }

        private <T> T any(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        /** From here on the server is well and leases are short: all who wait must be served. */
        private void settle() {
            broker.budget(budget);
            lastServed = now;
            while (plugins.stream().anyMatch(plugin -> plugin.pending() > 0)) {
                List.copyOf(opening).forEach(slot -> answerOpen(true));
                List.copyOf(closing).forEach(slot -> answerClose());
                List.copyOf(abandoned).forEach(slot -> answerAbandoned());
                leases.values().stream().flatMap(List::stream).toList().forEach(Lease::giveBack);
                check();
                pass(Duration.ofMillis(25));
                assertThat(now - lastServed)
                        .as("since anyone was served, while some wait")
                        .isLessThan(SOON.toNanos());
            }
            leases.values().stream().flatMap(List::stream).toList().forEach(Lease::giveBack);
            pass(Duration.ofMinutes(5));
            List.copyOf(abandoned).forEach(slot -> answerAbandoned());
            List.copyOf(opening).forEach(slot -> answerOpen(true));
            pass(Duration.ofMinutes(5));
            List.copyOf(closing).forEach(slot -> answerClose());
            assertThat(broker.snapshot().total())
                    .as("connections left when all are idle")
                    .isZero();
        }

        private void check() {
            assertThat(broker.snapshot().total()).as("total").isEqualTo(opening.size() + open.size() + closing.size());
            plugins.forEach(Plugin::check);
            leases.forEach((slot, out) -> {
                long owners =
                        out.stream().filter(lease -> lease.use != Use.SHARED).count();
                assertThat(owners).as("owners of one connection").isLessThanOrEqualTo(1);
                assertThat(owners == 1 && out.size() > 1).as("owned and shared").isFalse();
            });
        }

        @Override
        public void open(Slot<Integer> slot) {
            opening.add(slot);
            assertThat(opening.size() + open.size() + closing.size())
                    .as("connections within the budget")
                    .isLessThanOrEqualTo(budget);
        }

        @Override
        public void abandon(Slot<Integer> slot) {
            assertThat(opening).as("abandoned attempts").contains(slot);
            abandoned.add(slot);
        }

        @Override
        public void close(Slot<Integer> slot) {
            assertThat(leases.getOrDefault(slot, List.of()))
                    .as("users of what is closed")
                    .isEmpty();
            if (open.remove(slot)) {
                closing.add(slot);
            }
        }

        @Override
        public void wakeIn(long nanos) {
            assertThat(nanos).isNotNegative();
            timers.add(now + nanos);
        }

        private final class Plugin {

            private final Object group;
            private final int max;
            private final Borrower<Integer> borrower;
            private final Map<Use, ArrayDeque<Integer>> asked = new EnumMap<>(Use.class);
            private int owned;

            Plugin(Object group, int max) {
                this.group = group;
                this.max = max;
                this.borrower = broker.borrower(String.valueOf(group), group, max, 50, 0, Duration.ofSeconds(30));
                for (Use use : Use.values()) {
                    asked.put(use, new ArrayDeque<>());
                }
            }

            int pending() {
                return asked.values().stream().mapToInt(ArrayDeque::size).sum();
            }

            void request(Use use) {
                int number = numbers++;
                asked.get(use).add(number);
                long since = now;
                broker.acquire(borrower, use, null, now, TIMEOUT, (slot, error) -> {
                    if (error == null) {
                        assertThat(asked.get(use).poll())
                                .as("first come, first served")
                                .isEqualTo(number);
                        lent(slot, use);
                    } else {
                        assertThat(asked.get(use).remove(number))
                                .as("answered once")
                                .isTrue();
                        checkRefusal(error, since);
                    }
                });
            }

            private void checkRefusal(Throwable error, long since) {
                if (error instanceof ExhaustedException exhausted && exhausted.waiting() < 50) {
                    assertThat(now - since).as("refused before its deadline").isGreaterThanOrEqualTo(TIMEOUT.toNanos());
                }
            }

            private void lent(Slot<Integer> slot, Use use) {
                lastServed = now;
                assertThat(open).as("lent what is open").contains(slot);
                assertThat(slot.group.key()).as("lent across groups").isEqualTo(group);
                leases.computeIfAbsent(slot, any -> new ArrayList<>()).add(new Lease(this, slot, use));
                owned += use == Use.SHARED ? 0 : 1;
            }

            void check() {
                assertThat(owned).as("owned").isLessThanOrEqualTo(max);
            }
        }

        private final class Lease {

            private final Plugin plugin;
            private final Slot<Integer> slot;
            private final Use use;

            Lease(Plugin plugin, Slot<Integer> slot, Use use) {
                this.plugin = plugin;
                this.slot = slot;
                this.use = use;
            }

            void giveBack() {
                List<Lease> out = leases.get(slot);
                out.remove(this);
                if (out.isEmpty()) {
                    leases.remove(slot);
                }
                plugin.owned -= use == Use.SHARED ? 0 : 1;
                broker.release(slot, plugin.borrower, use, now);
            }
        }
    }
}
