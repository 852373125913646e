package dev.plinth.runtime.database;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.bus.DatabaseClient;
import dev.plinth.runtime.bus.DatabaseRefusedException;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import dev.plinth.runtime.database.DatabaseHealth.State;
import dev.plinth.runtime.database.migration.MigrationPolicy;
import dev.plinth.runtime.database.migration.Migrator;
import dev.plinth.runtime.database.sqlite.SqliteConnector;
import dev.plinth.runtime.testing.LogLines;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A plugin's database is down when its own last attempt failed, and up again when another one shows that it is. */
@ExtendWith(PostgresExtension.class)
class TroubleIT {

    private static final String PREFIX = "plugin 'todo': cannot connect to ";

    private final Vertx vertx = Vertx.vertx();
    private final DatabaseClient client = new DatabaseClient(vertx);
    private final LogLines log = LogLines.of(ServerWatch.class);
    private final Server server;

    @TempDir
    private Path directory;

    private final List<DatabaseRequest.Phase> phases = new CopyOnWriteArrayList<>();
    private DatabaseSettings settings;
    private DatabaseVerticle verticle;

    TroubleIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void deploy() throws Exception {
        verticle = new DatabaseVerticle(
                id -> new Resolution(id, Optional.of(settings), List.of(), Map.of()),
                List.of(
                        new DatabaseKind<>(PostgresSettings.class, Settings.connector(vertx, Duration.ofSeconds(30))),
                        new DatabaseKind<>(SqliteSettings.class, new SqliteConnector(vertx))),
                new Migrator(vertx, MigrationPolicy.WARN_WHEN_NEWER));
        await(vertx.deployVerticle(verticle));
    }

    @AfterEach
    void close() throws Exception {
        log.close();
        await(vertx.close());
    }

    private Future<Pool> request(String... migrations) {
        List<MigrationFile> files = new ArrayList<>();
        for (String sql : migrations) {
            files.add(new MigrationFile("V" + (files.size() + 1) + "__step.sql", sql));
        }
        return client.request(new DatabaseRequest("todo", 0, files, List.of(), phases::add))
                .map(reply -> reply.pool());
    }

    private State state() throws Exception {
        return await(verticle.check()).get("todo");
    }

