package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.awaitAll;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.testing.FreezableProxy;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class ProvisioningIT {

    private static final int INSTANCES = 8;
    private static final int PLUGINS = 10;

    private Vertx vertx;
    private PostgresConnector connector;

    @BeforeEach
    void setUp() {
        vertx = Vertx.vertx();
        connector = connector();
    }

    @AfterEach
    void tearDown() throws Exception {
        await(vertx.close());
    }

    @Test
    void createsAMissingDatabaseAndConnectsToIt(Server server) throws Exception {
        String database = server.uniqueName("made");
        SqlConnection connection = await(connector.provisionAndConnect(database(server, database)));
        assertThat(single(connection, "SELECT current_database()")).isEqualTo(database);
        await(connection.close());
    }

    @Test
    void createsAMissingSchemaInAMissingDatabase(Server server) throws Exception {
        String database = server.uniqueName("made");
        SqlConnection connection = await(connector.provisionAndConnect(schema(server, database, "Odd \"name\"; é")));
        assertThat(single(connection, "SELECT current_schema()")).isEqualTo("Odd \"name\"; é");
        await(connection.close());
    }

    @Test
    void createsEverythingOnceWhenManyInstancesStartAtOnceWithADatabaseEach(Server server) throws Exception {
        String prefix = server.uniqueName("crowd");
        provisionByAll(plugin -> database(server, prefix + "_" + plugin));
        assertThat(server.count("postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE '" + prefix + "%'"))
                .isEqualTo(PLUGINS);
    }

    @Test
    void createsEverythingOnceWhenManyInstancesStartAtOnceWithASchemaEach(Server server) throws Exception {
        String database = server.uniqueName("crowd");
        provisionByAll(plugin -> schema(server, database, "plugin_" + plugin));
        assertThat(server.count(database, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'plugin_%'"))
                .isEqualTo(PLUGINS);
    }

    /** Each login in vain is a line in the server's log, which operators read. */
    @Test
    void logsInInVainOnceWhereAllDatabasesAreMissing(Server server) throws Exception {
        String prefix = server.uniqueName("new");
        try (FreezableProxy way = new FreezableProxy(server.port())) {
            List<Future<Void>> plugins = new ArrayList<>();
            for (int plugin = 0; plugin < PLUGINS; plugin++) {
                plugins.add(connector.provision(Settings.postgres(way.port(), prefix + "_" + plugin, "")));
            }
            awaitAll(plugins);
            // One for each plugin, the one in vain, two that make databases, and one that asks for TLS.
            assertThat(way.accepted()).isLessThanOrEqualTo(PLUGINS + 4);
        }
    }

    /** The first login of a process takes long, and a start has other things to do meanwhile. */
    @Test
    void goesOnWithTheLoginThatWasBegunEarly(Server server) throws Exception {
        String name = server.uniqueName("early");
        server.execute("postgres", "CREATE DATABASE " + name);
        try (FreezableProxy way = new FreezableProxy(server.port())) {
            PostgresSettings settings = Settings.postgres(way.port(), name, "");
            connector.prepareEarly(settings);
            // It, and the one by which instances count each other.
            eventually(() -> sessions(server, name) == 2);
            int connections = way.accepted();

            SqlConnection taken = await(connector.provisionAndConnect(settings));
            assertThat(way.accepted()).isEqualTo(connections);
            await(taken.close());

            await(connector.provision(settings));
            assertThat(way.accepted()).isGreaterThan(connections);
        }
    }

    /** The configuration may have changed since. */
    @Test
    void takesNoLoginThatWasBegunEarlyInAnotherDatabase(Server server) throws Exception {
        String before = server.uniqueName("before");
        server.execute("postgres", "CREATE DATABASE " + before);
        connector.prepareEarly(database(server, before));
        String now = server.uniqueName("now");

        SqlConnection taken = await(connector.provisionAndConnect(database(server, now)));

        assertThat(await(taken.query("SELECT current_database()::text").execute())
                        .iterator()
                        .next()
                        .getString(0))
                .isEqualTo(now);
        await(taken.close());
    }

    @Test
    void makesTheDatabaseThatWasMissedEarly(Server server) throws Exception {
        String name = server.uniqueName("early");
        PostgresSettings settings = database(server, name);
        connector.prepareEarly(settings);
        await(connector.provision(settings));
        assertThat(server.count("postgres", "SELECT count(*) FROM pg_database WHERE datname = '" + name + "'"))
                .isEqualTo(1);
    }

    @Test
    void closesALoginThatWasBegunEarlyAndThatNobodyTook(Server server) throws Exception {
        String name = server.uniqueName("early");
        server.execute("postgres", "CREATE DATABASE " + name);
        connector.prepareEarly(database(server, name));
        eventually(() -> sessions(server, name) == 2);
        await(connector.close());
        eventually(() -> sessions(server, name) == 0);
    }

    private static int sessions(Server server, String database) throws SQLException {
        return server.count("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database + "'");
    }

    /** Each instance has sessions of its own; within one, plugins come one after the other to spare the test server. */
    private void provisionByAll(Function<Integer, PostgresSettings> settings) throws Exception {
        List<Future<Void>> instances = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            PostgresConnector instance = connector();
            Future<Void> all = Future.succeededFuture();
            for (int plugin = 0; plugin < PLUGINS; plugin++) {
                PostgresSettings own = settings.apply(plugin);
                all = all.compose(done -> instance.provision(own));
            }
            instances.add(all);
        }
        awaitAll(instances);
    }

    @Test
    void takesTheTimeThatCreatingNeedsWhateverLimitAPluginsStatementsHave(Server server) throws Exception {
        String database = server.uniqueName("slow");
        server.execute("postgres", "CREATE DATABASE " + database);
        server.execute(
                database,
                "CREATE FUNCTION dawdle() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); END';"
                        + " CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE SCHEMA')"
                        + " EXECUTE FUNCTION dawdle()");
        PostgresSettings settings = schema(server, database, "late")
                .copy()
                .properties(Map.of("statement_timeout", "500"))
                .build();
        await(connector.provision(settings));
    }

    @Test
    void namesTheSocketWhereNoServerListens(Server server) {
        PostgresSettings nowhere =
                database(server, "todo").copy().host("/no/such/directory").build();
        assertThat(failure(connector.provision(nowhere)))
                .hasMessageContaining("cannot use the socket /no/such/directory/.s.PGSQL." + server.port() + ": ")
                .hasMessageEndingWith(
                        "; check backend.database.connection.host and .port, and that PostgreSQL runs there");
    }

    @Test
    void needsNoRightOnTheMaintenanceDatabaseWhenItsOwnExists(Server server) throws Exception {
        String user = login(server, "");
        String database = server.uniqueName("there");
        server.execute("postgres", "CREATE DATABASE " + database);
        await(connector.provision(as(user, server, database, "", "no_such_maintenance_database")));
    }

    @Test
    void needsNoRightToCreateSchemasWhenItsOwnExists(Server server) throws Exception {
        String user = login(server, "");
        String database = server.uniqueName("there");
        server.execute("postgres", "CREATE DATABASE " + database);
        server.execute(database, "CREATE SCHEMA own AUTHORIZATION " + user);
        await(connector.provision(as(user, server, database, "own", "postgres")));
    }

    @Test
    void saysWhatRightIsMissingForADatabase(Server server) throws Exception {
        String user = login(server, "");
        String database = server.uniqueName("missing");
        assertThat(failure(connector.provision(as(user, server, database, "", "postgres"))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .isNotInstanceOf(RetryableException.class)
                .hasMessage(
                        "plugin 'todo': cannot create database '" + database + "' on 127.0.0.1:" + server.port()
                                + ": user '" + user
                                + "' has no right to (42501); grant it CREATEDB, name another login in"
                                + " backend.database.admin, or create the database and set backend.database.ensureExists to false");
    }

    @Test
    void saysWhatRightIsMissingForASchema(Server server) throws Exception {
        String user = login(server, "");
        String database = server.uniqueName("there");
        server.execute("postgres", "CREATE DATABASE " + database);
        assertThat(failure(connector.provision(as(user, server, database, "own", "postgres"))))
                .hasMessage(
                        "plugin 'todo': cannot create schema 'own' on 127.0.0.1:" + server.port() + ": user '" + user
                                + "' has no right to (42501); grant it CREATE on the database, name another login in"
                                + " backend.database.admin, or create the schema yourself");
    }

    @Test
    void saysThatASchemaMayNotBeUsed(Server server) throws Exception {
        String user = login(server, "");
        String database = server.uniqueName("there");
        server.execute("postgres", "CREATE DATABASE " + database);
        server.execute(database, "CREATE SCHEMA own");
        assertThat(failure(connector.provision(as(user, server, database, "own", "postgres"))))
                .hasMessageEndingWith("the user has no right to use schema 'own'; grant USAGE and CREATE on it");
    }

    @Test
    void noticesThatANameWasCut(Server server) throws Exception {
        String cutName = (server.uniqueName("x".repeat(59)) + "yyyy").substring(0, 63);
        server.execute("postgres", "CREATE DATABASE " + cutName);
        assertThat(failure(connector.provision(database(server, cutName + "_rest"))))
                .hasMessageContaining("is in database '" + cutName + "' instead of '" + cutName + "_rest'");
    }

    @Test
    void givesWhatItCreatesToTheConfiguredOwner(Server server) throws Exception {
        String owner = server.uniqueName("owner");
        server.execute("postgres", "CREATE ROLE " + owner);
        String database = server.uniqueName("owned");
        await(connector.provision(owned(schema(server, database, "own"), owner)));
        assertThat(server.query(
                        database, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"))
                .containsExactly(owner);
        assertThat(server.query(database, "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'own'"))
                .containsExactly(owner);
    }

    @Test
    void keepsNoSessionOpenAfterwards(Server server) throws Exception {
        String database = server.uniqueName("made");
        await(connector.provision(schema(server, database, "own")));
        String sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'plinth' AND datname IN ('"
                + database + "')";
        eventually(() -> server.count("postgres", sessions) == 0);
    }

    @Test
    void takesOverTheLockOfAFrozenInstanceWithinTheLease(Server server) throws Exception {
        String database = server.uniqueName("frozen");
        PostgresConnector shortLease = Settings.connector(vertx, Duration.ofSeconds(1));
        SqlConnection frozen = await(shortLease.connect(database(server, "postgres")));
        await(new AdvisoryLock(vertx).acquire(frozen, AdvisoryLock.key("create database", database), "the lock"));
        await(connector.provision(database(server, database)));
        assertThat(failure(frozen.query("SELECT 1").execute())).isNotNull();
    }

    private PostgresConnector connector() {
        return Settings.connector(vertx, Duration.ofSeconds(30));
    }

    private static String login(Server server, String rights) throws SQLException {
        String user = server.uniqueName("login");
        server.execute("postgres", "CREATE ROLE " + user + " LOGIN PASSWORD 'secret' " + rights);
        return user;
    }

    private static PostgresSettings database(Server server, String database) {
        return Settings.postgres(server.port(), database, "");
    }

    private static PostgresSettings schema(Server server, String database, String schema) {
        return Settings.postgres(server.port(), database, schema);
    }

    private static PostgresSettings as(
            String user, Server server, String database, String schema, String maintenanceDatabase) {
        return Settings.postgres("todo", server.port(), user, "secret", database, schema, PoolSettings.DEFAULT)
                .copy()
                .maintenanceDatabase(maintenanceDatabase)
                .build();
    }

    private static PostgresSettings owned(PostgresSettings settings, String owner) {
        return settings.copy().schemaOwner(Optional.of(owner)).build();
    }

    private static String single(SqlConnection connection, String sql) throws Exception {
        return await(connection.query(sql).execute()).iterator().next().getString(0);
    }
}
