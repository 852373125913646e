package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

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

/** The session in which a plugin with a schema is prepared, which others have before and after. */
@ExtendWith(PostgresExtension.class)
class SharedSessionsIT {

    private Vertx vertx;
    private PostgresConnector connector;
    private String database = "";
    private int port;

    @BeforeEach
    void setUp(Server server) {
        vertx = Vertx.vertx();
        connector = Settings.connector(vertx, Duration.ofSeconds(30));
        database = server.uniqueName("shared");
        port = server.port();
    }

    @AfterEach
    void tearDown() throws Exception {
        await(connector.close());
        await(vertx.close());
    }

    @Test
    void isAsNewForTheNextPlugin() throws Exception {
        SqlConnection first = prepare("one");
        String process = ask(first, "SELECT pg_backend_pid()");
        run(first, "CREATE TABLE item (id INT)");
        run(first, "CREATE TEMPORARY TABLE scratch (id INT)");
        run(first, "PREPARE known AS SELECT 1");
        run(first, "SET plinth.kept = 'behind'; SET statement_timeout = '1h'");
        run(first, "SELECT pg_advisory_lock(7)");
        await(first.close());

        SqlConnection second = prepare("two");

        assertThat(ask(second, "SELECT pg_backend_pid()")).isEqualTo(process);
        assertThat(ask(second, "SELECT current_schema()")).isEqualTo("two");
        assertThat(ask(second, "SELECT current_setting('application_name')")).isEqualTo("plinth_plugin_two");
        assertThat(ask(second, "SELECT to_regclass('item'), to_regclass('scratch')"))
                .isEqualTo("null");
        assertThat(ask(second, "SELECT count(*) FROM pg_prepared_statements")).isEqualTo("0");
        assertThat(ask(second, "SELECT current_setting('plinth.kept', true)")).isIn("", "null");
        assertThat(ask(second, "SELECT current_setting('statement_timeout')")).isEqualTo("0");
        assertThat(ask(second, "SELECT current_setting('idle_session_timeout')"))
                .isEqualTo("30s");
        assertThat(ask(second, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = " + process))
                .isEqualTo("0");
        await(second.close());
    }

    @Test
    void endsWithATransactionThatWasLeftOpen() throws Exception {
        SqlConnection first = prepare("one");
        String process = ask(first, "SELECT pg_backend_pid()");
        run(first, "BEGIN; CREATE TABLE item (id INT)");
        await(first.close());

        SqlConnection next = prepare("one");

        assertThat(ask(next, "SELECT pg_backend_pid()")).isNotEqualTo(process);
        assertThat(ask(next, "SELECT to_regclass('item')")).isEqualTo("null");
        await(next.close());
    }

    @Test
    void isNobodyElsesUntilItIsClosedAndNotItsUsersAfterwards() throws Exception {
        SqlConnection first = prepare("one");
        SqlConnection second = prepare("two");
        assertThat(ask(second, "SELECT pg_backend_pid()")).isNotEqualTo(ask(first, "SELECT pg_backend_pid()"));

        await(first.close());
        assertThat(failure(first.query("SELECT 1").execute())).hasMessageContaining("given back");
        await(second.close());
    }

    private SqlConnection prepare(String plugin) throws Exception {
        PostgresSettings settings =
                Settings.postgres(plugin, port, "postgres", "postgres", database, plugin, PoolSettings.DEFAULT);
        return await(connector.provisionAndConnect(settings));
    }

    private static void run(SqlConnection session, String sql) throws Exception {
        await(session.query(sql).execute());
    }

    private static String ask(SqlConnection session, String sql) throws Exception {
        return String.valueOf(
                await(session.query(sql).execute()).iterator().next().getValue(0));
    }
}
