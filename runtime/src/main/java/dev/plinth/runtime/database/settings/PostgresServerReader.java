package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads host and port. */
final class PostgresServerReader {

    private static final String DEFAULT_HOST = "localhost";
    private static final int DEFAULT_PORT = 5432;

    private static final Pattern SEVERAL = Pattern.compile(".*[,\\s].*");
    private static final Pattern WITH_PORT = Pattern.compile("[^:]*:\\d+");

    private final PostgresConnection connection;
    private final Reader reader;

    PostgresServerReader(PostgresConnection connection, Reader reader) {
        this.connection = connection;
        this.reader = reader;
    }

    PostgresServer read() {
        Optional<String> host = host();
        Optional<Integer> port = reader.number("port", connection.setting("port"), 1, 65_535);
        return new PostgresServer(host.orElse(DEFAULT_HOST), port.orElse(DEFAULT_PORT));
    }

    private Optional<String> host() {
        Layered setting = connection.setting("host");
        Config place = setting.value();
        Optional<String> host = reader.text("host", setting);
        if (!place.isPresent()) {
            reader.warning(place, "missing-host", "no host is given, so it is " + DEFAULT_HOST, "set it, or PGHOST");
        }
        host.filter(text -> !text.startsWith("/")).ifPresent(text -> check(text, place));
        return host;
    }

    private void check(String host, Config place) {
        if (host.contains("://")) {
            reader.error(place, "invalid-type", "expected a host name, got a URL", "give a URL as connection itself");
        } else if (SEVERAL.matcher(host).matches() || Identifiers.hasControlCharacters(host)) {
            reader.error(place, "invalid-type", "expected the name of one host, got \"" + host + "\"", "");
        } else if (WITH_PORT.matcher(host).matches()) {
            reader.error(
                    place,
                    "invalid-type",
                    "expected a host name, got \"" + host + "\"",
                    "give the port as connection.port");
        }
    }
}
