package dev.plinth.runtime.database.migration;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.awaitAll;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.JavaMigration;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.postgres.PostgresConnector;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class MigratorIT {

    private static final int INSTANCES = 8;

    private Vertx vertx;
    private PostgresConnector connector;
    private PostgresSettings settings;

    @BeforeEach
    void setUp(Server server) {
        vertx = Vertx.vertx();
        connector = Settings.connector(vertx, Duration.ofSeconds(30));
        settings = Settings.postgres(server.port(), server.uniqueName("migrated"), "");
    }

    @AfterEach
    void tearDown() throws Exception {
        await(connector.close());
        await(vertx.close());
    }

    @Test
    void appliesEachMigrationOnceAndPutsItOnRecord(Server server) throws Exception {
        DatabaseRequest request = files(
                "V1__item.sql", "CREATE TABLE item (id INT); INSERT INTO item VALUES (1);",
                "V2__more.sql", "INSERT INTO item VALUES (2)");
        await(migrate(request));
        await(migrate(request));
        assertThat(query(server, "SELECT id FROM item ORDER BY id")).containsExactly("1", "2");
        assertThat(query(
                        server,
                        "SELECT concat_ws(' ', version, name, kind, state, length(checksum)) FROM plinth_migration"
                                + " ORDER BY version"))
                .containsExactly("1 item sql applied 64", "2 more sql applied 64");
    }

    @Test
    void appliesEachMigrationOnceWhenManyInstancesStartAtOnce(Server server) throws Exception {
        await(connector.provision(settings));
        DatabaseRequest request = files(
                "V1__item.sql", "CREATE TABLE item (id INT); SELECT pg_sleep(0.2)",
                "V2__fill.sql", "INSERT INTO item VALUES (1)",
                "R__view.sql", "CREATE VIEW v AS SELECT * FROM item");
        List<Future<Boolean>> instances = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            instances.add(migrate(request));
        }
        awaitAll(instances);
        assertThat(query(server, "SELECT id FROM item")).containsExactly("1");
        assertThat(query(server, "SELECT name FROM plinth_migration ORDER BY version"))
                .containsExactly("item", "fill", "view");
    }

    /** Each that fails is a line in the server's log, which operators read. */
    @Test
    void runsNoStatementThatFailsOnAnEmptyServer(Server server) throws Exception {
        await(migrate(files("V1__item.sql", "CREATE TABLE item (id INT)")));
        String others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND pid <> pg_backend_pid()";
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!query(server, others).get(0).equals("0")) {
            assertThat(System.nanoTime()).as("the session ends").isLessThan(deadline);
        }
        assertThat(query(server, "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()"))
                .containsExactly("0");
    }

    @Test
    void keepsNothingOfAMigrationThatFails(Server server) throws Exception {
        Throwable failure = failure(migrate(files(
                "V1__good.sql", "CREATE TABLE good (id INT)",
                "V2__bad.sql", "CREATE TABLE bad (id INT);\n\nINSERT INTO bad\n  VALUES (no_such_column);")));
        assertThat(failure)
                .isInstanceOf(MigrationException.class)
                .hasMessageStartingWith("plugin 'todo': migration V2__bad.sql (version 2) failed in line 4: ")
                .hasMessageContaining("column \"no_such_column\" does not exist (42703)")
                .hasMessageEndingWith("; nothing of it was kept: correct the file and start again");
        assertThat(query(server, "SELECT name FROM plinth_migration")).containsExactly("good");
        assertThat(query(server, "SELECT to_regclass('bad')::text")).containsExactly((String) null);
    }

    @Test
    void refusesAChangedFile() throws Exception {
        await(migrate(files("V1__item.sql", "CREATE TABLE item (id INT)")));
        assertThat(failure(migrate(files("V1__item.sql", "CREATE TABLE item (id BIGINT)"))))
                .hasMessageMatching(
                        "plugin 'todo': migration V1__item.sql \\(version 1, now [0-9a-f]{12}\\) was changed after"
                                + " it was applied; restore the text, put the change into a new version, or accept it with"
                                + " \"plinth db migrate --repair --plugin todo\"");
    }

    @Test
    void refusesAVersionBelowTheNewestApplied() throws Exception {
        await(migrate(files("V3__c.sql", "SELECT 3")));
        assertThat(failure(migrate(files("V2__b.sql", "SELECT 2", "V3__c.sql", "SELECT 3"))))
                .hasMessage("plugin 'todo': migration V2__b.sql (version 2) was never applied, but a newer version was;"
                        + " give it a number above the newest applied one");
    }

    @Test
    void startsOnADatabaseThatIsNewer() throws Exception {
        await(migrate(files("V1__a.sql", "SELECT 1", "V2__b.sql", "SELECT 2")));
        await(migrate(files("V1__a.sql", "SELECT 1")));
    }

    @Test
    void refusesADatabaseThatIsNewerWhenToldTo() throws Exception {
        await(migrate(files("V1__a.sql", "SELECT 1", "V2__b.sql", "SELECT 2")));
        assertThat(failure(migrate(files("V1__a.sql", "SELECT 1"), MigrationPolicy.REFUSE_WHEN_NEWER)))
                .isInstanceOf(MigrationException.class)
                .hasMessageStartingWith("plugin 'todo': its database is newer than its jar: version 2 (b) was applied");
    }

    @Test
    void repeatsARepeatableMigrationWhenItsTextChanges(Server server) throws Exception {
        await(migrate(files("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS n")));
        await(migrate(files("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 2 AS n")));
        await(migrate(files("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 2 AS n")));
        assertThat(query(server, "SELECT n FROM v")).containsExactly("2");
        assertThat(query(server, "SELECT kind || ' ' || state FROM plinth_migration"))
                .containsExactly("repeatable applied");
    }

    @Test
    void runsJavaBetweenFiles(Server server) throws Exception {
        DatabaseRequest files = files(
                "V1__item.sql",
                "CREATE TABLE item (id INT)",
                "V3__more.sql",
                "INSERT INTO item SELECT max(id) + 1 FROM item");
        await(migrate(new DatabaseRequest("todo", files.migrations(), List.of(new Fill()))));
        assertThat(query(server, "SELECT id FROM item ORDER BY id")).containsExactly("41", "42");
        assertThat(query(server, "SELECT kind FROM plinth_migration WHERE version = 2"))
                .containsExactly("java");
    }

    @Test
    void keepsNothingOfAJavaMigrationThatThrows(Server server) throws Exception {
        JavaMigration broken = new Throwing();
        assertThat(failure(migrate(new DatabaseRequest("todo", List.of(), List.of(broken)))))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining(
                        Throwing.class.getName() + " (version 1) failed: java.lang.IllegalStateException: broken");
        assertThat(query(server, "SELECT count(*) FROM plinth_migration")).containsExactly("0");
    }

    @Test
    void findsItsHistoryWhateverAMigrationDoesToTheSearchPath(Server server) throws Exception {
        DatabaseRequest request = files(
                "V1__path.sql", "CREATE SCHEMA other; SELECT set_config('search_path', 'other', false)",
                "V2__item.sql", "CREATE TABLE item (id INT)");
        await(migrate(request));
        await(migrate(request));
        assertThat(query(server, "SELECT count(*) FROM public.plinth_migration"))
                .containsExactly("2");
        assertThat(query(server, "SELECT to_regclass('public.item')::text")).containsExactly("item");
    }

    @Test
    void keepsTheHistoriesOfPluginsApartThatShareADatabase(Server server) throws Exception {
        await(migrate(files("V1__a.sql", "CREATE TABLE a (id INT)")));
        DatabaseRequest other = new DatabaseRequest(
                "other", List.of(new MigrationFile("V1__b.sql", "CREATE TABLE b (id INT)")), List.of());
        await(migrate(other));
        assertThat(query(server, "SELECT plugin || name FROM plinth_migration ORDER BY 1"))
                .containsExactly("otherb", "todoa");
    }

    @Test
    void runsOutsideATransactionWhatAsksForIt(Server server) throws Exception {
        await(migrate(files(
                "V1__item.sql", "CREATE TABLE item (id INT)",
                "V2__index.sql", "-- plinth: no-transaction\nCREATE INDEX CONCURRENTLY item_id ON item (id)")));
        assertThat(query(server, "SELECT state FROM plinth_migration ORDER BY version"))
                .containsExactly("applied", "applied");
    }

    @Test
    void saysHowToRunOutsideATransaction() throws Exception {
        assertThat(failure(migrate(files(
                        "V1__item.sql", "CREATE TABLE item (id INT)",
                        "V2__index.sql", "CREATE INDEX CONCURRENTLY item_id ON item (id)"))))
                .hasMessageEndingWith("; move it to a file of its own that begins with \"-- plinth: no-transaction\"");
    }

    @Test
    void goesOnWhereAMigrationWithoutTransactionFailed(Server server) throws Exception {
        String first = "-- plinth: no-transaction\nINSERT INTO item VALUES (1);\n";
        String item = "CREATE TABLE item (id INT)";
        assertThat(failure(migrate(files("V1__item.sql", item, "V2__fill.sql", first + "INSERT INTO itme VALUES (2)"))))
                .hasMessageContaining("failed in line 3: ")
                .hasMessageEndingWith(
                        "the statements before it were kept: correct this one and start again, it goes on here");
        await(migrate(files("V1__item.sql", item, "V2__fill.sql", first + "INSERT INTO item VALUES (2)")));
        assertThat(query(server, "SELECT id FROM item ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void rebuildsAnIndexThatWasLeftInvalid(Server server) throws Exception {
        String item = "CREATE TABLE item (id INT); INSERT INTO item VALUES (1), (1)";
        String index = "-- plinth: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS item_id ON item (id)";
        failure(migrate(files("V1__item.sql", item, "V2__index.sql", index)));
        server.execute(settings.effectiveDatabase(), "DELETE FROM item");
        await(migrate(files("V1__item.sql", item, "V2__index.sql", index)));
        assertThat(query(server, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'item_id'::regclass"))
                .containsExactly("t");
    }

    @Test
    void startsAgainAfterTheMigratingSessionWasKilled(Server server) throws Exception {
        await(migrate(files("V1__item.sql", "CREATE TABLE item (id INT)")));
        CountDownLatch begun = new CountDownLatch(1);
        Future<Boolean> killed = migrate(new DatabaseRequest(
                "todo", files("V1__item.sql", "CREATE TABLE item (id INT)").migrations(), List.of(new Hanging(begun))));
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        server.execute(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                        + settings.effectiveDatabase() + "'");
        assertThat(failure(killed)).isNotInstanceOf(MigrationException.class);
        await(migrate(files("V1__item.sql", "CREATE TABLE item (id INT)", "V2__b.sql", "INSERT INTO item VALUES (2)")));
        assertThat(query(server, "SELECT id FROM item")).containsExactly("2");
    }

    @Test
    void takesOverFromAFrozenInstanceWithinTheLease(Server server) throws Exception {
        await(connector.provision(settings));
        CountDownLatch begun = new CountDownLatch(1);
        PostgresConnector shortLease = Settings.connector(vertx, Duration.ofSeconds(1));
        SqlConnection frozen = await(shortLease.connect(settings));
        DatabaseRequest hanging = new DatabaseRequest("todo", List.of(), List.of(new Hanging(begun)));
        Future<Boolean> never = migrator(MigrationPolicy.WARN_WHEN_NEWER).migrate(frozen, hanging, dialect());
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        await(migrate(files("V2__item.sql", "CREATE TABLE item (id INT)")));
        assertThat(failure(frozen.query("INSERT INTO item VALUES (1)").execute()))
                .isNotNull();
        assertThat(query(server, "SELECT count(*) FROM item")).containsExactly("0");
        assertThat(never.succeeded()).isFalse();
    }

    @Test
    void letsReadersThroughWhileAnAlterTableWaits(Server server) throws Exception {
        await(migrate(files("V1__item.sql", "CREATE TABLE item (id INT)")));
        assertThatReadersAreLetThrough(
                server,
                files(
                        "V1__item.sql",
                        "CREATE TABLE item (id INT)",
                        "V2__alter.sql",
                        "ALTER TABLE item ADD COLUMN name TEXT"));
    }

    @Test
    void letsReadersThroughOutsideATransactionToo(Server server) throws Exception {
        String item = "CREATE TABLE item (id INT); CREATE TABLE step (id INT)";
        await(migrate(files("V1__item.sql", item)));
        server.execute("postgres", "ALTER DATABASE " + settings.effectiveDatabase() + " SET statement_timeout = '20s'");
        assertThatReadersAreLetThrough(
                server,
                files(
                        "V1__item.sql",
                        item,
                        "V2__alter.sql",
                        "-- plinth: no-transaction\nINSERT INTO step VALUES (1);\nALTER TABLE item ADD COLUMN name TEXT;"));
        assertThat(query(server, "SELECT id FROM step")).containsExactly("1");
    }

    private void assertThatReadersAreLetThrough(Server server, DatabaseRequest altering) throws Exception {
        Future<Boolean> migration;
        try (Connection reader = server.connect(settings.effectiveDatabase());
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.executeQuery("SELECT * FROM item");
            migration = migrate(altering);
            awaitWaiter(server);
            // Behind the waiting ALTER TABLE; without the time limit on its wait this would never return.
            assertThat(query(server, "SELECT count(*) FROM item")).containsExactly("0");
            assertThat(migration.isComplete()).isFalse();
            reader.commit();
        }
        await(migration);
        assertThat(query(server, "SELECT count(name) FROM item")).containsExactly("0");
    }

    private void awaitWaiter(Server server) throws SQLException {
        String waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER%'";
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (query(server, waiting).get(0).equals("0")) {
            assertThat(System.nanoTime()).as("ALTER TABLE waits").isLessThan(deadline);
        }
    }

    private Future<Boolean> migrate(DatabaseRequest request) {
        return migrate(request, MigrationPolicy.WARN_WHEN_NEWER);
    }

    private Future<Boolean> migrate(DatabaseRequest request, MigrationPolicy policy) {
        return connector.prepare(settings).compose(prepared -> migrator(policy)
                .migrate(prepared.connection(), request, prepared.migrations())
                .eventually(prepared.connection()::close));
    }

    private Migrator migrator(MigrationPolicy policy) {
        return new Migrator(vertx, policy);
    }

    private MigrationDialect dialect() {
        return connector.migrations(settings);
    }

    private static DatabaseRequest files(String... namesAndTexts) {
        List<MigrationFile> files = new ArrayList<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            files.add(new MigrationFile(namesAndTexts[i], namesAndTexts[i + 1]));
        }
        return new DatabaseRequest("todo", files, List.of());
    }

    private List<String> query(Server server, String sql) throws SQLException {
        return server.query(settings.effectiveDatabase(), sql);
    }

    private record Fill() implements JavaMigration {

        @Override
        public int version() {
            return 2;
        }

        @Override
        public String name() {
            return "fill";
        }

        @Override
        public Future<?> migrate(SqlConnection connection, Dialect dialect) {
            return connection.query("INSERT INTO item VALUES (41)").execute();
        }
    }

    private record Throwing() implements JavaMigration {

        @Override
        public int version() {
            return 1;
        }

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public Future<?> migrate(SqlConnection connection, Dialect dialect) {
            throw new IllegalStateException("broken");
        }
    }

    /** Changes something, and then does nothing until its session ends. */
    private record Hanging(CountDownLatch begun) implements JavaMigration {

        @Override
        public int version() {
            return 2;
        }

        @Override
        public String name() {
            return "hang";
        }

        @Override
        public Future<?> migrate(SqlConnection connection, Dialect dialect) {
            return connection
                    .query("CREATE TABLE half_done (id INT)")
                    .execute()
                    .onSuccess(done -> begun.countDown())
                    .compose(done ->
                            Future.future(promise -> connection.closeHandler(gone -> promise.fail("session ended"))));
        }
    }
}
