package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static dev.plinth.runtime.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The sessions in which plugins with databases of their own were prepared. */
@ExtendWith(PostgresExtension.class)
class FarewellsIT {

    private static final int BUDGET = 20;

    private Vertx vertx;
    private PostgresConnector connector;
    private Server server;
    private String user = "";

    @BeforeEach
    void setUp(Server running) throws Exception {
        vertx = Vertx.vertx();
        connector = new PostgresConnector(
                vertx,
                Duration.ofSeconds(30),
                PgCredentials.CONFIGURED,
                new PgPoolOptions("test", Optional.of(BUDGET)));
        server = running;
        user = server.uniqueName("farewell");
        server.execute("postgres", "CREATE ROLE " + user + " LOGIN", "CREATE DATABASE " + user + " OWNER " + user);
    }

    @AfterEach
    void tearDown() throws Exception {
        await(connector.close());
        await(vertx.close());
    }

    @Test
    void areClosedWhenNobodyLogsInAnyMore() throws Exception {
        for (int i = 0; i < 3; i++) {
            prepareAndCloseLater("plugin" + i);
        }
        eventually(() -> sessions() == 0);
    }

    @Test
    void leaveTheirPlacesWhereThereAreNoMore() throws Exception {
        server.execute("postgres", "ALTER ROLE " + user + " CONNECTION LIMIT 2");
        for (int i = 0; i < 7; i++) {
            prepareAndCloseLater("plugin" + i);
            assertThat(sessions()).isBetween(1, 2);
        }
    }

    @Test
    void leaveThePoolsRoom() throws Exception {
        for (int i = 0; i < BUDGET; i++) {
            prepareAndCloseLater("plugin" + i);
            assertThat(sessions()).isLessThanOrEqualTo(BUDGET - PgPoolOptions.DEFAULT_BUDGET);
        }
    }

    @Test
    void leaveTheirPlacesToThePools() throws Exception {
        server.execute("postgres", "ALTER ROLE " + user + " CONNECTION LIMIT 3");
        List<PluginPool> pools = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            prepareAndCloseLater("plugin" + i);
        }
        for (int i = 0; i < 3; i++) {
            PluginPool pool = new PluginPool(vertx, "plugin" + i, connector.open(settings("plugin" + i)));
            pools.add(pool);
            await(pool.query("SELECT 1").execute());
        }
        assertThat(sessions()).isEqualTo(3);
        for (PluginPool pool : pools) {
            await(pool.close());
        }
    }

    @Test
    void areClosedAtTheEnd() throws Exception {
        prepareAndCloseLater("one");
        prepareAndCloseLater("two");
        await(connector.close());
        assertThat(sessions()).isZero();
    }

    private void prepareAndCloseLater(String plugin) throws Exception {
        PostgresSettings settings = settings(plugin);
        SqlConnection session = await(connector.provisionAndConnect(settings));
        await(connector.closeLater(settings, session));
    }

    private PostgresSettings settings(String plugin) {
        return Settings.postgres(plugin, server.port(), user, "", user, "", PoolSettings.DEFAULT);
    }

    private int sessions() throws SQLException {
        return server.count("postgres", "SELECT count(*) FROM pg_stat_activity WHERE usename = '" + user + "'");
    }
}
