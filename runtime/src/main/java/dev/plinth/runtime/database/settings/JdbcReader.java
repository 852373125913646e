package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.PoolSettings;
import java.nio.file.Path;
import java.util.Optional;

/** Reads where one plugin's database behind a JDBC driver is. */
final class JdbcReader {

    private static final String DRIVERS = "drivers";

    /** Stands for the plugin's id in a URL that all plugins share. */
    private static final String PLUGIN = "{plugin}";

    private final PluginSection section;
    private final Reader reader;
    private final Path workingDirectory;

    JdbcReader(PluginSection section, Reader reader, Path workingDirectory) {
        this.section = section;
        this.reader = reader;
        this.workingDirectory = workingDirectory;
    }

    Optional<DatabaseSettings> read() {
        refuseSchemaMode();
        Config own = section.own().child("connection");
        Layered connection =
                section.inherits() ? Layered.of(own, section.shared().child("connection")) : Layered.of(own);
        if (!reader.isObjectOrAbsent(connection.value())) {
            return Optional.empty();
        }
        Optional<Secret> url = url(connection.child("url"));
        Optional<String> user = reader.text("user", connection.child("user"));
        Optional<Secret> password = reader.secret("password", connection.child("password"));
        String drivers = reader.text("driverDirectory", section.setting("driverDirectory"))
                .orElse(DRIVERS);
        PoolSettings pool = new PoolReader(section, reader).read(Optional.empty());
        boolean skipMigrations = reader.bool("skipMigrations", section.setting("skipMigrations"), false);
        return url.filter(read -> !reader.hasErrors())
                .map(read -> new JdbcSettings(
                        section.pluginId(),
                        read,
                        user,
                        password,
                        workingDirectory.resolve(drivers),
                        pool,
                        skipMigrations));
    }

    private Optional<Secret> url(Layered setting) {
        Optional<Secret> url = reader.secret("url", setting);
        if (!setting.isPresent()) {
            reader.error(
                    setting.value(),
                    "missing-connection",
                    "nothing says where the database is",
                    "give the driver's URL, such as jdbc:h2:./data/" + PLUGIN);
        } else if (url.isPresent() && !url.get().reveal().startsWith("jdbc:")) {
            reader.error(setting.value(), "invalid-type", "expected a URL that begins with jdbc:", "");
        }
        return url.map(text -> new Secret(text.reveal().replace(PLUGIN, section.pluginId())));
    }

    private void refuseSchemaMode() {
        if (DivisionMode.of(section, reader) == DivisionMode.SCHEMA) {
            reader.error(
                    section.setting("pluginDivisionMode").value(),
                    "jdbc-schema-mode",
                    "a JDBC database is not divided by schemas here",
                    "name the schema in connection.url, which may hold " + PLUGIN);
        }
    }
}
