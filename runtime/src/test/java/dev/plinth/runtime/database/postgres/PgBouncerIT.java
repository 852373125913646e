package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.ReservedPort;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real PgBouncer between Plinth and the server; skipped where none is installed. */
@ExtendWith(PostgresExtension.class)
class PgBouncerIT {

    private final Vertx vertx = Vertx.vertx();
    private final PostgresConnector connector = Settings.connector(vertx, Duration.ofSeconds(30));

    @TempDir
    private Path directory;

    private Optional<Process> bouncer = Optional.empty();
    private ReservedPort port;

    @BeforeEach
    void findBouncer() throws IOException {
        port = new ReservedPort();
        assumeTrue(executable().isPresent(), "no pgbouncer on the PATH, nor in /usr/sbin");
    }

    @AfterEach
    void close() throws IOException {
        await(connector.close());
        await(vertx.close());
        bouncer.ifPresent(process -> process.destroyForcibly().onExit().join());
        port.close();
    }

    @Test
    void refusesAPoolerThatGivesEachTransactionAnotherSession(Server server) throws Exception {
        start(server.port(), "transaction");
        PostgresSettings settings = Settings.postgres(port.number(), "postgres", server.uniqueName("bouncer"));
        assertThat(failure(connector.provisionAndConnect(settings)))
                .isExactlyInstanceOf(DatabaseUnavailableException.class)
                .isNotInstanceOf(RetryableException.class)
                .hasMessage("plugin 'todo': " + settings.location()
                        + ": a pooler stands before the server that gives each transaction another session, so neither"
                        + " locks nor search paths hold; set its pool_mode to session, or name the server itself in"
                        + " backend.database.connection.host and .port");
    }

    @Test
    void worksBehindAPoolerThatKeepsSessions(Server server) throws Exception {
        start(server.port(), "session");
        String schema = server.uniqueName("bouncer");
        PostgresSettings settings = Settings.postgres(port.number(), "postgres", schema);
        SqlConnection connection = await(connector.provisionAndConnect(settings));
        assertThat(value(await(connection.query("SELECT current_schema()").execute())))
                .isEqualTo(schema);
        await(connection.query("CREATE TABLE item (id INT)").execute());
        await(connection.close());

        PluginPool pool = new PluginPool(vertx, "todo", connector.open(settings));
        await(pool.preparedQuery("INSERT INTO item VALUES (1)").execute());
        assertThat(value(await(pool.query("SELECT count(*)::int FROM item").execute())))
                .isEqualTo(1);
        await(pool.close());
    }

    @Test
    void leavesNoLockBehindInAPoolerThatCleansNothing(Server server) throws Exception {
        start(server.port(), "session\nserver_reset_query =");
        PostgresSettings settings = Settings.postgres(port.number(), "postgres", server.uniqueName("bouncer"));
        SqlConnection connection = await(connector.provisionAndConnect(settings));
        await(connection.query("SELECT pg_advisory_lock(4711)").execute());
        await(connection.close());
        PluginPool pool =
                new PluginPool(vertx, "todo", connector.open(Settings.postgres(server.port(), "postgres", "")));
        assertThat(value(await(pool.query("SELECT count(*)::int FROM pg_locks WHERE objid = 4711")
                        .execute())))
                .isEqualTo(0);
        await(pool.close());
    }

    @Test
    void doesNotTakeASlowStatementForADeadConnection(Server server) throws Exception {
        start(server.port(), "session");
        PluginPool pool = new PluginPool(
                vertx, "todo", connector.open(PgFixture.inSchema("todo", port.number(), "public", pool(2))));
        assertThat(value(await(pool.query("SELECT 1 FROM pg_sleep(5)").execute())))
                .isEqualTo(1);
        await(pool.close());
    }

    private void start(int server, String mode) throws Exception {
        Path settings = Files.writeString(
                directory.resolve("pgbouncer.ini"),
                """
                [databases]
                * = host=127.0.0.1 port=%d user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = %s
                """
                        .formatted(server, port.number(), mode));
        // PgBouncer does not run as root.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> command = System.getProperty("user.name").equals("root")
                ? List.of(executable().orElseThrow(), "-u", "nobody", settings.toString())
                : List.of(executable().orElseThrow(), settings.toString());
        File log = directory.resolve("pgbouncer.log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        bouncer = Optional.of(process);
        awaitListening(process, log.toPath());
    }

    private void awaitListening(Process process, Path log) throws IOException {
        while (!listens()) {
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.number())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<String> executable() {
        return Arrays.stream((System.getenv("PATH") + ":/usr/sbin").split(":"))
                .map(directory -> Path.of(directory, "pgbouncer"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
