package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettings.Login;
import dev.plinth.runtime.database.PostgresSettings.LoginMethod;
import dev.plinth.runtime.database.TlsSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where plugins' PostgreSQL databases are, under which names, and how to get in. */
final class PostgresOutline implements Outline {

    private static final String MAINTENANCE_DATABASE = "postgres";

    private final PostgresServer server;
    private final PostgresNaming naming;
    private final LoginMethod loginMethod;
    private final Logins login;
    private final String maintenanceDatabase;
    private final TlsSettings tls;
    private final Optional<String> applicationName;
    private final Map<String, String> serverParameters;
    private final PoolSettings pool;
    private final Optional<String> role;
    private final boolean skipMigrations;
    private final Optional<Login> admin;
    private final Optional<Secret> isolationSecret;
    private final Path workingDirectory;
    /** Where SQLite may have left files, as configured. */
    private final Path sqliteDirectory;

    /** Reads it; what is wrong goes to the reader. */
    PostgresOutline(PluginSection section, Reader reader, Map<String, String> environment, Path workingDirectory) {
        PostgresConnection connection = PostgresConnection.of(section, reader, environment);
        this.server = new PostgresServerReader(connection, reader).read();
        this.naming = new PostgresNaming(section, connection, reader);
        this.loginMethod = new LoginMethodReader(connection.complete(), reader, environment).read();
        this.login = new Logins(connection, PasswordFile.of(environment, workingDirectory), reader);
        this.maintenanceDatabase = name("maintenanceDatabase", section, reader).orElse(MAINTENANCE_DATABASE);
        this.tls = new TlsReader(connection, reader, workingDirectory).read(server.isSocket());
        ConnectionOptions options = new ConnectionOptions(connection, reader);
        this.pool = new PoolReader(section, reader).read(options.connectTimeout());
        this.role = name("role", section, reader);
        this.isolationSecret = new IsolationReader(section, reader).secret(role);
        this.applicationName = options.applicationName();
        this.serverParameters = options.serverParameters();
        this.skipMigrations = reader.bool("skipMigrations", section.setting("skipMigrations"), false);
        this.admin = login.admin(section.setting("admin"), server, maintenanceDatabase, reader);
        options.warnOfTheRest();
        this.workingDirectory = workingDirectory;
        this.sqliteDirectory = sqliteDirectory(section);
    }

    @Override
    public Optional<DatabaseSettings> of(Config own, Reader reader) {
        String pluginId = own.name();
        PostgresNames names = naming.of(own, reader);
        Optional<Secret> password = login.password(server, names, reader);
        PostgresSettings settings = new PostgresSettings(
                pluginId,
                server.host(),
                server.port(),
                login.user(),
                password,
                names.database(),
                names.schema(),
                names.searchPath(),
                names.ensureDatabase(),
                names.ensureSchema(),
                role,
                role,
                maintenanceDatabase,
                applicationName.orElse(PostgresNaming.DEFAULT_PREFIX + pluginId),
                tls,
                serverParameters,
                pool,
                skipMigrations,
                loginMethod,
                admin,
                isolationSecret);
        warnOfSqliteFile(own, reader);
        return reader.hasErrors() ? Optional.empty() : Optional.of(settings);
    }

    private static Path sqliteDirectory(PluginSection section) {
        Config directory = section.shared().child("connection").child("directory");
        return Path.of(
                directory.toPlain() instanceof String text && !Identifiers.hasControlCharacters(text) ? text : "");
    }

    /** Data that was kept on SQLite is not moved by itself. */
    private void warnOfSqliteFile(Config own, Reader reader) {
        Path file = sqliteDirectory.resolve(own.name() + ".sqlite");
        // Where nothing is, as nearly always, Files.exists() makes an exception of it.
        if (workingDirectory.resolve(file).toFile().exists()) {
            reader.warning(
                    own,
                    "sqlite-left",
                    "the plugin is on PostgreSQL, and its SQLite file " + file + " is still there",
                    "move its data over if it is needed, and the file away");
        }
    }

    private static Optional<String> name(String key, PluginSection section, Reader reader) {
        Layered setting = section.setting(key);
        Optional<String> name = reader.text(key, setting);
        name.ifPresent(text -> Identifiers.check(text, setting.value(), "name-too-long", reader));
        return name;
    }
}
