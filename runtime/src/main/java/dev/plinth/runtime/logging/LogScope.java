package dev.plinth.runtime.logging;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;
import io.vertx.core.spi.context.storage.AccessMode;
import io.vertx.core.spi.context.storage.ContextLocal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.MDC;

/**
 * What a log line belongs to. It travels with the Vert.x context, not with the thread: event loops serve many requests at once.
 *
 * @param plugin its id; empty when none is concerned
 * @param requestId empty outside of requests
 * @param traceId of the caller's trace, 32 hexadecimal digits; empty outside of requests
 */
public record LogScope(String plugin, String requestId, String traceId) {

    static final String PLUGIN = "plugin";
    static final String REQUEST = "request";
    static final String TRACE = "trace";

    private static final ContextLocal<LogScope> LOCAL = ContextLocal.registerLocal(LogScope.class);

    /** For what a plugin does outside of requests. */
    public static LogScope of(String plugin) {
        return new LogScope(plugin, "", "");
    }

    /** What the code that runs now belongs to. Any thread. */
    public static Optional<LogScope> current() {
        Context context = Vertx.currentContext();
        return context == null ? Optional.empty() : Optional.ofNullable(LOCAL.get(context, AccessMode.CONCURRENT));
    }

    /** Makes all that runs on this context belong to it. */
    public void enter(Context context) {
        LOCAL.put(context, AccessMode.CONCURRENT, this);
    }

    /** The fields of a log line: {@code plugin}, {@code request} and {@code trace}, as far as they are known. */
    public Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        putUnlessEmpty(fields, PLUGIN, plugin);
        putUnlessEmpty(fields, REQUEST, requestId);
        putUnlessEmpty(fields, TRACE, traceId);
        return fields;
    }

    /** Logs as of a plugin on a thread that no context tells it of; as of none when it is empty. */
    static void as(String plugin, Runnable logging) {
        if (!plugin.isEmpty()) {
            MDC.put(PLUGIN, plugin);
        }
        try {
            logging.run();
        } finally {
            MDC.remove(PLUGIN);
        }
    }

    private static void putUnlessEmpty(Map<String, String> fields, String name, String value) {
        if (!value.isEmpty()) {
            fields.put(name, value);
        }
    }

    /** Vert.x knows only the locals that are registered before it is made: loading this class does it. */
    public static final class Registration implements VertxServiceProvider {

        @Override
        public void init(VertxBootstrap bootstrap) {
            LogScope.current();
        }
    }
}
