package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads what else a connection to PostgreSQL may say, and warns of what has no meaning here. */
final class ConnectionOptions {

    static final String CONNECT_TIMEOUT = "connectTimeout";

    /** Handed to the server with each connection. */
    private static final List<String> SERVER_PARAMETERS =
            List.of("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "options");

    private static final String SQLITE_DIRECTORY = "backend.database.connection.directory";

    private static final Set<String> OTHER_KEYS = Set.of(
            "host",
            "port",
            "user",
            "password",
            "database",
            "application_name",
            "connectionTimeoutMillis",
            "connect_timeout",
            "ssl",
            "sslmode",
            "sslrootcert",
            "sslcert",
            "sslkey",
            "type",
            "region",
            "instance",
            "ipAddressType",
            "tokenCredential");

    private final PostgresConnection connection;
    private final Reader reader;

    ConnectionOptions(PostgresConnection connection, Reader reader) {
        this.connection = connection;
        this.reader = reader;
    }

    Optional<String> applicationName() {
        return reader.text("applicationName", connection.setting("application_name"));
    }

    /** Knex says it in milliseconds, libpq in seconds; nought means no limit in both, which here is the default. */
    Optional<Duration> connectTimeout() {
        Layered millis = connection.setting("connectionTimeoutMillis");
        Optional<Duration> timeout = millis.isPresent()
                ? reader.number(CONNECT_TIMEOUT, millis, 0, Integer.MAX_VALUE).map(Duration::ofMillis)
                : reader.number(CONNECT_TIMEOUT, connection.setting("connect_timeout"), 0, Integer.MAX_VALUE)
                        .map(Duration::ofSeconds);
        return timeout.filter(duration -> !duration.isZero());
    }

    Map<String, String> serverParameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String name : SERVER_PARAMETERS) {
            Config place = connection.setting(name).value();
            if (place.isPresent() && !Boolean.FALSE.equals(place.toPlain())) {
                reader.originOf(name, connection.setting(name));
                text(place).ifPresent(text -> parameters.put(name, text));
            }
        }
        return parameters;
    }

    private Optional<String> text(Config place) {
        if (place.node().orElseThrow() instanceof ConfigNode.Scalar scalar) {
            return Optional.of(String.valueOf(scalar.value()));
        }
        reader.error(place, "invalid-type", "expected a text or a number", "");
        return Optional.empty();
    }

    void warnOfTheRest() {
        for (Config place : connection.configured().present()) {
            place.children().stream().filter(Config::isPresent).forEach(this::warnWhenUnknown);
        }
    }

    private void warnWhenUnknown(Config key) {
        if (key.key().equals(SQLITE_DIRECTORY)) {
            return; // Of a layer below: it tells where files may have been left.
        }
        if (!OTHER_KEYS.contains(key.name()) && !SERVER_PARAMETERS.contains(key.name())) {
            reader.warning(key, "without-effect", "has no effect: not a setting of a PostgreSQL connection here", "");
        }
    }
}
