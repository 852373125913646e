package dev.plinth.runtime.logging;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RepeatsTest {

    private final LoggerContext context = new LoggerContext();
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private Logger logger;

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void tellsOneFaultOnceAndThenHowOftenItCameAgain() {
        tellAfter(Duration.ofHours(1));
        for (int i = 0; i < 1_000; i++) {
            logger.error(
                    "plugin '{}': request {} failed: waiting {}",
                    "todo",
                    "/items/" + i,
                    i,
                    new IllegalStateException());
        }
        assertThat(events).hasSize(1);

        context.resetTurboFilterList();

        assertThat(events).hasSize(2);
        assertThat(events.get(1).getFormattedMessage())
                .startsWith("repeated 999 times in the last 3600 s: plugin 'todo': request /items/0 failed: waiting 0");
        assertThat(events.get(1).getThrowableProxy()).isNull();
    }

    @Test
    void tellsEachOfSeveralFaultsInFilesThatAreNamedByTheirWholePath() {
        tellAfter(Duration.ofHours(1));
        logger.warn("{}", "/etc/plinth/app-config.yaml:3:1 backend.listn: unknown key");
        logger.warn("{}", "/etc/plinth/app-config.yaml:4:1 backend.databse: unknown key");

        assertThat(events).hasSize(2);
    }

    @Test
    void tellsByItselfWhenTheTimeIsOver() throws Exception {
        tellAfter(Duration.ofMillis(50));
        logger.warn("away");
        logger.warn("away");

        eventually(() -> events.size() == 2);

        assertThat(events.get(1).getFormattedMessage()).isEqualTo("repeated 1 time in the last 1 s: away");
    }

    @Test
    void keepsFaultsOfDifferentPluginsApart() {
        tellAfter(Duration.ofHours(1));
        IntStream.range(0, 100).forEach(i -> logger.error("plugin '{}' failed", "p" + i));

        assertThat(events).hasSize(100);
    }

    @Test
    void keepsDifferentExceptionsApart() {
        tellAfter(Duration.ofHours(1));
        logger.error("failed", new IllegalStateException());
        logger.error("failed", new IllegalArgumentException());

        assertThat(events).hasSize(2);
    }

    /** What is compared is kept, and a plugin may log megabytes at a time. */
    @Test
    void comparesTheBeginningsOfLongTexts() {
        tellAfter(Duration.ofHours(1));
        String beginning = "x".repeat(5_000);
        logger.warn("{}", beginning + "one");
        logger.warn("{}", beginning + "other");
        logger.warn(beginning + "one");
        logger.warn(beginning + "other");

        assertThat(events).hasSize(2);
    }

    @Test
    void leavesInformationAlone() {
        tellAfter(Duration.ofHours(1));
        logger.info("GET / 200");
        logger.info("GET / 200");

        assertThat(events).hasSize(2);
    }

    private void tellAfter(Duration first) {
        Repeats repeats = new Repeats(new LineLimit(), first);
        repeats.start();
        context.addTurboFilter(repeats);
        logger = context.getLogger("some");
        AppenderBase<ILoggingEvent> kept = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                events.add(event);
            }
        };
        kept.start();
        logger.addAppender(kept);
    }
}
