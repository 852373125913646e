package dev.plinth.runtime.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Log events for programs, each on one line: {@code time}, {@code level}, {@code logger}, {@code thread}, {@code message}, and as
 * far as they are known {@code plugin}, {@code request}, {@code trace} and {@code error} with {@code type}, {@code message} and
 * {@code stack}; then the event's own. Written by hand, as every request has a line.
 */
public final class JsonEncoder extends EncoderBase<ILoggingEvent> {

    private static final String OF_PLUGIN = "plugin '{}'";

    private final Secrets secrets;
    private volatile Moment last = new Moment(-1, "");

    public JsonEncoder(Secrets secrets) {
        this.secrets = secrets;
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
        StringBuilder line = new StringBuilder(480);
        line.append("{\"time\":\"").append(time(event.getTimeStamp())).append('"');
        append(line, "level", event.getLevel().toString());
        // A class's name holds no secret, but a part of it may be somebody's password.
        line.append(",\"logger\":");
        Escapes.appendJson(line, event.getLoggerName());
        append(line, "thread", event.getThreadName());
        if (event instanceof AccessLog.Event access) {
            append(line, access);
        } else {
            appendAny(line, event);
        }
        return line.append("}\n").toString().getBytes(UTF_8);
    }

    /** What has fields need not be told in words too. They make no objects: most lines are such. */
    private void append(StringBuilder line, AccessLog.Event event) {
        AccessLine access = event.line();
        LogScope scope = access.scope();
        append(line, "message", event.getMessage());
        appendUnlessEmpty(line, LogScope.PLUGIN, scope.plugin());
        appendUnlessEmpty(line, LogScope.REQUEST, scope.requestId());
        appendUnlessEmpty(line, LogScope.TRACE, scope.traceId());
        append(line, "method", access.method());
        append(line, "path", access.path());
        line.append(",\"status\":").append(access.status()).append(",\"millis\":");
        access.appendMillis(line);
        line.append(",\"bytes\":").append(access.bytes());
        append(line, "route", access.route());
        append(line, "client", access.client());
    }

    private void appendUnlessEmpty(StringBuilder line, String name, String value) {
        if (!value.isEmpty()) {
            append(line, name, value);
        }
    }

    private void appendAny(StringBuilder line, ILoggingEvent event) {
        append(line, "message", String.valueOf(event.getFormattedMessage()));
        Map<String, String> scope = event.getMDCPropertyMap();
        if (!scope.containsKey(LogScope.PLUGIN)) {
            appendPlugin(line, String.valueOf(event.getMessage()), event.getArgumentArray());
        }
        scope.forEach((name, value) -> appendOf(line, name, value));
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                append(line, pair.key, pair.value);
            }
        }
        IThrowableProxy fault = event.getThrowableProxy();
        if (fault != null) {
            append(line, fault);
        }
    }

    private String time(long millis) {
        Moment moment = last;
        if (moment.millis != millis) {
            moment = new Moment(millis, Instant.ofEpochMilli(millis).toString());
            last = moment;
        }
        return moment.text;
    }

    /** What the runtime says of a plugin from outside of it. */
    private void appendPlugin(StringBuilder line, String format, Object @Nullable [] arguments) {
        if (format.startsWith(OF_PLUGIN) && arguments != null && arguments.length > 0) {
            append(line, LogScope.PLUGIN, String.valueOf(arguments[0]));
        }
    }

    private void append(StringBuilder line, IThrowableProxy fault) {
        line.append(",\"error\":{\"type\":");
        Escapes.appendJson(line, fault.getClassName());
        append(line, "message", fault.getMessage() == null ? "" : fault.getMessage());
        append(line, "stack", Faults.stack(fault, secrets));
        line.append('}');
    }

    private void append(StringBuilder line, String name, Object value) {
        if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
            line.append(",\"").append(name).append("\":").append(number);
        } else {
            appendOf(line, name, String.valueOf(value));
        }
    }

    /** What others name may need escapes. */
    private void appendOf(StringBuilder line, String name, String value) {
        line.append(',');
        Escapes.appendJson(line, name);
        line.append(':');
        Escapes.appendJson(line, secrets.blank(value));
    }

    private void append(StringBuilder line, String name, String value) {
        line.append(",\"").append(name).append("\":");
        Escapes.appendJson(line, secrets.blank(value));
    }
}
