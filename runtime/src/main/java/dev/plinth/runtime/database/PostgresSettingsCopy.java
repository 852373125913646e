package dev.plinth.runtime.database;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings.Login;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes settings that differ from others in some values. For one thread. */
public final class PostgresSettingsCopy {

    private final PostgresSettings original;
    private String host;
    private Optional<String> user;
    private Optional<Secret> password;
    private Optional<String> database;
    private List<String> searchPath;
    private Optional<String> role;
    private Optional<String> schemaOwner;
    private String maintenanceDatabase;
    private String applicationName;
    private TlsSettings tls;
    private Map<String, String> properties;
    private PoolSettings pool;
    private boolean skipMigrations;
    private Optional<Login> admin;
    private Optional<Secret> isolationSecret;

    PostgresSettingsCopy(PostgresSettings original) {
        this.original = original;
        this.host = original.host();
        this.user = original.user();
        this.password = original.password();
        this.database = original.database();
        this.searchPath = original.searchPath();
        this.role = original.role();
        this.schemaOwner = original.schemaOwner();
        this.maintenanceDatabase = original.maintenanceDatabase();
        this.applicationName = original.applicationName();
        this.tls = original.tls();
        this.properties = original.properties();
        this.pool = original.pool();
        this.skipMigrations = original.skipMigrations();
        this.admin = original.admin();
        this.isolationSecret = original.isolationSecret();
    }

    public PostgresSettingsCopy host(String other) {
        host = other;
        return this;
    }

    public PostgresSettingsCopy user(Optional<String> other) {
        user = other;
        return this;
    }

    public PostgresSettingsCopy password(Optional<Secret> other) {
        password = other;
        return this;
    }

    public PostgresSettingsCopy database(Optional<String> other) {
        database = other;
        return this;
    }

    public PostgresSettingsCopy searchPath(List<String> other) {
        searchPath = other;
        return this;
    }

    public PostgresSettingsCopy role(Optional<String> other) {
        role = other;
        return this;
    }

    public PostgresSettingsCopy schemaOwner(Optional<String> other) {
        schemaOwner = other;
        return this;
    }

    public PostgresSettingsCopy maintenanceDatabase(String other) {
        maintenanceDatabase = other;
        return this;
    }

    public PostgresSettingsCopy applicationName(String other) {
        applicationName = other;
        return this;
    }

    public PostgresSettingsCopy tls(TlsSettings other) {
        tls = other;
        return this;
    }

    public PostgresSettingsCopy properties(Map<String, String> other) {
        properties = other;
        return this;
    }

    public PostgresSettingsCopy pool(PoolSettings other) {
        pool = other;
        return this;
    }

    public PostgresSettingsCopy skipMigrations(boolean other) {
        skipMigrations = other;
        return this;
    }

    public PostgresSettingsCopy admin(Optional<Login> other) {
        admin = other;
        return this;
    }

    public PostgresSettingsCopy isolationSecret(Optional<Secret> other) {
        isolationSecret = other;
        return this;
    }

    public PostgresSettings build() {
        return new PostgresSettings(
                original.pluginId(),
                host,
                original.port(),
                user,
                password,
                database,
                original.schema(),
                searchPath,
                original.ensureDatabase(),
                original.ensureSchema(),
                role,
                schemaOwner,
                maintenanceDatabase,
                applicationName,
                tls,
                properties,
                pool,
                skipMigrations,
                original.loginMethod(),
                admin,
                isolationSecret);
    }
}
