package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class ScramLoginIT {

    private Vertx vertx;
    private PostgresConnector connector;
    private Server server;
    private String user = "";

    @BeforeEach
    void setUp(Server running) throws Exception {
        vertx = Vertx.vertx();
        connector = Settings.connector(vertx, Duration.ofSeconds(30));
        server = running;
        user = server.uniqueName("salted");
        server.execute(
                "postgres",
                "CREATE ROLE " + user + " LOGIN PASSWORD 'secret'",
                "CREATE DATABASE " + user + " OWNER " + user);
        server.requirePasswords(user);
    }

    @AfterEach
    void tearDown() throws Exception {
        await(connector.close());
        await(vertx.close());
    }

    @Test
    void succeedsThoughThePasswordWasSaltedAnew() throws Exception {
        logIn("secret");
        logIn("secret");
        server.execute("postgres", "ALTER ROLE " + user + " PASSWORD 'secret'");
        logIn("secret");
        logIn("secret");
    }

    @Test
    void failsWithAPasswordThatIsRightNoMore() throws Exception {
        logIn("secret");
        server.execute("postgres", "ALTER ROLE " + user + " PASSWORD 'another'");
        assertThat(failure(connector.connect(settings("secret"))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("28P01");
        logIn("another");
    }

    private void logIn(String password) throws Exception {
        SqlConnection session = await(connector.connect(settings(password)));
        await(session.query("SELECT 1").execute());
        await(session.close());
    }

    private PostgresSettings settings(String password) {
        return Settings.postgres("todo", server.port(), user, password, user, "", PoolSettings.DEFAULT);
    }
}
