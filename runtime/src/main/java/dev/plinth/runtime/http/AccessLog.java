package dev.plinth.runtime.http;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line per request, on the logger {@code access}. */
final class AccessLog {

    private static final Logger LOG = LoggerFactory.getLogger("access");

    private AccessLog() {}

    static void log(Exchange exchange, AnsweredRequest answered) {
        if (LOG.isInfoEnabled()) {
            LOG.info(line(exchange, answered));
        }
    }

    /** Without the query, which may hold secrets. */
    private static String line(Exchange exchange, AnsweredRequest answered) {
        long micros = answered.nanos() / 1_000;
        return answered.method() + ' '
                + printable(exchange.request().path()) + ' '
                + answered.status() + ' ' + micros / 1_000 + '.' + micros / 100 % 10 + "ms "
                + answered.bytesWritten() + "B plugin=" + orNone(answered.plugin())
                + " route=" + orNone(answered.route())
                + " client=" + exchange.caller().address()
                + " request=" + exchange.requestId();
    }

    private static String orNone(String text) {
        return text.isEmpty() ? "-" : text;
    }

    /** A path may hold what would end the line or colour the terminal. */
    static String printable(String path) {
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) < ' ' || path.charAt(i) > '~') {
                return escaped(path);
            }
        }
        return path;
    }

    private static String escaped(String path) {
        StringBuilder escaped = new StringBuilder(path.length() + 16);
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c < ' ' || c > '~') {
                escaped.append(String.format("\\u%04x", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
