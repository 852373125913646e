package dev.plinth.runtime.testing;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.joran.spi.JoranException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What one logger logs while this is open. Any thread. */
public final class LogLines implements AutoCloseable {

    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    };

    private LogLines(String name) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        undoWhatAVerbConfigured(context);
        logger = context.getLogger(name);
        appender.start();
        logger.addAppender(appender);
    }

    /** Verbs that were run in this process before have set levels and filters of their own. */
    private static void undoWhatAVerbConfigured(LoggerContext context) {
        if (context.getLogger("dev.plinth").getLevel() == null) {
            context.reset();
            try {
                new ContextInitializer(context).autoConfig();
            } catch (JoranException e) {
                throw new AssertionError(e);
            }
        }
    }

    public static LogLines of(Class<?> logging) {
        return new LogLines(logging.getName());
    }

    public static LogLines of(String loggerName) {
        return new LogLines(loggerName);
    }

    public List<String> lines() {
        return lines;
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
    }
}
