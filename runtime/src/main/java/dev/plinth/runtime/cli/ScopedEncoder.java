package dev.plinth.runtime.cli;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Map;

/** Knows {@code %safe}: the message without control characters, which could forge lines or colours on a terminal; and {@code %scope}: the plugin and the request that an event belongs to, unless it is the access log's, which names them. */
final class ScopedEncoder extends PatternLayoutEncoder {

    @Override
    public void start() {
        PatternLayout scoped = new PatternLayout();
        scoped.getInstanceConverterMap().put("scope", Scope::new);
        scoped.getInstanceConverterMap().put("safe", Safe::new);
        scoped.setContext(context);
        scoped.setPattern(getPattern());
        scoped.start();
        layout = scoped;
        started = true;
    }

    private static final class Safe extends ClassicConverter {

        @Override
        public String convert(ILoggingEvent event) {
            String message = String.valueOf(event.getFormattedMessage());
            for (int i = 0; i < message.length(); i++) {
                if (isControl(message.charAt(i))) {
                    return replaced(message);
                }
            }
            return message;
        }

        private static String replaced(String message) {
            StringBuilder safe = new StringBuilder(message);
            for (int i = 0; i < safe.length(); i++) {
                if (isControl(safe.charAt(i))) {
                    safe.setCharAt(i, '?');
                }
            }
            return safe.toString();
        }

        private static boolean isControl(char c) {
            return Character.isISOControl(c) && c != '\n' && c != '\t';
        }
    }

    private static final class Scope extends ClassicConverter {

        @Override
        public String convert(ILoggingEvent event) {
            Map<String, String> fields = event.getMDCPropertyMap();
            return fields.isEmpty() || event.getLoggerName().equals("access")
                    ? ""
                    : field("plugin", fields) + field("request", fields);
        }

        private static String field(String name, Map<String, String> fields) {
            String value = fields.get(name);
            return value == null ? "" : ' ' + name + '=' + value;
        }
    }
}
