package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** BEGIN travels with the first statement of a transaction, and nothing else is different for that. */
@ExtendWith(PostgresExtension.class)
class TransactionsIT {

    private static final String STATE = "SELECT state FROM pg_stat_activity WHERE pid = $1";

    @AutoClose
    private final Pools pools = new Pools("test");

    private final PostgresExtension.Server server;
    private String insert;
    private String count;
    private PluginPool pool;
    private SqlConnection connection;

    TransactionsIT(PostgresExtension.Server server) {
        this.server = server;
    }

    @BeforeEach
    void takeAConnection() throws Exception {
        String table = server.uniqueName("item");
        server.execute("postgres", "CREATE TABLE " + table + " (id int PRIMARY KEY)");
        insert = "INSERT INTO " + table + " VALUES ($1)";
        count = "SELECT count(*) FROM " + table;
        pool = pools.open(settings(
                "todo", server.port(), "postgres", Optional.empty(), pool(10), TlsSettings.DISABLED, Optional.empty()));
        connection = await(pool.getConnection());
    }

    @Test
    void tellsTheServerOfATransactionWithItsFirstStatement() {
        int pid = value(await(connection.query("SELECT pg_backend_pid()").execute()), Integer.class);

        Transaction transaction = await(connection.begin());
        assertThat(stateOf(pid)).isEqualTo("idle");
        insert(1);
        assertThat(stateOf(pid)).isEqualTo("idle in transaction");
        await(transaction.commit());

        assertThat(stateOf(pid)).isEqualTo("idle");
        assertThat(count()).isEqualTo(1L);
    }

    @Test
    void endsATransactionThatHadNoStatement() {
        await(await(connection.begin()).commit());
        await(await(connection.begin()).rollback());

        insert(1);

        assertThat(count()).isEqualTo(1L);
    }

    @Test
    void undoesAFirstStatementThatThisConnectionKnowsAndOneThatItDoesNot() {
        for (int id = 1; id <= 2; id++) {
            Transaction transaction = await(connection.begin());
            insert(id);
            await(transaction.rollback());
        }

        assertThat(count()).isZero();
    }

    @Test
    void undoesAFirstStatementThatTheBorrowerPreparedBefore() {
        var prepared = await(connection.prepare(insert));
        Transaction transaction = await(connection.begin());
        await(prepared.query().execute(Tuple.of(1)));
        await(transaction.rollback());

        assertThat(count()).isZero();
    }

    @Test
    void undoesWhatWasNotGivenBackInTime() {
        insert(1);
        await(connection.begin());
        insert(2);
        await(connection.close());

        assertThat(count()).isEqualTo(1L);
    }

    @Test
    void undoesAllWhenTheFirstStatementCannotBePrepared() {
        Transaction transaction = await(connection.begin());
        failure(connection.preparedQuery("SELECT missing FROM nowhere").execute());

        assertThat(failure(connection.preparedQuery(insert).execute(Tuple.of(1))))
                .hasMessageContaining("current transaction is aborted");
        failure(transaction.commit());
        assertThat(count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void beginsWithTheNextStatementWhenTheFirstOneHasAValueThatDoesNotFit(boolean known) {
        if (known) {
            insert(0);
        }
        Transaction transaction = await(connection.begin());
        failure(connection.preparedQuery(insert).execute(Tuple.of("no number")));
        insert(1);
        await(transaction.rollback());

        assertThat(count()).isEqualTo(known ? 1L : 0L);
    }

    @Test
    void letsSeveralStatementsThatWereAskedForAtOnceBeOneTransaction() {
        Future<Transaction> begun = connection.begin();
        Future<?> all = Future.all(
                connection.preparedQuery(insert).execute(Tuple.of(1)),
                connection.query(count).execute(),
                connection.preparedQuery(insert).execute(Tuple.of(2)));
        await(all);
        await(begun.compose(Transaction::rollback));

        assertThat(count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void letsTheFirstStatementSetUpTheTransaction(boolean prepared) {
        String setUp = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE";
        Transaction transaction = await(connection.begin());
        if (prepared) {
            await(connection.preparedQuery(setUp).execute());
        } else {
            await(connection.query(setUp).execute());
        }

        assertThat(value(await(connection.query("SHOW transaction_isolation").execute()), String.class))
                .isEqualTo("serializable");
        await(transaction.commit());
    }

    @Test
    void opensACursorAsTheFirstStatement() {
        Transaction transaction = await(connection.begin());
        var statement = await(connection.prepare("SELECT generate_series(1, 3)"));
        var cursor = statement.cursor();

        assertThat(await(cursor.read(2)).size()).isEqualTo(2);
        assertThat(await(cursor.read(2)).size()).isEqualTo(1);
        await(transaction.commit());
    }

    private void insert(int id) {
        await(connection.preparedQuery(insert).execute(Tuple.of(id)));
    }

    private String stateOf(int pid) {
        return value(await(pool.preparedQuery(STATE).execute(Tuple.of(pid))), String.class);
    }

    private long count() {
        return value(await(pool.query(count).execute()), Long.class);
    }

    private static <T> T value(RowSet<Row> rows, Class<T> type) {
        return rows.iterator().next().get(type, 0);
    }
}
