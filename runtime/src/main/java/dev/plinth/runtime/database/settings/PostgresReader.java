package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettings.LoginMethod;
import dev.plinth.runtime.database.TlsSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Reads where one plugin's PostgreSQL database is, under which name, and how to get in. */
final class PostgresReader {

    private static final String MAINTENANCE_DATABASE = "postgres";

    private final PluginSection section;
    private final Reader reader;
    private final PostgresConnection connection;
    private final Map<String, String> environment;
    private final Path workingDirectory;

    PostgresReader(PluginSection section, Reader reader, Map<String, String> environment, Path workingDirectory) {
        this.section = section;
        this.reader = reader;
        this.connection = PostgresConnection.of(section, reader, environment);
        this.environment = environment;
        this.workingDirectory = workingDirectory;
    }

    Optional<PostgresSettings> read() {
        PostgresServer server = new PostgresServerReader(connection, reader).read();
        PostgresNames names = new PostgresNamesReader(section, connection, reader).read();
        LoginMethod loginMethod = new LoginMethodReader(connection.complete(), reader, environment).read();
        LoginReader login =
                new LoginReader(section, connection, reader, PasswordFile.of(environment, workingDirectory));
        Optional<String> user = login.user();
        Optional<Secret> password = login.password(server, names.effectiveDatabase(user), user);
        String maintenanceDatabase = maintenanceDatabase();
        TlsSettings tls = new TlsReader(connection, reader, workingDirectory).read(server.isSocket());
        ConnectionOptions options = new ConnectionOptions(section, connection, reader);
        PoolSettings pool = new PoolReader(section, reader).read(options.connectTimeout());
        Optional<String> role = role();
        Optional<Secret> isolationSecret = new IsolationReader(section, reader).secret(role);
        PostgresSettings settings = new PostgresSettings(
                section.pluginId(),
                server.host(),
                server.port(),
                user,
                password,
                names.database(),
                names.schema(),
                names.searchPath(),
                names.ensureDatabase(),
                names.ensureSchema(),
                role,
                role,
                maintenanceDatabase,
                options.applicationName(),
                tls,
                options.serverParameters(),
                pool,
                reader.bool("skipMigrations", section.setting("skipMigrations"), false),
                loginMethod,
                login.admin(server, maintenanceDatabase),
                isolationSecret);
        options.warnOfTheRest();
        warnOfSqliteFile();
        return reader.hasErrors() ? Optional.empty() : Optional.of(settings);
    }

    /** Data that was kept on SQLite is not moved by itself. */
    private void warnOfSqliteFile() {
        Config directory = section.shared().child("connection").child("directory");
        String parent =
                directory.toPlain() instanceof String text && !Identifiers.hasControlCharacters(text) ? text : "";
        Path file = Path.of(parent, section.pluginId() + ".sqlite");
        if (Files.exists(workingDirectory.resolve(file))) {
            reader.warning(
                    section.own(),
                    "sqlite-left",
                    "the plugin is on PostgreSQL, and its SQLite file " + file + " is still there",
                    "move its data over if it is needed, and the file away");
        }
    }

    private String maintenanceDatabase() {
        return name("maintenanceDatabase").orElse(MAINTENANCE_DATABASE);
    }

    private Optional<String> role() {
        return name("role");
    }

    private Optional<String> name(String key) {
        Layered setting = section.setting(key);
        Optional<String> name = reader.text(key, setting);
        name.ifPresent(text -> Identifiers.check(text, setting.value(), "name-too-long", reader));
        return name;
    }
}
