package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettings.Login;
import io.vertx.core.Future;

/**
 * Says who logs in, asked anew for each physical connection, so that a password may change while the process runs. Asked on
 * event loops.
 */
@FunctionalInterface
public interface PgCredentials {

    /** The user and password of the settings. */
    PgCredentials CONFIGURED = settings -> settings.obstacle()
            .<Future<Login>>map(Future::failedFuture)
            .orElseGet(() -> Future.succeededFuture(new Login(settings.user().orElseThrow(), settings.password())));

    /** Fails when these settings do not allow for any login. */
    Future<Login> login(PostgresSettings settings);
}