    private void awaitState(boolean up) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (state().up() != up) {
            assertThat(System.nanoTime()).as("the database is %s", state()).isLessThan(deadline);
            await(vertx.timer(20));
        }
    }

    private String newDatabase() throws Exception {
        String name = server.uniqueName("trouble");
        String user = server.uniqueName("user");
        server.execute("postgres", "CREATE ROLE " + user + " LOGIN", "CREATE DATABASE " + name + " OWNER " + user);
        settings = Settings.postgres("todo", server.port(), user, "secret", name, "", PoolSettings.DEFAULT);
        return name;
    }

    @Test
    void aPluginThatServesIsDownOnceItsLoginIsRefusedAndUpWithoutBeingAsked() throws Exception {
        String database = newDatabase();
        Pool pool = await(request());
        assertThat(state().up()).isTrue();
        String user = ((PostgresSettings) settings).user().orElseThrow();
        server.execute(
                "postgres",
                "ALTER ROLE " + user + " NOLOGIN",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'");
        failure(pool.query("SELECT 1").execute());
        awaitState(false);
        assertThat(state().reason())
                .startsWith("plugin 'todo': cannot connect to " + user + "@127.0.0.1:" + server.port() + "/" + database)
                .contains("(28000); see that this role exists and may log in");
        server.execute("postgres", "ALTER ROLE " + user + " LOGIN");
        awaitState(true);
        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines().get(0)).startsWith(PREFIX).contains("(28000)");
        assertThat(log.lines().get(1)).startsWith(settings.location() + " serves again, after ");
    }

    @Test
    void aConnectionThatEndsIsNoTrouble() throws Exception {
        String database = newDatabase();
        Pool pool = await(request());
        // A first statement that the server did not answer is undone, and runs once more.
        Future<?> cut = pool.withTransaction(session -> session.query("SELECT 1")
                .execute()
                .compose(first -> session.query("SELECT pg_sleep(20)").execute())
                .mapEmpty());
        while (!isAsleep(database)) {
            await(vertx.timer(5));
        }
        server.execute(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'");
        assertThat(failure(cut)).isInstanceOf(RetryableException.class);
        await(pool.query("SELECT 1").execute());
        assertThat(state().up()).isTrue();
        assertThat(log.lines()).isEmpty();
    }

    private boolean isAsleep(String database) throws Exception {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT FROM pg_stat_activity WHERE datname = '" + database + "' AND wait_event = 'PgSleep'")) {
            return rows.next();
        }
    }

    @Test
    void aServerThatTakesNoWritesIsAwayAndSaidToBeSoOnce() throws Exception {
        String database = newDatabase();
        server.execute("postgres", "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
        Future<Pool> waiting = request("CREATE TABLE item (id INT)");
        while (await(verticle.check()).get("todo").status() == DatabaseHealth.Status.PREPARING) {
            await(vertx.timer(20));
        }
        await(vertx.timer(1_500));
        assertThat(waiting.isComplete()).isFalse();
        assertThat(state().reason()).contains("(25006); ");
        assertThat(phases.get(phases.size() - 1)).isEqualTo(DatabaseRequest.Phase.PROVISIONING);
        assertThat(log.lines()).hasSize(1);
        server.execute("postgres", "ALTER DATABASE " + database + " RESET default_transaction_read_only");
        await(waiting);
        assertThat(state().up()).isTrue();
        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines().get(1)).contains(" serves again, after ");
    }

    @Test
    void aServerThatStopsTakingWritesIsAwayForAPluginThatServes() throws Exception {
        String database = newDatabase();
        Pool pool = await(request("CREATE TABLE item (id INT)"));
        server.execute("postgres", "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
        server.execute(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'");
        assertThat(failure(pool.query("INSERT INTO item VALUES (1)").execute()))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("(25006); name the server that takes writes in");
        awaitState(false);
        server.execute("postgres", "ALTER DATABASE " + database + " RESET default_transaction_read_only");
        awaitState(true);
        await(vertx.timer(1_100)); // so often connections are renewed at most
        await(pool.query("INSERT INTO item VALUES (1)").execute());
        assertThat(log.lines()).hasSize(2);
    }

    @Test
    void onePluginsOwnReadOnlyTransactionIsNoTrouble() throws Exception {
        newDatabase();
        Pool pool = await(request("CREATE TABLE item (id INT)"));
        assertThat(failure(pool.withTransaction(session -> session.query("SET TRANSACTION READ ONLY")
                        .execute()
                        .compose(set ->
                                session.query("INSERT INTO item VALUES (1)").execute())
                        .mapEmpty())))
                .hasMessageContaining("(25006)");
        await(vertx.timer(300));
        assertThat(state().up()).isTrue();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void onePluginThatFailedIsDownUntilAnotherAttemptSucceeds() throws Exception {
        newDatabase();
        PostgresSettings right = (PostgresSettings) settings;
        settings = right.copy().user(Optional.of("nobody_here")).build();
        failure(request());
        await(client.release("todo", 0));
        State failed = state();
        assertThat(failed.up()).isFalse();
        assertThat(failed.reason()).contains("role \"nobody_here\" does not exist (28000)");
        failure(request());
        await(client.release("todo", 0));
        assertThat(state()).isEqualTo(failed);
        assertThat(failed.since()).isBefore(Instant.now());
        settings = right;
        await(request());
        assertThat(state().up()).isTrue();
    }

    @Test
    void aRightThatWasMissingToMigrateIsWorthAnotherAttempt() throws Exception {
        String database = newDatabase();
        String user = ((PostgresSettings) settings).user().orElseThrow();
        server.execute(database, "ALTER SCHEMA public OWNER TO postgres", "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        assertThat(failure(request("CREATE TABLE note (text TEXT)")))
                .isInstanceOf(DatabaseRefusedException.class)
                .hasMessageContaining(
                        "permission denied for schema public (42501); grant the user what it lacks there");
        await(client.release("todo", 0));
        server.execute(database, "GRANT CREATE ON SCHEMA public TO " + user);
        assertThat(failure(request("CREATE TABLE note (text NO_SUCH_TYPE)")))
                .isNotInstanceOf(DatabaseRefusedException.class);
        await(client.release("todo", 0));
        await(request("CREATE TABLE note (text TEXT)"));
    }

    @Test
    void aFileThatIsTakenAwayIsTroubleUntilItIsBack() throws Exception {
        Path file = directory.resolve("todo.sqlite");
        settings = new SqliteSettings("todo", Optional.of(file), true, PoolSettings.DEFAULT, false);
        Pool pool = await(request("CREATE TABLE item (id INT)"));
        Path elsewhere = directory.resolve("elsewhere");
        Files.move(file, elsewhere);
        failure(pool.query("INSERT INTO item VALUES (1)").execute());
        awaitState(false);
        assertThat(state().reason()).contains("was removed or replaced while in use: put it back");
        Files.move(elsewhere, file);
        awaitState(true);
        await(pool.query("INSERT INTO item VALUES (1)").execute());
        assertThat(log.lines()).hasSize(2);
    }

    @Test
    void aFileThatIsDamagedIsTroubleUntilABackupIsInItsPlace() throws Exception {
        Path file = directory.resolve("todo.sqlite");
        settings = new SqliteSettings("todo", Optional.of(file), true, PoolSettings.DEFAULT, false);
        Pool filled = await(request("CREATE TABLE item (id INT, text TEXT)", "CREATE TABLE other (id INT)"));
        await(filled.preparedQuery("INSERT INTO item VALUES ($1, repeat('x', 1000))")
                .executeBatch(IntStream.range(0, 100).mapToObj(Tuple::of).toList()));
        Path backup = await(client.backup("todo", directory.resolve("backup")));
        await(client.release("todo", 0));
        damage(file);
        Pool pool = await(request());
        String whole = "SELECT sum(length(text)) FROM item";
        Throwable met = failure(pool.query(whole).execute());
        assertThat(met)
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("put a backup in its place");
        awaitState(false);
        assertThat(state().reason()).isEqualTo(met.getMessage());
        assertThat(failure(pool.query("INSERT INTO other VALUES (1)").execute()))
                .as("nothing more is written into it")
                .hasMessageContaining("put a backup in its place");
        Files.write(file, Files.readAllBytes(backup)); // under its very name, and not as another file
        awaitState(true);
        assertThat(await(pool.query(whole).execute()).iterator().next().getLong(0))
                .isEqualTo(100_000);
        await(pool.query("INSERT INTO other VALUES (1)").execute());
        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines().get(1)).contains(" serves again, after ");
    }

    /** All pages but the first few. */
    private static void damage(Path file) throws Exception {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(10 * 4096);
            bytes.write(new byte[(int) (bytes.length() - 10 * 4096)]);
        }
    }
}
