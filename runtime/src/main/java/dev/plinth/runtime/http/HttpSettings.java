package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the public server is run.
 *
 * @param maxBodyBytes of a request
 * @param idleTimeout after which a connection without any traffic is closed
 * @param requestTimeout in which the whole of a request's body must have come
 * @param startupPause how long a request waits for a plugin that is starting
 * @param shutdownDelay how long requests are still taken once readiness says no
 * @param shutdownTimeout how long requests in flight may take then
 * @param requestLimits by plugin id in lower case, for those that do not have the default
 * @param requiredPlugins which must be ready for the whole to be ready, in lower case
 */
public record HttpSettings(
        ListenSettings listen,
        long maxBodyBytes,
        Duration idleTimeout,
        Duration requestTimeout,
        Duration startupPause,
        Duration shutdownDelay,
        Duration shutdownTimeout,
        Map<String, RequestLimits> requestLimits,
        Set<String> requiredPlugins) {

    private static final ListenSettings LISTEN =
            new ListenSettings(ListenSettings.LOOPBACK, ListenSettings.DEFAULT_PORT);
    private static final long MAX_BODY_BYTES = 10L * 1024 * 1024;
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration STARTUP_PAUSE = Duration.ofSeconds(5);
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(30);

    public HttpSettings {
        requestLimits = Map.copyOf(requestLimits);
        requiredPlugins = Set.copyOf(requiredPlugins);
        if (idleTimeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("idleTimeout must be at most 24 days, was " + idleTimeout);
        }
        if (maxBodyBytes < 0) {
            throw new IllegalArgumentException("maxBodyBytes must not be negative, was " + maxBodyBytes);
        }
    }

    /** Reads {@code backend.listen}, {@code backend.server}, {@code backend.lifecycle}, {@code backend.plugins} and {@code backend.health}. */
    public static HttpSettings read(Config root, Problems problems) {
        Config server = root.at("backend.server");
        Config lifecycle = root.at("backend.lifecycle");
        return new HttpSettings(
                ListenSettings.read(root.at("backend.listen"), LISTEN, problems),
                maxBodyBytes(server.at("maxBodyBytes"), problems),
                idleTimeout(server.at("idleTimeout"), problems),
                server.at("requestTimeout").duration(problems).orElse(REQUEST_TIMEOUT),
                lifecycle.at("startupRequestPauseTimeout").duration(problems).orElse(STARTUP_PAUSE),
                lifecycle.at("serverShutdownDelay").duration(problems).orElse(Duration.ZERO),
                lifecycle.at("shutdownTimeout").duration(problems).orElse(SHUTDOWN_TIMEOUT),
                requestLimits(root.at("backend.plugins"), problems),
                requiredPlugins(root.at("backend.health.required"), problems));
    }

    RequestLimits limitsOf(String pluginId) {
        return requestLimits.getOrDefault(pluginId.toLowerCase(Locale.ROOT), RequestLimits.DEFAULT);
    }

    private static Map<String, RequestLimits> requestLimits(Config plugins, Problems problems) {
        Map<String, RequestLimits> byId = new HashMap<>();
        for (Config plugin : plugins.children()) {
            byId.put(plugin.name().toLowerCase(Locale.ROOT), RequestLimits.read(plugin, problems));
        }
        return byId;
    }

    private static long maxBodyBytes(Config config, Problems problems) {
        long bytes = config.wholeNumber(problems).orElse(MAX_BODY_BYTES);
        if (bytes < 0) {
            problems.addAll(config.wrongType("a number of bytes").problems());
            return MAX_BODY_BYTES;
        }
        return bytes;
    }

    private static Duration idleTimeout(Config config, Problems problems) {
        Duration timeout = config.duration(problems).orElse(IDLE_TIMEOUT);
        if (timeout.toMillis() > Integer.MAX_VALUE) {
            problems.addAll(config.wrongType("a duration of at most 24 days").problems());
            return IDLE_TIMEOUT;
        }
        return timeout;
    }

    private static Set<String> requiredPlugins(Config config, Problems problems) {
        return config.items(problems).stream()
                .flatMap(item -> item.string(problems).stream())
                .map(id -> id.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }
}
