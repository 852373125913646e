package dev.plinth.runtime.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Objects;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LocationAwareLogger;

/** Sends what libraries log through {@code java.util.logging} the way of all other lines. Any thread. */
public final class JulHandler extends Handler {

    private static final Formatter FORMATTER = new SimpleFormatter();

    /** Java makes one when somebody logs so for the first time: before that nothing of it is loaded. */
    public static final class Setup {

        public Setup() throws IOException {
            String settings = "handlers=" + JulHandler.class.getName() + "\n.level=INFO\n";
            LogManager.getLogManager().readConfiguration(new ByteArrayInputStream(settings.getBytes(UTF_8)));
        }
    }

    @Override
    public void publish(LogRecord record) {
        Logger logger =
                LoggerFactory.getLogger(Objects.requireNonNullElse(record.getLoggerName(), "java.util.logging"));
        int level = level(record.getLevel());
        if (logger.isEnabledForLevel(org.slf4j.event.Level.intToLevel(level))) {
            ((LocationAwareLogger) logger)
                    .log(
                            null,
                            JulHandler.class.getName(),
                            level,
                            FORMATTER.formatMessage(record),
                            null,
                            record.getThrown());
        }
    }

    private static int level(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return LocationAwareLogger.ERROR_INT;
        }
        if (value >= Level.WARNING.intValue()) {
            return LocationAwareLogger.WARN_INT;
        }
        if (value >= Level.INFO.intValue()) {
            return LocationAwareLogger.INFO_INT;
        }
        return value >= Level.FINE.intValue() ? LocationAwareLogger.DEBUG_INT : LocationAwareLogger.TRACE_INT;
    }

    /** Lines are written as they come. */
    @Override
    public void flush() {}

    @Override
    public void close() {}
}
