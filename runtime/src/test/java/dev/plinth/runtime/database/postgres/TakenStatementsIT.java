package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A plugin takes away the prepared statements of its session, in ways that its text tells or hides: nobody is left without. */
@ExtendWith(PostgresExtension.class)
class TakenStatementsIT {

    @AutoClose
    private final Pools pools = new Pools("taken", 1);

    private final PostgresExtension.Server server;

    TakenStatementsIT(PostgresExtension.Server server) {
        this.server = server;
    }

    static Stream<Arguments> ways() {
        return Stream.concat(
                Stream.of(Arguments.of("DISCARD ALL", true), Arguments.of("DISCARD ALL", false)), waysInATransaction());
    }

    static Stream<Arguments> waysInATransaction() {
        return Stream.of("DEALLOCATE ALL", "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$", "SELECT 1; DEALLOCATE ALL")
                .flatMap(text -> Stream.of(Arguments.of(text, true), Arguments.of(text, false)));
    }

    private Pool plugin(String id, boolean shared) {
        Optional<String> schema = shared ? Optional.of("public") : Optional.empty();
        return pools.open(PgFixture.settings(
                id, server.port(), "postgres", schema, pool(1), TlsSettings.DISABLED, Optional.empty()));
    }

    private static void assertAnswers(SqlClient client, int answer) {
        assertThat(value(await(client.preparedQuery("SELECT " + answer).execute())))
                .isEqualTo(answer);
    }

    private static void assertAnswersInATransaction(SqlConnection connection) {
        Transaction transaction = await(connection.begin());
        assertAnswers(connection, 2);
        assertAnswers(connection, 3);
        await(transaction.commit());
    }

    private static void assertAllWaysWork(Pool pool) {
        assertAnswers(pool, 1);
        await(pool.withConnection(
                connection -> connection.preparedQuery("SELECT 2").execute()));
        await(pool.withTransaction(
                connection -> connection.preparedQuery("SELECT 3").execute()));
    }

    @ParameterizedTest(name = "{0}, schemas: {1}")
    @MethodSource("ways")
    void nobodyIsLeftWithoutStatements(String text, boolean shared) {
        List<Pool> pools = List.of(plugin("one", shared), plugin("two", shared));
        for (int round = 0; round < 2; round++) {
            pools.forEach(TakenStatementsIT::assertAllWaysWork);
            await(pools.get(0).query(text).execute());
            pools.forEach(TakenStatementsIT::assertAllWaysWork);

            SqlConnection connection = await(pools.get(0).getConnection());
            assertAnswers(connection, 1);
            assertAnswersInATransaction(connection);
            await(connection.query(text).execute());
            assertAnswers(connection, 1);
            await(connection.query(text).execute());
            assertAnswersInATransaction(connection);
            await(connection.close());
            pools.forEach(TakenStatementsIT::assertAllWaysWork);
        }
    }

    @ParameterizedTest(name = "{0}, schemas: {1}")
    @MethodSource("waysInATransaction")
    void aTransactionInWhichTheyWereTakenAwayFailsOnce(String text, boolean shared) {
        Pool pool = plugin("one", shared);
        assertAllWaysWork(pool);
        Future<?> first = pool.withTransaction(
                connection -> connection.query(text).execute().compose(rows -> connection
                        .preparedQuery("SELECT 3")
                        .execute()));
        assertThat(PgFixture.failure(first))
                .hasMessageContaining("(26000)")
                .hasMessageContaining("all of the transaction that it was in");
        for (int i = 0; i < 3; i++) {
            assertAllWaysWork(pool);
        }
    }
}
