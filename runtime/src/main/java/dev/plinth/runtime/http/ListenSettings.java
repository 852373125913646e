package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens. A port alone listens on this machine only; {@code :port} says all interfaces on purpose.
 *
 * @param port 0 for any free one
 */
public record ListenSettings(String host, int port) {

    public static final String LOOPBACK = "127.0.0.1";
    public static final int DEFAULT_PORT = 7007;

    private static final String ALL = "0.0.0.0";
    private static final int MAX_PORT = 65_535;
    private static final Pattern TEXT = Pattern.compile("(?:(\\[[0-9A-Fa-f:.%]+\\]|[^:\\[\\]\\s]*)(:))?(\\d{1,5})");

    public ListenSettings {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("host must not be empty");
        }
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port must be from 0 to " + MAX_PORT + ", was " + port);
        }
    }

    /** Where a client on this machine connects. */
    public String url() {
        return url("http");
    }

    /** As {@link #url()}, for a server that may speak TLS. */
    public String url(String scheme) {
        boolean all = host.equals(ALL) || host.equals("::");
        return scheme + "://" + (all ? LOOPBACK : host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Reads {@code port}, {@code :port}, {@code host:port}, or an object with host and port. */
    public static ListenSettings read(Config config, ListenSettings defaults, Problems problems) {
        if (!config.isPresent()) {
            return defaults;
        }
        if (config.isObject()) {
            String host = config.at("host").string(problems).orElse(defaults.host);
            return new ListenSettings(unbracketed(host), port(config.at("port"), defaults.port, problems));
        }
        return ofText(config, problems).orElse(defaults);
    }

    private static Optional<ListenSettings> ofText(Config config, Problems problems) {
        Matcher matcher = TEXT.matcher(String.valueOf(config.toPlain()));
        if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > MAX_PORT) {
            problems.addAll(config.wrongType("a port, \":port\", \"host:port\" or {host, port}")
                    .problems());
            return Optional.empty();
        }
        int port = Integer.parseInt(matcher.group(3));
        if (matcher.group(2) == null) {
            return Optional.of(new ListenSettings(LOOPBACK, port));
        }
        String host = matcher.group(1);
        return Optional.of(new ListenSettings(host.isEmpty() ? ALL : unbracketed(host), port));
    }

    private static int port(Config config, int defaultPort, Problems problems) {
        long port = config.wholeNumber(problems).orElse((long) defaultPort);
        if (port < 0 || port > MAX_PORT) {
            problems.addAll(config.wrongType("a port from 0 to " + MAX_PORT).problems());
            return defaultPort;
        }
        return (int) port;
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
