package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Level before = context.getLogger(Logger.ROOT_LOGGER_NAME).getLevel();

    @AfterEach
    void restore() {
        Logging.setLevels(Configs.of(new JsonObject().put("level", before.toString())));
    }

    @Test
    void takesLevelsAgainWhileRunning() {
        set(new JsonObject().put("level", "warn").put("levels", Map.of("some", "trace")));
        assertThat(levelOf("other")).isEqualTo(Level.WARN);
        assertThat(levelOf("some.deeper")).isEqualTo(Level.TRACE);

        set(new JsonObject().put("level", "debug"));
        assertThat(levelOf("other")).isEqualTo(Level.DEBUG);
        assertThat(levelOf("some.deeper")).isEqualTo(Level.DEBUG);

        set(new JsonObject());
        assertThat(levelOf("some")).isEqualTo(Level.INFO);
    }

    private static void set(JsonObject logging) {
        Logging.setLevels(Configs.of(logging.copy()));
    }

    private Level levelOf(String logger) {
        return context.getLogger(logger).getEffectiveLevel();
    }
}
