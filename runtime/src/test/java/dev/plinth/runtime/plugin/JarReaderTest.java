package dev.plinth.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JarReaderTest {

    private static final Discovery NOTHING = new Discovery(List.of(), List.of(), List.of());
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void looksIntoTwoJarsAtATime() {
        CyclicBarrier both = new CyclicBarrier(2);
        try (JarReader reader = new JarReader((jar, reading) -> {
            both.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
            return NOTHING;
        })) {
            JarReading one = reader.begin(Path.of("one.jar"));
            JarReading two = reader.begin(Path.of("two.jar"));

            assertThat(one.isDoneAt(LIMIT) && two.isDoneAt(LIMIT)).isTrue();
            assertThat(one.result()).isCompletedWithValue(NOTHING);
            assertThat(two.result()).isCompletedWithValue(NOTHING);
        }
    }

    @Test
    void passesJarsThatTakeLong() {
        CountDownLatch end = new CountDownLatch(1);
        try (JarReader reader = new JarReader((jar, reading) -> {
            if (jar.toString().startsWith("slow")) {
                end.await();
            }
            return NOTHING;
        })) {
            List<JarReading> slow = Stream.of("slow-1.jar", "slow-2.jar")
                    .map(jar -> reader.begin(Path.of(jar)))
                    .toList();
            JarReading quick = reader.begin(Path.of("quick.jar"));

            assertThat(quick.isDoneAt(LIMIT)).isTrue();
            assertThat(slow).noneMatch(reading -> reading.isDoneAt(Duration.ZERO));
        } finally {
            end.countDown();
        }
    }
}
