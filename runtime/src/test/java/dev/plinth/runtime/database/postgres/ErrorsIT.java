package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PassingFailures;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.sqlclient.SqlConnection;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each failure that an operator may meet, word for word. */
@ExtendWith(PostgresExtension.class)
class ErrorsIT {

    private Vertx vertx;
    private PostgresConnector connector;

    @BeforeEach
    void setUp() {
        vertx = Vertx.vertx();
        connector = Settings.connector(vertx, Duration.ofSeconds(30));
    }

    @AfterEach
    void tearDown() throws Exception {
        await(connector.close());
        await(vertx.close());
    }

    @Test
    void portClosed() throws Exception {
        assertThat(failure(connector.provision(settings("127.0.0.1", 1, "app", "todo"))))
                .isInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': cannot connect to app@127.0.0.1:1/todo: connection refused;"
                        + " check backend.database.connection.host and .port, and that PostgreSQL runs there");
    }

    @Test
    void noWayToTheHost() {
        PostgresSettings settings = settings("10.0.0.1", 5432, "app", "todo");
        assertThat(List.of(
                        PgErrors.connecting(settings, new NoRouteToHostException("No route to host")),
                        PgErrors.connecting(settings, new ConnectException("Network is unreachable"))))
                .allSatisfy(error -> assertThat(error)
                        .isInstanceOf(RetryableException.class)
                        .hasMessageContaining("the host cannot be reached from here"));
    }

    @Test
    void hostUnknown() throws Exception {
        assertThat(failure(connector.provision(settings("nowhere.invalid", 5432, "app", "todo"))))
                .isInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': cannot connect to app@nowhere.invalid:5432/todo: the host is not known;"
                        + " check backend.database.connection.host");
    }

    @Test
    void noAnswer() throws Exception {
        NetServer silent =
                await(vertx.createNetServer().connectHandler(socket -> {}).listen(0, "127.0.0.1"));
        PostgresSettings settings = settings("127.0.0.1", silent.actualPort(), "app", "todo");
        PoolSettings hurried = settings.pool().withCreateTimeout(Duration.ofSeconds(1));
        assertThat(failure(connector.provision(settings.copy().pool(hurried).build())))
                .isInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': cannot connect to app@127.0.0.1:" + silent.actualPort()
                        + "/todo: no answer within 1000 ms; check backend.database.connection.host and .port, and that"
                        + " PostgreSQL runs there");
    }

    @Test
    void wrongPassword(Server server) throws Exception {
        String database = server.uniqueName("errors");
        server.requirePasswords(database);
        assertThat(failure(connector.provision(settings("127.0.0.1", server.port(), "postgres", database))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .isNotInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': cannot connect to postgres@127.0.0.1:" + server.port() + "/" + database
                        + ": password authentication failed for user \"postgres\" (28P01);"
                        + " check backend.database.connection.user and .password");
    }

    @Test
    void noSuchRole(Server server) throws Exception {
        assertThat(failure(connector.provision(settings("127.0.0.1", server.port(), "nobody_here", "todo"))))
                .isNotInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': cannot connect to nobody_here@127.0.0.1:" + server.port()
                        + "/todo: role \"nobody_here\" does not exist (28000); see that this role exists and may log in,"
                        + " or name another one in backend.database.connection.user");
    }

    @Test
    void noSuchDatabase(Server server) throws Exception {
        String message = "plugin 'todo': cannot connect to postgres@127.0.0.1:" + server.port()
                + "/not_there: database \"not_there\" does not exist (3D000); ";
        PostgresSettings notToBeMade = PgFixture.settings("todo", server.port())
                .copy()
                .database(Optional.of("not_there"))
                .build();
        assertThat(failure(connector.provision(notToBeMade)))
                .isNotInstanceOf(RetryableException.class)
                .hasMessage(message + "create it, or set backend.database.ensureExists to true");
        assertThat(failure(connector.connect(settings("127.0.0.1", server.port(), "postgres", "not_there"))))
                .isNotInstanceOf(RetryableException.class)
                .hasMessage(message + "bring it back, or start the plugin again to have an empty one");
    }

    @Test
    void noRightToConnect(Server server) throws Exception {
        String database = server.uniqueName("errors");
        String user = server.uniqueName("user");
        server.execute(
                "postgres",
                "CREATE ROLE " + user + " LOGIN",
                "CREATE DATABASE " + database,
                "REVOKE CONNECT ON DATABASE " + database + " FROM PUBLIC");
        assertThat(failure(connector.provision(settings("127.0.0.1", server.port(), user, database))))
                .isNotInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': cannot connect to " + user + "@127.0.0.1:" + server.port() + "/" + database
                        + ": permission denied for database \"" + database
                        + "\" (42501); grant the user CONNECT on it, or name another one in"
                        + " backend.database.connection.user");
    }

    @Test
    void tooManyConnections(Server server) throws Exception {
        String database = server.uniqueName("errors");
        String user = server.uniqueName("user");
        server.execute("postgres", "CREATE ROLE " + user + " LOGIN CONNECTION LIMIT 1", "CREATE DATABASE " + database);
        SqlConnection only = await(connector.connect(settings("127.0.0.1", server.port(), user, database)));
        assertThat(failure(connector.provision(settings("127.0.0.1", server.port(), user, database))))
                .isInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': cannot connect to " + user + "@127.0.0.1:" + server.port() + "/" + database
                        + ": too many connections for role \"" + user
                        + "\" (53300); raise max_connections, or the limit of this role or database, on the server, or"
                        + " lower backend.database.budget");
        await(only.close());
    }

    @Test
    void aUnixSocketIsAPlaceLikeAnyOther(Server server) throws Exception {
        String sockets;
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW unix_socket_directories")) {
            row.next();
            sockets = row.getString(1).split(",", 2)[0].strip();
        }
        String database = server.uniqueName("errors");
        PostgresSettings settings = settings(sockets, server.port(), "postgres", database);
        SqlConnection session = await(connector.provisionAndConnect(settings));
        assertThat(await(session.query("SELECT inet_client_addr() IS NULL").execute())
                        .iterator()
                        .next()
                        .getBoolean(0))
                .isTrue();
        await(session.close());
    }

    @Test
    void readOnlyServer(Server server) throws Exception {
        String database = server.uniqueName("errors");
        PostgresSettings settings = settings("127.0.0.1", server.port(), "postgres", database);
        await(connector.provision(settings));
        server.execute("postgres", "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
        SqlConnection session = await(connector.connect(settings));
        Throwable refused = failure(session.query("CREATE TABLE item (id INT)").execute());
        assertThat(PassingFailures.name(settings, refused))
                .isInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': postgres@127.0.0.1:" + server.port() + "/" + database
                        + ": cannot execute CREATE TABLE in a read-only transaction (25006);"
                        + " name the server that takes writes in backend.database.connection.host, or set"
                        + " default_transaction_read_only to off there");
        await(session.close());
    }

    /** As the server says it when an extension of a file fails; here it only says so. */
    @Test
    void diskFull(Server server) throws Exception {
        PostgresSettings settings = settings("127.0.0.1", server.port(), "postgres", "postgres");
        SqlConnection session = await(connector.connect(settings));
        assertThat(failure(session.query(
                                "DO $$ BEGIN RAISE EXCEPTION 'could not extend file \"base/1/2\": No space left on"
                                        + " device' USING ERRCODE = 'disk_full'; END $$")
                        .execute()))
                .isInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': postgres@127.0.0.1:" + server.port()
                        + "/postgres: could not extend file \"base/1/2\": No space left on device (53100);"
                        + " make room on the server's disk");
        await(session.close());
        await(connector.tryToWrite(settings));
    }

    @Test
    void tablesOfAnotherLogin(Server server) throws Exception {
        String user = server.uniqueName("user");
        server.execute("postgres", "CREATE ROLE " + user + " LOGIN");
        PostgresSettings settings = settings("127.0.0.1", server.port(), user, "postgres");
        SqlConnection session = await(connector.connect(settings));
        Throwable refused =
                failure(session.query("SELECT * FROM pg_catalog.pg_authid").execute());
        assertThat(PassingFailures.name(settings, refused))
                .isNotInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': " + user + "@127.0.0.1:" + server.port()
                        + "/postgres: permission denied for table pg_authid (42501); grant the user what it lacks there,"
                        + " or name the one that owns it in backend.database.connection.user");
        await(session.close());
    }

    /** As a standby is, which is not to be had here so quickly. */
    @Test
    void serverThatTakesNoWrites(Server server) throws Exception {
        String database = server.uniqueName("errors");
        PostgresSettings settings = settings("127.0.0.1", server.port(), "postgres", database);
        await(connector.provision(settings));
        await(connector.probe(settings));
        server.execute("postgres", "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
        String message = "plugin 'todo': postgres@127.0.0.1:" + server.port() + "/" + database
                + ": the server takes no writes: default_transaction_read_only is on (25006); set it to off there, or"
                + " name the server that takes writes in backend.database.connection.host";
        assertThat(failure(connector.probe(settings)))
                .isInstanceOf(RetryableException.class)
                .hasMessage(message);
        assertThat(await(connector.inspect(settings)).problems()).containsExactly(message);
    }

    private static PostgresSettings settings(String host, int port, String user, String database) {
        PoolSettings pool =
                new PoolSettings(0, 1, Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(30));
        PostgresSettings local = Settings.postgres("todo", port, user, "not the password", database, "", pool);
        return local.copy().host(host).build();
    }
}
