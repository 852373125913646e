package dev.plinth.runtime.database;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.config.Secret;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A plugin's database behind a JDBC driver.
 *
 * @param url as the driver reads it; it may hold a password
 * @param driverDirectory where the driver's jar is, with what it needs
 */
public record JdbcSettings(
        String pluginId,
        Secret url,
        Optional<String> user,
        Optional<Secret> password,
        Path driverDirectory,
        PoolSettings pool,
        boolean skipMigrations)
        implements DatabaseSettings {

    /** The URL without what follows the database's name, and without a login before the host: both may hold passwords. */
    @Override
    public String location() {
        return url.reveal().replaceFirst("[;?].*", "").replaceFirst("//[^/]*@", "//");
    }

    @Override
    public String client() {
        return "jdbc";
    }

    /** Texts are written for PostgreSQL, as far as they are not meant for SQLite alone. */
    @Override
    public Dialect dialect() {
        return Dialect.POSTGRESQL;
    }

    @Override
    public String neighbourhood() {
        return "JDBC databases such as " + location();
    }

    @Override
    public List<String> creates() {
        return List.of();
    }

    @Override
    public Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("url", location());
        values.put("user", user.orElse(null));
        values.put("password", password.orElse(null));
        values.put("driverDirectory", driverDirectory.toString());
        return values;
    }

    @Override
    public boolean overlaps(DatabaseSettings other) {
        return other instanceof JdbcSettings that && location().equalsIgnoreCase(that.location());
    }
}
