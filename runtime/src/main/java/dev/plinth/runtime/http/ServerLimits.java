package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import java.time.Duration;
import java.util.Optional;

/**
 * What one caller may ask of the server.
 *
 * @param maxBodyBytes of a request
 * @param maxHeaderBytes of all of a request's headers
 * @param maxConnections at once
 * @param headersTimeout in which a request's headers must have come, from the connection's or the request's first byte
 * @param requestTimeout in which the whole of a request's body must have come
 * @param idleTimeout after which a connection without any traffic is closed, unless an answer is waited for
 * @param maxHeadersCount of a request; 0 for as many as their bytes allow
 * @param maxRequestsPerSocket after which a connection is closed; 0 for never
 */
public record ServerLimits(
        long maxBodyBytes,
        int maxHeaderBytes,
        int maxConnections,
        Duration headersTimeout,
        Duration requestTimeout,
        Duration idleTimeout,
        int maxHeadersCount,
        int maxRequestsPerSocket) {

    /** What holds when the configuration says nothing. */
    public static final ServerLimits DEFAULT = new ServerLimits(
            10L * 1024 * 1024,
            16 * 1024,
            10_000,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            0,
            0);

    private static final int MIN_HEADER_BYTES = 1_024;
    private static final int MAX_HEADER_BYTES = 1024 * 1024;

    public ServerLimits {
        if (maxBodyBytes < 0 || maxHeaderBytes < MIN_HEADER_BYTES || maxConnections < 1) {
            throw new IllegalArgumentException(
                    "limits must be positive, were " + maxBodyBytes + ", " + maxHeaderBytes + " and " + maxConnections);
        }
        if (!fits(headersTimeout) || !fits(requestTimeout) || !fits(idleTimeout)) {
            throw new IllegalArgumentException("timeouts must be at most 24 days");
        }
    }

    /** Reads {@code backend.server}. */
    static ServerLimits read(Config server, Problems problems) {
        return new ServerLimits(
                number(server.at("maxBodyBytes"), 0, Long.MAX_VALUE, DEFAULT.maxBodyBytes, problems),
                (int) number(
                        server.at("maxHeaderBytes"),
                        MIN_HEADER_BYTES,
                        MAX_HEADER_BYTES,
                        DEFAULT.maxHeaderBytes,
                        problems),
                (int) number(server.at("maxConnections"), 1, Integer.MAX_VALUE, DEFAULT.maxConnections, problems),
                timeout(server.at("headersTimeout"), DEFAULT.headersTimeout, problems),
                timeout(server.at("requestTimeout"), DEFAULT.requestTimeout, problems),
                timeout(
                        server.at("idleTimeout"),
                        timeout(server.at("keepAliveTimeout"), DEFAULT.idleTimeout, problems),
                        problems),
                (int) number(server.at("maxHeadersCount"), 0, Integer.MAX_VALUE, DEFAULT.maxHeadersCount, problems),
                (int) number(
                        server.at("maxRequestsPerSocket"),
                        0,
                        Integer.MAX_VALUE,
                        DEFAULT.maxRequestsPerSocket,
                        problems));
    }

    private static long number(Config config, long min, long max, long defaultValue, Problems problems) {
        long number = config.wholeNumber(problems).orElse(defaultValue);
        if (number < min || number > max) {
            String upTo = max > Integer.MAX_VALUE ? "of at least " + min : "from " + min + " to " + max;
            problems.addAll(config.wrongType("a whole number " + upTo).problems());
            return defaultValue;
        }
        return number;
    }

    /** As in Backstage, a mere number is one of milliseconds. */
    private static Duration timeout(Config config, Duration defaultValue, Problems problems) {
        Optional<Duration> given = config.toPlain() instanceof Number
                ? config.wholeNumber(problems).map(Duration::ofMillis)
                : config.duration(problems);
        Duration timeout = given.orElse(defaultValue);
        if (!fits(timeout)) {
            problems.addAll(config.wrongType("a duration of at most 24 days").problems());
            return defaultValue;
        }
        return timeout;
    }

    private static boolean fits(Duration timeout) {
        return !timeout.isNegative() && timeout.toMillis() <= Integer.MAX_VALUE;
    }
}
