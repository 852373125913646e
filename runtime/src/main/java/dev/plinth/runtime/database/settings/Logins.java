package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings.Login;
import java.util.Optional;

/** Who logs in: the plugins, and the one who creates what is missing. */
final class Logins {

    private final PasswordFile passwordFile;
    private final Optional<String> user;
    /** As configured. */
    private final Optional<Secret> password;

    private final boolean needsFile;

    Logins(PostgresConnection connection, PasswordFile passwordFile, Reader reader) {
        this.passwordFile = passwordFile;
        this.user = user(connection.setting("user"), reader);
        Layered setting = connection.setting("password");
        this.password = reader.secret("password", setting);
        this.needsFile = user.isPresent() && !setting.isPresent();
    }

    private static Optional<String> user(Layered setting, Reader reader) {
        Optional<String> user = reader.text("user", setting);
        Config place = setting.value();
        if (!place.isPresent()) {
            reader.warning(
                    place, "missing-user", "no user is given, so no connection can be made", "set it, or PGUSER");
        }
        return user;
    }

    Optional<String> user() {
        return user;
    }

    /** The password that is given, or the one that the password file has for this login. */
    Optional<Secret> password(PostgresServer server, PostgresNames names, Reader reader) {
        return needsFile
                ? passwordFile.find(
                        "password", server, names.effectiveDatabase(user).orElse(""), user.orElseThrow(), reader)
                : password;
    }

    Optional<Login> admin(Layered admin, PostgresServer server, String maintenanceDatabase, Reader reader) {
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
