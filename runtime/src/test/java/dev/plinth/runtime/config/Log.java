package dev.plinth.runtime.config;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** What one class logs, until closed. */
final class Log extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final Logger logger;
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

    private Log(Logger logger) {
        this.logger = logger;
    }

    static Log of(Class<?> type) {
        Logger logger = (Logger) LoggerFactory.getLogger(type);
        Log log = new Log(logger);
        log.start();
        logger.addAppender(log);
        return log;
    }

    List<String> messages() {
        return List.copyOf(messages);
    }

    String next() throws InterruptedException {
        return String.valueOf(messages.poll(20, TimeUnit.SECONDS));
    }

    @Override
    protected void append(ILoggingEvent event) {
        messages.add(event.getFormattedMessage());
    }

    @Override
    public void close() {
        logger.detachAppender(this);
    }
}
