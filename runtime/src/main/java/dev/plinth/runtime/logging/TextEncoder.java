package dev.plinth.runtime.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/** Log events for people: time, level, logger, message, what it belongs to, and exceptions below. */
public final class TextEncoder extends EncoderBase<ILoggingEvent> {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private static final int LEVEL_WIDTH = 5;
    private static final int LOGGER_WIDTH = 20;
    private static final String RED = "\u001b[31m";
    private static final String YELLOW = "\u001b[33m";
    private static final String RESET = "\u001b[0m";

    private final Secrets secrets;
    private final boolean coloured;
    private volatile Moment last = new Moment(-1, "");

    public TextEncoder(Secrets secrets, boolean coloured) {
        this.secrets = secrets;
        this.coloured = coloured;
    }

    /** Many events come in one millisecond, and writing a time down takes long. */
    private record Moment(long millis, String text) {}

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        line.append(time(event.getTimeStamp())).append(' ');
        appendLevel(line, event.getLevel());
        appendLogger(line, event.getLoggerName());
        Escapes.append(line, secrets.blank(String.valueOf(event.getFormattedMessage())));
        // The access log names them itself.
        if (!(event instanceof AccessLog.Event)) {
            appendScope(line, event.getMDCPropertyMap());
        }
        line.append('\n');
        IThrowableProxy fault = event.getThrowableProxy();
        if (fault != null) {
            line.append(Faults.stack(fault, secrets));
        }
        return line.toString().getBytes(UTF_8);
    }

    private String time(long millis) {
        Moment moment = last;
        if (moment.millis != millis) {
            moment = new Moment(millis, TIME.format(Instant.ofEpochMilli(millis)));
            last = moment;
        }
        return moment.text;
    }

    private void appendLevel(StringBuilder line, Level level) {
        String colour = level.isGreaterOrEqual(Level.ERROR) ? RED : level.isGreaterOrEqual(Level.WARN) ? YELLOW : "";
        boolean shown = coloured && !colour.isEmpty();
        line.append(shown ? colour : "").append(level).append(shown ? RESET : "");
        pad(line, LEVEL_WIDTH - level.toString().length());
    }

    private static void appendLogger(StringBuilder line, String name) {
        int begin = name.lastIndexOf('.') + 1;
        int length = Math.min(name.length() - begin, LOGGER_WIDTH);
        line.append(name, begin, begin + length);
        pad(line, LOGGER_WIDTH - length);
    }

    private static void pad(StringBuilder line, int missing) {
        line.append(" ".repeat(Math.max(0, missing) + 1));
    }

    private void appendScope(StringBuilder line, Map<String, String> fields) {
        for (String name : new String[] {"plugin", "request"}) {
            String value = fields.get(name);
            if (value != null) {
                line.append(' ').append(name).append('=');
                Escapes.append(line, secrets.blank(value));
            }
        }
    }
}
