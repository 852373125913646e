package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.awaitAll;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class IsolationIT {

    private static final int INSTANCES = 8;

    /** Each tries to reach beyond its own schema. */
    private static final List<String> DENIED = List.of(
            "SELECT * FROM other.item",
            "INSERT INTO other.item VALUES (2)",
            "DROP TABLE other.item",
            "DROP SCHEMA other CASCADE",
            "CREATE TABLE other.mine (id INT)",
            "CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
            "CREATE TABLE public.planted (id INT)",
            "SET ROLE postgres",
            "SET SESSION AUTHORIZATION postgres",
            "RESET ROLE; SELECT * FROM other.item",
            "RESET SESSION AUTHORIZATION; SELECT * FROM other.item",
            "SET search_path = other; SELECT * FROM item",
            "CREATE TEMP TABLE t AS SELECT * FROM other.item",
            "CREATE TEMP VIEW v AS SELECT * FROM other.item; SELECT * FROM v",
            "ALTER TABLE other.item OWNER TO CURRENT_USER",
            "ALTER SCHEMA other OWNER TO CURRENT_USER",
            "GRANT ALL ON SCHEMA other TO CURRENT_USER",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT pg_ls_dir('/')",
            "SELECT lo_import('/etc/passwd')",
            "COPY item FROM '/etc/passwd'",
            "CREATE ROLE accomplice",
            "ALTER ROLE CURRENT_USER SUPERUSER",
            "SELECT rolpassword FROM pg_authid",
            "TRUNCATE other.item",
            "DO $$ BEGIN LOCK TABLE other.item; END $$",
            "COMMENT ON SCHEMA other IS 'mine'",
            "CREATE SCHEMA another",
            "PREPARE p AS SELECT * FROM other.item; EXECUTE p",
            "DO $$ BEGIN EXECUTE 'SELECT FROM other.item'; END $$",
            "CREATE TABLE heir () INHERITS (other.item)",
            "CREATE TABLE linked (id INT REFERENCES other.item)",
            "CREATE PUBLICATION leak FOR TABLE other.item",
            "CREATE EVENT TRIGGER spy ON ddl_command_start EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "CREATE FUNCTION native() RETURNS void LANGUAGE c AS 'native'",
            "CREATE FUNCTION inner_one(text) RETURNS text LANGUAGE internal AS 'pg_read_file'",
            "ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT ON TABLES TO CURRENT_USER",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = own', current_database()); END $$",
            "ALTER SYSTEM SET work_mem = '1MB'",
            "SET session_replication_role = replica",
            "SET log_statement = 'none'",
            "GRANT pg_read_all_data TO CURRENT_USER",
            "ALTER ROLE postgres PASSWORD 'taken'",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
            "SELECT lo_export(lo_creat(-1), '/tmp/leak')",
            "COPY (SELECT 1) TO PROGRAM 'id'",
            "SELECT pg_stat_file('/etc/passwd')",
            "SELECT * FROM pg_statistic",
            "SELECT * FROM pg_largeobject");

    private Vertx vertx;
    private PostgresConnector connector;
    private String admin;

    @BeforeEach
    void setUp(Server server) throws Exception {
        vertx = Vertx.vertx();
        connector = connector();
        admin = server.uniqueName("admin");
        server.execute("postgres", "CREATE ROLE " + admin + " LOGIN CREATEDB CREATEROLE PASSWORD 'secret'");
    }

    @AfterEach
    void tearDown() throws Exception {
        await(connector.close());
        await(vertx.close());
    }

    @Test
    void logsEachPluginInAsARoleThatOwnsItsDatabase(Server server) throws Exception {
        String database = server.uniqueName("iso");
        SqlConnection session = await(connector.provisionAndConnect(settings(server, database, "")));
        assertThat(value(session, "SELECT current_user::text")).isEqualTo(database);
        await(session.query("CREATE TABLE item (id INT)").execute());
        await(session.close());
        assertThat(server.query(
                        database, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '" + database + "'"))
                .containsExactly(database);
    }

    @Test
    void logsEachPluginInAsARoleThatOwnsItsSchema(Server server) throws Exception {
        String database = server.uniqueName("iso");
        SqlConnection session = await(connector.provisionAndConnect(settings(server, database, "todo")));
        assertThat(value(session, "SELECT current_user || ' ' || current_schema()"))
                .isEqualTo(database + ".todo todo");
        await(session.query("CREATE TABLE item (id INT)").execute());
        await(session.close());
    }

    @Test
    void deniesWhatReachesBeyondItsSchema(Server server) throws Exception {
        String database = server.uniqueName("iso");
        SqlConnection other = await(connector.provisionAndConnect(settings(server, database, "other")));
        await(other.query("CREATE TABLE item (id INT); INSERT INTO item VALUES (1)")
                .execute());
        SqlConnection own = await(connector.provisionAndConnect(settings(server, database, "own")));
        await(own.query("CREATE TABLE mine (id INT)").execute());
        for (String statement : DENIED) {
            assertThat(SqlStates.of(failure(own.query(statement).execute())))
                    .as(statement)
                    .isIn("42501", "42P01");
        }
        assertThat(value(other, "SELECT sum(id)::text FROM item")).isEqualTo("1");
        await(own.close());
        await(other.close());
    }

    @Test
    void showsNothingOfWhatAnotherPluginStoresOrAsks(Server server) throws Exception {
        String database = server.uniqueName("iso");
        SqlConnection other = await(connector.provisionAndConnect(settings(server, database, "other")));
        await(other.query("CREATE TABLE item (name TEXT); INSERT INTO item VALUES ('hidden'), ('hidden'); ANALYZE item")
                .execute());
        String blob = value(other, "SELECT lo_from_bytea(0, 'hidden')::text");
        await(other.query("SELECT 'hidden'").execute());
        SqlConnection own = await(connector.provisionAndConnect(settings(server, database, "own")));
        assertThat(value(own, "SELECT count(*)::text FROM pg_stats WHERE schemaname = 'other'"))
                .isEqualTo("0");
        assertThat(
                        value(
                                own,
                                "SELECT count(*)::text FROM pg_stat_activity WHERE query LIKE '%hidden%' AND pid <> pg_backend_pid()"))
                .isEqualTo("0");
        assertThat(SqlStates.of(failure(own.query("SELECT lo_get(" + blob + ")").execute())))
                .isEqualTo("42501");
        await(own.close());
        await(other.close());
    }

    @Test
    void deniesToBecomeAnotherPluginsRole(Server server) throws Exception {
        String database = server.uniqueName("iso");
        await(connector.provision(settings(server, database, "other")));
        SqlConnection own = await(connector.provisionAndConnect(settings(server, database, "own")));
        assertThat(SqlStates.of(
                        failure(own.query("SET ROLE \"" + database + ".other\"").execute())))
                .isEqualTo("42501");
        await(own.close());
    }

    @Test
    void keepsOthersOutOfItsDatabase(Server server) throws Exception {
        String first = server.uniqueName("iso");
        String second = server.uniqueName("iso");
        await(connector.provision(settings(server, first, "")));
        await(connector.provision(settings(server, second, "")));
        PostgresSettings intruder =
                Settings.postgres("todo", server.port(), first, "x", second, "", PoolSettings.DEFAULT);
        assertThat(failure(connector.connect(intruder)))
                .hasMessageContaining("permission denied for database \"" + second + "\"");
    }

    @Test
    void handsOverWhatWasThereBeforeItWasSwitchedOn(Server server) throws Exception {
        String database = server.uniqueName("iso");
        PostgresSettings shared =
                Settings.postgres("todo", server.port(), admin, "secret", database, "own", PoolSettings.DEFAULT);
        SqlConnection before = await(connector.provisionAndConnect(shared));
        await(before.query(
                        """
                        CREATE TABLE item (id SERIAL PRIMARY KEY, name TEXT);
                        CREATE VIEW names AS SELECT name FROM item;
                        CREATE TYPE mood AS ENUM ('good');
                        CREATE SEQUENCE numbers;
                        CREATE TABLE parts (id INT) PARTITION BY RANGE (id);
                        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (10);
                        CREATE FUNCTION one() RETURNS INT LANGUAGE sql AS 'SELECT 1'""")
                .execute());
        await(before.close());
        SqlConnection after = await(connector.provisionAndConnect(settings(server, database, "own")));
        await(after.query(
                        """
                        ALTER TABLE item ADD COLUMN more TEXT; INSERT INTO item (name) VALUES ('a');
                        DROP VIEW names; DROP TYPE mood; DROP SEQUENCE numbers; DROP TABLE parts; DROP FUNCTION one()""")
                .execute());
        await(after.close());
    }

    @Test
    void takesNothingForDoneThatWasHandedOverInPart(Server server) throws Exception {
        String database = server.uniqueName("iso");
        server.execute("postgres", "CREATE ROLE " + database + "_third");
        server.execute("postgres", "CREATE DATABASE " + database + " OWNER " + admin);
        server.execute(
                database,
                "CREATE SCHEMA closed AUTHORIZATION " + database + "_third; CREATE TABLE closed.item (id INT);"
                        + " ALTER TABLE closed.item OWNER TO " + admin);
        PostgresSettings settings = settings(server, database, "");
        failure(connector.provision(settings));
        assertThat(failure(connector().provision(settings)))
                .hasMessageContaining("to role '" + database + "': permission denied for schema closed (42501); grant");
        server.execute(database, "GRANT ALL ON SCHEMA closed TO " + database);
        await(connector().provision(settings));
        assertThat(server.query(
                        database, "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'closed.item'::regclass"))
                .containsExactly(database);
    }

    @Test
    void isToBeTriedAgainWhenTheAdministratorsConnectionIsLost(Server server) throws Exception {
        String database = server.uniqueName("iso");
        try (Connection holder = server.connect("postgres");
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AdvisoryLock.key("isolate", database) + ")");
            Future<Void> provisioned = connector.provision(settings(server, database, ""));
            String end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '" + admin
                    + "' AND query LIKE '%pg_try_advisory_lock%'";
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (server.query("postgres", end).get(0).equals("0")) {
                assertThat(System.nanoTime()).as("it waits for the lock").isLessThan(deadline);
            }
            assertThat(failure(provisioned)).isInstanceOf(RetryableException.class);
        }
    }

    @Test
    void logsInWithThePasswordThatAllInstancesDerive(Server server) throws Exception {
        String database = server.uniqueName("iso");
        requirePasswords(server, database);
        await(connector.provision(settings(server, database, "")));
        await(connector().provision(settings(server, database, "")));
        PostgresSettings wrong =
                Settings.postgres("todo", server.port(), database, "wrong", database, "", PoolSettings.DEFAULT);
        assertThat(SqlStates.of(failure(connector.connect(wrong)))).isEqualTo("28P01");
    }

    @Test
    void setsANewPasswordWhenTheSecretChanges(Server server) throws Exception {
        String database = server.uniqueName("iso");
        requirePasswords(server, database);
        await(connector.provision(settings(server, database, "")));
        PostgresSettings changed = withSecret(settings(server, database, ""), "another secret");
        await(connector.provision(changed));
        assertThat(SqlStates.of(failure(connector.connect(settings(server, database, "")))))
                .isEqualTo("28P01");
    }

    @Test
    void worksWhenManyInstancesStartAtOnce(Server server) throws Exception {
        String database = server.uniqueName("iso");
        List<Future<Void>> all = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            PostgresConnector instance = connector();
            all.add(instance.provision(settings(server, database, "one"))
                    .compose(done -> instance.provision(settings(server, database, "two")))
                    .compose(done -> instance.provision(settings(server, database + "_own", ""))));
        }
        awaitAll(all);
    }

    @Test
    void neverTakesOverARoleThatSomebodyElseMade(Server server) throws Exception {
        String database = server.uniqueName("iso");
        server.execute("postgres", "CREATE ROLE " + database + " NOLOGIN");
        assertThat(failure(connector.provision(settings(server, database, ""))))
                .hasMessage("plugin 'todo': cannot give it role '" + database + "' on 127.0.0.1:" + server.port()
                        + ": role '" + database
                        + "' exists and was not made by Plinth for this plugin; rename or drop it");
    }

    @Test
    void saysWhatRightIsMissing(Server server) throws Exception {
        String poor = server.uniqueName("poor");
        server.execute("postgres", "CREATE ROLE " + poor + " LOGIN CREATEDB");
        admin = poor;
        assertThat(failure(connector.provision(settings(server, server.uniqueName("iso"), ""))))
                .hasMessageEndingWith(
                        ": user '" + poor + "' has no right to (42501); grant it CREATEROLE, name another login"
                                + " in backend.database.admin, or set backend.database.isolation to shared");
    }

    @Test
    void runsNothingAsTheAdministratorThatAPluginLeftInItsDatabase(Server server) throws Exception {
        server.execute("postgres", "ALTER ROLE " + admin + " SUPERUSER");
        String database = server.uniqueName("iso");
        PostgresSettings settings = settings(server, database, "");
        SqlConnection own = await(connector.provisionAndConnect(settings));
        requirePasswords(server, database);
        await(own.query(
                        """
                        CREATE TABLE caught (who NAME);
                        GRANT INSERT ON caught TO PUBLIC;
                        CREATE FUNCTION public.trap(name, name) RETURNS boolean LANGUAGE plpgsql AS
                            'BEGIN INSERT INTO public.caught VALUES (current_user); RETURN false; END';
                        CREATE OPERATOR public.!~ (LEFTARG = name, RIGHTARG = name, FUNCTION = public.trap);
                        CREATE FUNCTION public.trap(name, text) RETURNS boolean LANGUAGE sql AS
                            'SELECT public.trap($1, $1)';
                        CREATE OPERATOR public.!~ (LEFTARG = name, RIGHTARG = text, FUNCTION = public.trap)""")
                .execute());
        await(connector().provision(withSecret(settings, "another random text")));
        assertThat(value(own, "SELECT count(*)::text FROM caught")).isEqualTo("0");
        await(own.close());
    }

    /** The test server trusts everybody otherwise. */
    private static void requirePasswords(Server server, String database) throws Exception {
        Path rules = Path.of(server.query("postgres", "SHOW hba_file").get(0));
        String rule = "host " + database + " all 127.0.0.1/32 scram-sha-256\n";
        Files.writeString(rules, rule + Files.readString(rules));
        server.execute("postgres", "SELECT pg_reload_conf()");
    }

    private PostgresConnector connector() {
        return Settings.connector(vertx, Duration.ofSeconds(30));
    }

    private PostgresSettings settings(Server server, String database, String schema) {
        return withSecret(
                Settings.postgres("todo", server.port(), admin, "secret", database, schema, PoolSettings.DEFAULT),
                "a long random text");
    }

    private static PostgresSettings withSecret(PostgresSettings settings, String secret) {
        return settings.copy().isolationSecret(Optional.of(new Secret(secret))).build();
    }

    private static String value(SqlConnection session, String sql) throws Exception {
        return await(session.query(sql).execute()).iterator().next().getString(0);
    }
}
