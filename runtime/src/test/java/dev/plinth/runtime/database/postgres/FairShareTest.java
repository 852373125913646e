package dev.plinth.runtime.database.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.postgres.FairShare.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Instances that come and go divide a server among each other. */
class FairShareTest {

    private static final int ALLOWED = 97;
    private static final int SCHEDULES = Boolean.getBoolean("plinth.thorough") ? 20_000 : 1_000;

    @Test
    void oneThatIsAloneHasHalfAfterAQuarter() {
        FairShare share = new FairShare();
        assertThat(share.limit(new Seen(ALLOWED, 96, 1, 0, false), 0)).isEqualTo(22);
        assertThat(share.share()).isEqualTo(new FairShare.Share(46, ALLOWED, 1));
        assertThat(share.limit(new Seen(ALLOWED, 74, 1, 0, true), 22)).isEqualTo(46);
    }

    @Test
    void oneThatComesToOthersWaitsUntilTheyKnowAndGaveUpTheirs() {
        FairShare share = new FairShare();
        assertThat(share.limit(new Seen(ALLOWED, 90, 3, 2, false), 0)).isEqualTo(1);
        assertThat(share.limit(new Seen(ALLOWED, 2, 3, 2, true), 1)).isEqualTo(1);
        assertThat(share.limit(new Seen(ALLOWED, 33, 3, 2, true), 1)).isEqualTo(12);
        assertThat(share.limit(new Seen(ALLOWED, 60, 3, 2, true), 12)).isEqualTo(30);
    }

    @Test
    void shrinksWhenAnotherComesAndGrowsWhenItLeaves() {
        FairShare share = new FairShare();
        assertThat(share.limit(new Seen(ALLOWED, 10, 3, 2, true), 30)).isEqualTo(30);
        assertThat(share.limit(new Seen(ALLOWED, 9, 4, 2, true), 30)).isEqualTo(22);
        assertThat(share.limit(new Seen(ALLOWED, 40, 2, 1, true), 22)).isEqualTo(42);
        assertThat(share.limit(new Seen(ALLOWED, 30, 2, 1, true), 42)).isEqualTo(46);
    }

    @Test
    void takesNoMoreWhereOthersMayOnlyNotBeBackYet() {
        FairShare share = new FairShare();
        assertThat(share.limit(new Seen(ALLOWED, 40, 4, 3, true), 22)).isEqualTo(22);
        assertThat(share.limit(new Seen(ALLOWED, 96, 1, 0, false), 0)).isEqualTo(22);
    }

    /** Each asks every two seconds at most, opens at once what it may, and keeps what is in use for as long as its borrower wants. */
    @Test
    void togetherTheyNeverHaveMoreThanTheServerAllows() {
        for (long seed = 0; seed < SCHEDULES; seed++) {
            new Schedule(seed).run();
        }
    }

    private static final class Schedule {

        private static final int EVERY = 2_000;
        private static final int KNOWN_AFTER = 3_000;

        private final long seed;
        private final Random random;
        private final List<Instance> instances = new ArrayList<>();
        private int now;
        private boolean allAreGreedy;

        Schedule(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        void run() {
            boolean hurried = random.nextBoolean();
            for (now = 0; now < 60_000; now += 50) {
                if (instances.size() < 8 && random.nextInt(hurried && now < 500 ? 3 : 200) == 0) {
                    instances.add(new Instance());
                } else if (!instances.isEmpty() && random.nextInt(400) == 0) {
                    instances.remove(random.nextInt(instances.size()));
                }
                instances.forEach(Instance::live);
                assertThat(usedByThoseWithMoreThanOne())
                        .as("schedule %d after %d ms", seed, now)
                        .isLessThanOrEqualTo(ALLOWED);
            }
            settle();
        }

        /** All want all that they may have, and nobody comes or goes. */
        private void settle() {
            allAreGreedy = true;
            for (int end = now + 30_000; now < end; now += 50) {
                instances.forEach(Instance::live);
            }
            int share = Math.max(1, ALLOWED / Math.max(2, instances.size()) - 2);
            assertThat(instances)
                    .as("schedule %d: all have their share in the end", seed)
                    .allMatch(instance -> instance.held == share);
        }

        /** With the one that each asks over; the other that each may need is seldom there. */
        private int used() {
            return instances.stream().mapToInt(instance -> instance.held + 1).sum();
        }

        /** One connection is the least that an instance can do with: who has no more waits for it where the server is full. */
        private int usedByThoseWithMoreThanOne() {
            return instances.stream()
                    .filter(instance -> instance.held > 1)
                    .mapToInt(instance -> instance.held + 1)
                    .sum();
        }

        private final class Instance {

            private final FairShare share = new FairShare();
            private final int since = now;
            private int held;
            private int limit;
            private int asks = now;
            private boolean greedy = random.nextBoolean();

            void live() {
                if (now >= asks) {
                    limit = share.limit(look(), held);
                    asks = now + 50 + random.nextInt(EVERY - 100);
                }
                if (random.nextInt(100) == 0 || allAreGreedy) {
                    greedy = allAreGreedy || !greedy;
                }
                if (held > limit) {
                    held -= random.nextInt(Math.min(3, held - limit) + 1); // as leases come back
                } else if (greedy) {
                    held = limit;
                } else {
                    held -= random.nextInt(Math.min(5, held) + 1);
                }
            }

            private Seen look() {
                int others = (int) instances.stream()
                        .filter(other -> other != this && other.isKnown())
                        .count();
                return new Seen(ALLOWED, ALLOWED - used(), instances.size(), others, isKnown());
            }

            private boolean isKnown() {
                return now - since >= KNOWN_AFTER;
            }
        }
    }
}
