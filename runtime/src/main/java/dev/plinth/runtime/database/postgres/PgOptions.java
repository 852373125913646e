package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Turns settings into the driver's options, so that none of the driver's own defaults is ever used silently. */
final class PgOptions {

    /** PostgreSQL cuts longer names with a notice. */
    private static final int MAX_NAME_BYTES = 63;

    private PgOptions() {}

    /** Without TLS; {@link PgTls} adds it per attempt. */
    static PgConnectOptions connect(
            PostgresSettings settings, PostgresSettings.Login login, Map<String, String> overrides) {
        Map<String, String> properties = properties(settings);
        properties.putAll(overrides);
        return new PgConnectOptions()
                .setHost(settings.host())
                .setPort(settings.port())
                .setUser(login.user())
                .setPassword(login.password().map(Secret::reveal).orElse(""))
                .setDatabase(settings.database().orElse(login.user()))
                .setCachePreparedStatements(overrides.isEmpty())
                .setSslMode(SslMode.DISABLE)
                .setProperties(properties);
    }

    static NetClientOptions transport(PostgresSettings settings) {
        return new NetClientOptions()
                .setConnectTimeout(
                        Math.toIntExact(settings.pool().createTimeout().toMillis()))
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true);
    }

    /** Start-up properties: unlike what is SET later, they survive RESET ALL. */
    private static Map<String, String> properties(PostgresSettings settings) {
        Map<String, String> properties = new HashMap<>(PgConnectOptions.DEFAULT_PROPERTIES);
        properties.putAll(settings.properties());
        properties.put("application_name", cut(settings.applicationName()));
        settings.role().ifPresent(role -> properties.put("role", role));
        if (!settings.searchPath().isEmpty()) {
            properties.put("search_path", searchPath(settings.searchPath()));
        }
        return properties;
    }

    static String searchPath(List<String> schemas) {
        return schemas.stream().map(Sql::identifier).collect(Collectors.joining(", "));
    }

    /** The longest beginning of a name that PostgreSQL keeps, without half a character at its end. */
    static String cut(String name) {
        CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
        CharBuffer characters = CharBuffer.wrap(name);
        encoder.encode(characters, ByteBuffer.allocate(MAX_NAME_BYTES), true);
        return name.substring(0, characters.position());
    }
}
