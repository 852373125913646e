package dev.plinth.runtime.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** One line per request, on the logger {@code access}. Any thread. */
public final class AccessLog {

    /** The logger's name. */
    public static final String NAME = "access";

    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(NAME);

    private AccessLog() {}

    /** Whether anybody wants to know. */
    public static boolean isOn() {
        return LOG.isInfoEnabled();
    }

    /** Hands a line to whoever writes it; what costs time is done there. */
    public static void log(AccessLine line) {
        if (LOG instanceof Logger logger) {
            logger.callAppenders(new Event(line));
        } else {
            LOG.info("{}", line.text());
        }
    }

    /** Becomes texts only when it is written. */
    static final class Event extends LoggingEvent {

        private final AccessLine line;

        Event(AccessLine line) {
            this.line = line;
            setLoggerName(NAME);
            setLevel(Level.INFO);
            setTimeStamp(System.currentTimeMillis());
            setThreadName(Thread.currentThread().getName());
        }

        AccessLine line() {
            return line;
        }

        /** What its fields do not say. */
        @Override
        public String getMessage() {
            return line.method() + ' ' + line.path() + ' ' + line.status();
        }

        @Override
        public String getFormattedMessage() {
            return line.text();
        }

        @Override
        public Map<String, String> getMDCPropertyMap() {
            return line.scope().fields();
        }
    }
}
