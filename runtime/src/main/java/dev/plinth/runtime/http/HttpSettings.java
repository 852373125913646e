package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.gate.RequestLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the public server is run.
 *
 * @param tls empty for plain HTTP
 * @param compression of answers, for callers that accept it
 * @param headers that protect browsers
 * @param cors empty when no other origin may call
 * @param proxies that say where requests come from
 * @param startupPause how long a request waits for a plugin that is starting
 * @param shutdownDelay how long requests are still taken once readiness says no
 * @param shutdownTimeout how long requests in flight may take then
 * @param requestLimits by plugin id in lower case, for those that do not have the default
 * @param requiredPlugins which must be ready for the whole to be ready, in lower case
 */
public record HttpSettings(
        ListenSettings listen,
        Optional<TlsSettings> tls,
        ServerLimits limits,
        boolean compression,
        SecurityHeaders headers,
        Optional<CorsSettings> cors,
        ProxyTrust proxies,
        Duration startupPause,
        Duration shutdownDelay,
        Duration shutdownTimeout,
        Map<String, RequestLimits> requestLimits,
        Set<String> requiredPlugins) {

    private static final ListenSettings LISTEN =
            new ListenSettings(ListenSettings.LOOPBACK, ListenSettings.DEFAULT_PORT);
    private static final Duration STARTUP_PAUSE = Duration.ofSeconds(5);
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(30);

    public HttpSettings {
        requestLimits = Map.copyOf(requestLimits);
        requiredPlugins = Set.copyOf(requiredPlugins);
    }

    /** Reads what of {@code backend} is about the public server. */
    public static HttpSettings read(Config root, Problems problems) {
        Config backend = root.at("backend");
        Config lifecycle = backend.at("lifecycle");
        Optional<TlsSettings> tls = TlsSettings.read(backend, problems);
        warnOfKeysWithoutEffect(backend, problems);
        return new HttpSettings(
                ListenSettings.read(backend.at("listen"), LISTEN, problems),
                tls,
                ServerLimits.read(backend.at("server"), problems),
                backend.at("server.compression").bool(problems).orElse(true),
                SecurityHeaders.read(backend, tls.isPresent(), problems),
                CorsSettings.read(backend.at("cors"), problems),
                ProxyTrust.read(backend.at("trustProxy"), problems),
                lifecycle.at("startupRequestPauseTimeout").duration(problems).orElse(STARTUP_PAUSE),
                lifecycle.at("serverShutdownDelay").duration(problems).orElse(Duration.ZERO),
                lifecycle.at("shutdownTimeout").duration(problems).orElse(SHUTDOWN_TIMEOUT),
                requestLimits(backend.at("plugins"), problems),
                requiredPlugins(backend.at("health.required"), problems));
    }

    /** Keys of Backstage that would change nothing: whoever relies on one must hear of it. */
    private static void warnOfKeysWithoutEffect(Config backend, Problems problems) {
        warn(backend.at("server.timeout"), "backend.server.idleTimeout closes silent connections", problems);
        warn(
                backend.at("rateLimit"),
                "the proxy before Plinth knows the callers, so it is to count their requests;"
                        + " backend.plugins.<id>.maxConcurrentRequests bounds what a plugin does at once",
                problems);
    }

    private static void warn(Config config, String instead, Problems problems) {
        if (config.toPlain() != null && !Boolean.FALSE.equals(config.toPlain())) {
            problems.add(
                    Problem.warning("without-effect", config.key(), config.source(), "has no effect: " + instead, ""));
        }
    }

    /** How many requests, and calls, one plugin takes at once. */
    public RequestLimits limitsOf(String pluginId) {
        return requestLimits.getOrDefault(pluginId.toLowerCase(Locale.ROOT), RequestLimits.DEFAULT);
    }

    private static Map<String, RequestLimits> requestLimits(Config plugins, Problems problems) {
        Map<String, RequestLimits> byId = new HashMap<>();
        for (Config plugin : plugins.children()) {
            byId.put(plugin.name().toLowerCase(Locale.ROOT), RequestLimits.read(plugin, problems));
        }
        return byId;
    }

    private static Set<String> requiredPlugins(Config config, Problems problems) {
        return config.items(problems).stream()
                .flatMap(item -> item.string(problems).stream())
                .map(id -> id.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }
}
