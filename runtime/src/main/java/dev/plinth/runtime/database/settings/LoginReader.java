package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings.Login;
import java.util.Optional;

/** Reads who logs in: the plugin, and the one who creates what is missing. */
final class LoginReader {

    private final PluginSection section;
    private final PostgresConnection connection;
    private final Reader reader;
    private final PasswordFile passwordFile;

    LoginReader(PluginSection section, PostgresConnection connection, Reader reader, PasswordFile passwordFile) {
        this.section = section;
        this.connection = connection;
        this.reader = reader;
        this.passwordFile = passwordFile;
    }

    Optional<String> user() {
        Layered setting = connection.setting("user");
        Optional<String> user = reader.text("user", setting);
        Config place = setting.value();
        if (!place.isPresent()) {
            reader.warning(
                    place, "missing-user", "no user is given, so no connection can be made", "set it, or PGUSER");
        }
        return user;
    }

    /** The password that is given, or the one that the password file has for this login. */
    Optional<Secret> password(PostgresServer server, Optional<String> database, Optional<String> user) {
        Layered setting = connection.setting("password");
        Optional<Secret> password = reader.secret("password", setting);
        return setting.isPresent() || user.isEmpty()
                ? password
                : passwordFile.find("password", server, database.orElse(""), user.get(), reader);
    }

    Optional<Login> admin(PostgresServer server, String maintenanceDatabase) {
        Layered admin = section.setting("admin");
        if (!reader.isObjectOrAbsent(admin.value())) {
            return Optional.empty();
        }
        Optional<String> user = reader.text("admin.user", admin.child("user"));
        Optional<Secret> password = reader.secret("admin.password", admin.child("password"));
        if (password.isPresent() && user.isEmpty()) {
            reader.error(
                    admin.child("password").value(), "contradiction", "a password without a user", "set admin.user");
        }
        return user.map(name -> new Login(
                name,
                password.or(() -> passwordFile.find("admin.password", server, maintenanceDatabase, name, reader))));
    }
}
