package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettings.Login;
import dev.plinth.runtime.database.Resolution;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The passwords of the newest configuration. A user keeps the name that the process started with; one whom the newest
 * configuration does not know keeps the password, too. Any thread.
 */
public final class CurrentPasswords implements PgCredentials {

    private volatile DatabasePlan plan;

    public CurrentPasswords(DatabasePlan plan) {
        this.plan = plan;
    }

    /** Connections made from now on log in with the passwords of this plan. */
    public void update(DatabasePlan newest) {
        plan = newest;
    }

    @Override
    public Future<Login> login(PostgresSettings settings) {
        return CONFIGURED
                .login(settings)
                .map(login -> new Login(
                        login.user(), newest(settings.pluginId(), login.user()).or(login::password)));
    }

    private Optional<Secret> newest(String pluginId, String user) {
        return Optional.ofNullable(plan.plugins().get(pluginId)).flatMap(Resolution::settings).stream()
                .filter(PostgresSettings.class::isInstance)
                .map(PostgresSettings.class::cast)
                .flatMap(CurrentPasswords::logins)
                .filter(login -> login.user().equals(user))
                .flatMap(login -> login.password().stream())
                .findFirst();
    }

    private static Stream<Login> logins(PostgresSettings settings) {
        return Stream.concat(
                settings.user().map(user -> new Login(user, settings.password())).stream(), settings.admin().stream());
    }
}
