package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.value;
import static dev.plinth.runtime.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lent connection turns out to be dead at its first use: the borrower does not notice where that is safe. */
@ExtendWith(PostgresExtension.class)
class FirstUseIT {

    @AutoClose
    private final Pools pools = new Pools("first", 8);

    private final PostgresExtension.Server server;
    private Pool pool;

    FirstUseIT(PostgresExtension.Server server) {
        this.server = server;
    }

    @BeforeEach
    void open() {
        pool = open(Optional.empty());
    }

    private Pool open(Optional<String> schema) {
        return pools.open(PgFixture.settings(
                "todo", server.port(), "postgres", schema, pool(4), TlsSettings.DISABLED, Optional.empty()));
    }

    /** Ends these sessions and waits until they have ended, which the server itself would do for a tenth of a second at least. */
    private int kill(String which) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            List<String> killed = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(
                    "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + which)) {
                while (rows.next()) {
                    killed.add(rows.getString(1));
                }
            }
            if (!killed.isEmpty()) {
                eventually(() -> areGone(statement, killed));
            }
            return killed.size();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean areGone(Statement statement, List<String> processes) throws SQLException {
        try (ResultSet rows = statement.executeQuery(
                "SELECT FROM pg_stat_activity WHERE pid IN (" + String.join(", ", processes) + ")")) {
            return !rows.next();
        }
    }

    private void killAll() {
        kill("application_name LIKE '%@first'");
    }

    private void kill(SqlConnection connection) {
        assertThat(kill("pid = " + ((PgConnection) connection).processId())).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "prepared", "new", "prepare"})
    void aConnectionThatDiedBetweenBorrowingAndItsFirstStatementIsReplaced(String kind) {
        for (Pool each : List.of(pool, open(Optional.of("public")))) {
            await(each.preparedQuery("SELECT 5").execute());
            for (int i = 0; i < 5; i++) {
                SqlConnection connection = await(each.getConnection());
                kill(connection);
                assertThat(value(await(run(connection, kind)))).isEqualTo(5);
                assertThat(value(await(run(connection, kind)))).isEqualTo(5);
                kill(connection);
                assertThat(failure(run(connection, kind))).isInstanceOf(RetryableException.class);
                await(connection.close());
            }
        }
    }

    private static Future<RowSet<Row>> run(SqlConnection connection, String kind) {
        return switch (kind) {
            case "simple" -> connection.query("SELECT 5").execute();
            case "prepare" ->
                connection.prepare("SELECT 5").compose(prepared -> prepared.query()
                        .execute());
            case "new" ->
                connection.preparedQuery("SELECT 5 -- " + System.nanoTime()).execute();
            default -> connection.preparedQuery("SELECT 5").execute();
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTransactionThatHadNoStatementYetIsBegunOnAnotherConnection(boolean known) throws Exception {
        String table = server.uniqueName("first");
        server.execute("postgres", "CREATE TABLE " + table + " (id int)");
        String insert = "INSERT INTO " + table + " VALUES (1)";
        if (known) {
            await(pool.preparedQuery(insert + " RETURNING id").execute());
            await(pool.query("DELETE FROM " + table).execute());
        }
        SqlConnection connection = await(pool.getConnection());
        Transaction transaction = await(connection.begin());
        kill(connection);
        Future<?> both = Future.all(
                connection.preparedQuery(insert + " RETURNING id").execute(),
                connection.query(insert).execute());
        await(both);
        await(transaction.rollback());
        await(connection.close());
        assertThat(value(await(pool.query("SELECT count(*) FROM " + table).execute())))
                .isEqualTo(0L);
    }

    @Test
    void idleConnectionsThatDieAreNoticedByNobody() {
        for (int i = 0; i < 30; i++) {
            List<Future<?>> asked = new ArrayList<>();
            for (int j = 0; j < 4; j++) {
                asked.add(pool.withConnection(
                        connection -> connection.preparedQuery("SELECT 1").execute()));
            }
            await(Future.all(asked));
            killAll();
            await(pool.withTransaction(
                    connection -> connection.preparedQuery("SELECT 1").execute()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFirstStatementThatTheServerUndidIsRunElsewhere(boolean inTransaction) throws Exception {
        String sql = "SELECT 5 FROM pg_advisory_xact_lock(4712)";
        try (Connection holder = server.connect("postgres");
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(4712)");
            Future<RowSet<Row>> waiting = inTransaction
                    ? pool.withTransaction(
                            connection -> connection.preparedQuery(sql).execute())
                    : pool.withConnection(
                            connection -> connection.preparedQuery(sql).execute());
            for (int i = 0; i < 3; i++) {
                while (kill("wait_event = 'advisory' AND application_name LIKE '%@first'") == 0) {
                    assertThat(waiting.isComplete()).isFalse();
                }
            }
            statement.execute("SELECT pg_advisory_unlock(4712)");
            assertThat(value(await(waiting))).isEqualTo(5);
        }
    }

    /** What it committed before it was ended stays. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProcedureThatMayHaveCommittedIsNotRunAgain(boolean lent) throws Exception {
        String table = server.uniqueName("committed");
        server.execute(
                "postgres",
                "CREATE TABLE " + table + " (id int)",
                "CREATE PROCEDURE " + table + "() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO " + table + " VALUES (1);"
                        + " COMMIT; PERFORM pg_advisory_xact_lock(4713); END $$");
        try (Connection holder = server.connect("postgres");
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(4713)");
            String sql = "CALL " + table + "()";
            Future<?> calling = lent
                    ? pool.withConnection(connection -> connection.query(sql).execute())
                    : pool.query(sql).execute();
            while (kill("wait_event = 'advisory' AND application_name LIKE '%@first'") == 0) {
                assertThat(calling.isComplete()).isFalse();
            }
            assertThat(failure(calling)).hasMessageContaining("may have taken effect");
            statement.execute("SELECT pg_advisory_unlock(4713)");
        }
        assertThat(value(await(pool.query("SELECT count(*) FROM " + table).execute())))
                .isEqualTo(1L);
    }

    @Test
    void readersUnderLoadNoticeNothingWhenSessionsAreEnded() {
        List<Future<?>> all = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 100; i++) {
                all.add(pool.withConnection(
                        connection -> connection.preparedQuery("SELECT 1").execute()));
            }
            killAll();
        }
        await(Future.join(all).otherwiseEmpty());
        assertThat(all).filteredOn(Future::failed).extracting(Future::cause).isEmpty();
    }

    @Test
    void givesBackWhatWasMovedAndTellsOfItsEnd() {
        for (int i = 0; i < 10; i++) {
            SqlConnection connection = await(pool.getConnection());
            Promise<Void> ended = Promise.promise();
            connection.closeHandler(ended::complete);
            kill(connection);
            Future<?> asked = connection.query("SELECT 1").execute();
            if (i % 2 == 0) {
                await(connection.close()); // while it moves
                await(asked);
            } else {
                await(asked);
                assertThat(ended.future().isComplete()).isFalse();
                kill(connection);
                await(ended.future());
                await(connection.close());
            }
        }
        assertThat(pools.sources.get(0).usage().inUse()).isZero();
    }
}
