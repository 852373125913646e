package dev.plinth.runtime.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.util.Map;
import java.util.Optional;
import org.slf4j.MDC;

/**
 * Adds to each event the plugin and the request that it belongs to, as if the thread had them in its diagnostic context. What is
 * beyond the limit of its source is not written.
 */
public final class ScopedAppender extends OutputStreamAppender<ILoggingEvent> {

    private final LineLimit limit;

    public ScopedAppender(LineLimit limit) {
        this.limit = limit;
    }

    @Override
    protected void append(ILoggingEvent event) {
        // Still on the thread that logs: its current Vert.x context knows, or who is on its stack.
        Optional<LogScope> known = LogScope.current();
        Optional<LogScope> caller = known.isPresent() ? Optional.empty() : Callers.scope();
        if (event instanceof LoggingEvent own) {
            known.or(() -> caller).ifPresent(scope -> own.setMDCPropertyMap(fields(scope)));
        }
        if (limit.admits(event, caller)) {
            super.append(event);
        }
    }

    private static Map<String, String> fields(LogScope scope) {
        Map<String, String> fields = scope.fields();
        Map<String, String> ofThread = MDC.getCopyOfContextMap();
        if (ofThread != null) {
            ofThread.forEach(fields::putIfAbsent);
        }
        return fields;
    }
}
