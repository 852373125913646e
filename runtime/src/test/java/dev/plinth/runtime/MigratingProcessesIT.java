package dev.plinth.runtime;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Fat jars that are frozen or killed in the middle of a migration. */
@ExtendWith(PostgresExtension.class)
class MigratingProcessesIT {

    @TempDir
    private Path directory;

    private String database;
    /** As long as it is open, the migration does not go on. */
    @AutoClose
    private Connection lock;

    @BeforeEach
    void installAMigrationThatIsHeldUp(Server server) throws Exception {
        String prefix = server.uniqueName("migrating") + "_";
        database = prefix + "slow";
        server.execute("postgres", "CREATE DATABASE " + database);
        lock = server.connect(database);
        value(lock, "SELECT pg_advisory_lock(4717)");
        PluginJar.of("slow")
                .with("db/migration/V1__item.sql", "CREATE TABLE item (id INT); INSERT INTO item VALUES (1);")
                .with("db/migration/V2__slow.sql", "INSERT INTO item VALUES (2); SELECT pg_advisory_xact_lock(4717);")
                .with("db/migration/V3__last.sql", "INSERT INTO item VALUES (3);")
                .writeTo(directory.resolve("plugins"));
        PlinthProcess.configure(
                directory,
                """
                backend:
                  database:
                    client: pg
                    prefix: %s
                    migrationLease: 3s
                    connection: {host: 127.0.0.1, port: %d, user: postgres, password: postgres}
                """
                        .formatted(prefix, server.port()));
    }

    @Test
    void anotherTakesOverFromAFrozenOneWhichWritesNothingWhenItWakes(Server server) throws Exception {
        try (PlinthProcess frozen = run()) {
            awaitHeldUp(server);
            frozen.freeze();
            lock.close();
            try (PlinthProcess other = PlinthProcess.start(directory, Map.of())) {
                assertThat(items(server)).isEqualTo("1,2,3");
                assertThat(other.errors()).contains("applied").contains("V2");

                frozen.wake();
                frozen.awaitReady();
                assertThat(items(server)).isEqualTo("1,2,3");
                assertThat(history(server)).isEqualTo("1,2,3");
            }
        }
    }

    @Test
    void aStartAfterAKillInTheMiddleFinishesTheWork(Server server) throws Exception {
        try (PlinthProcess killed = run()) {
            awaitHeldUp(server);
            killed.kill();
            lock.close();
        }
        try (PlinthProcess again = PlinthProcess.start(directory, Map.of())) {
            assertThat(again.get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(items(server)).isEqualTo("1,2,3");
            assertThat(history(server)).isEqualTo("1,2,3");
        }
    }

    private PlinthProcess run() throws IOException {
        return PlinthProcess.run(directory, Map.of(), "start", "--port", "0");
    }

    private void awaitHeldUp(Server server) throws SQLException {
        try (Connection connection = server.connect("postgres")) {
            eventually(() -> value(
                            connection,
                            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = '"
                                    + database + "'")
                    .equals("1"));
        }
    }

    private String items(Server server) throws SQLException {
        return value(server, database, "SELECT string_agg(id::text, ',' ORDER BY id) FROM item");
    }

    private String history(Server server) throws SQLException {
        return value(server, database, "SELECT string_agg(version::text, ',' ORDER BY version) FROM plinth_migration");
    }

    private static String value(Server server, String database, String sql) throws SQLException {
        try (Connection connection = server.connect(database)) {
            return value(connection, sql);
        }
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
