package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Another instance changes a table for which statements are prepared here. */
@ExtendWith(PostgresExtension.class)
class ChangedTablesIT {

    private static final int CONNECTIONS = 3;

    @AutoClose
    private final Pools pools = new Pools("changed");

    private final PostgresExtension.Server server;
    private String table;
    private String select;
    private String insert;
    private Pool pool;
    private int columns = 1;

    ChangedTablesIT(PostgresExtension.Server server) {
        this.server = server;
    }

    @BeforeEach
    void open() throws Exception {
        table = server.uniqueName("changing");
        server.execute("postgres", "CREATE TABLE " + table + " (a int)", "INSERT INTO " + table + " VALUES (1)");
        select = "SELECT * FROM " + table;
        insert = "INSERT INTO " + table + " (a) VALUES (2)";
        pool = pools.open(PgFixture.settings(
                "todo",
                server.port(),
                "postgres",
                Optional.empty(),
                pool(CONNECTIONS),
                TlsSettings.DISABLED,
                Optional.empty()));
        everyConnectionKnows(select);
    }

    private void everyConnectionKnows(String sql) {
        List<SqlConnection> all = new ArrayList<>();
        IntStream.range(0, CONNECTIONS).forEach(i -> all.add(await(pool.getConnection())));
        all.forEach(connection -> await(connection.preparedQuery(sql).execute()));
        all.forEach(connection -> await(connection.close()));
    }

    private void change() {
        try {
            server.execute("postgres", "ALTER TABLE " + table + " ADD COLUMN b" + columns++ + " text DEFAULT 'new'");
        } catch (java.sql.SQLException e) {
            throw new AssertionError(e);
        }
    }

    private Future<RowSet<Row>> look(SqlClient client) {
        return client.preparedQuery(select).execute();
    }

    private void assertSeesTheChange(RowSet<Row> rows) {
        assertThat(rows.columnsNames()).hasSize(columns);
    }

    private int rows() {
        return await(look(pool)).size();
    }

    @Test
    void theFirstStatementOfATransactionSeesTheChange() {
        change();
        assertSeesTheChange(await(pool.withTransaction(connection -> look(connection)
                .compose(rows -> connection.query(insert).execute().map(rows)))));
        assertThat(rows()).isEqualTo(2);
    }

    @Test
    void theTransactionIsStillOneAfterItWasBegunAnew() {
        SqlConnection connection = await(pool.getConnection());
        for (int i = 0; i < 2; i++) {
            change();
            Transaction transaction = await(connection.begin());
            assertSeesTheChange(await(look(connection)));
            await(connection.query(insert).execute());
            await(transaction.rollback());
            assertThat(rows()).isEqualTo(1);
        }
        await(connection.close());
    }

    @Test
    void whatWasAskedForAtOnceStaysTogetherAndInItsOrder() {
        change();
        SqlConnection connection = await(pool.getConnection());
        Future<Transaction> begun = connection.begin();
        Future<RowSet<Row>> before = look(connection);
        Future<?> inserted = connection.query(insert).execute();
        Future<RowSet<Row>> after = look(connection);
        assertSeesTheChange(await(before));
        await(inserted);
        assertThat(await(before).size()).isEqualTo(1);
        assertThat(await(after).size()).isEqualTo(2);
        await(begun.compose(Transaction::rollback));
        await(connection.close());
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void aStatementOutsideATransactionSeesTheChange() {
        SqlConnection connection = await(pool.getConnection());
        for (int i = 0; i < 3; i++) {
            change();
            assertSeesTheChange(await(look(connection)));
        }
        await(connection.close());
    }

    @Test
    void aKeptStatementTakesValuesOfTheTypeThatItsColumnHasNow() throws Exception {
        String write = "INSERT INTO " + table + " (a) VALUES ($1)";
        Tuple number = Tuple.of(2);
        List<SqlConnection> all = new ArrayList<>();
        IntStream.range(0, CONNECTIONS).forEach(i -> all.add(await(pool.getConnection())));
        all.forEach(connection -> await(connection.preparedQuery(write).execute(number)));
        all.forEach(connection -> await(connection.close()));
        server.execute("postgres", "DROP TABLE " + table, "CREATE TABLE " + table + " (a text)");
        Tuple text = Tuple.of("two");

        await(pool.preparedQuery(write).execute(text));
        await(pool.withTransaction(
                connection -> connection.preparedQuery(write).execute(text).compose(first -> connection
                        .preparedQuery(write)
                        .execute(text))));
        assertThat(rows()).isEqualTo(3);

        assertThat(failure(pool.preparedQuery(write).execute(Tuple.of(true)))).hasMessageContaining("22P02");
        SqlConnection connection = await(pool.getConnection());
        await(connection.begin());
        await(connection.query(select).execute());
        assertThat(failure(connection.preparedQuery(write).execute(Tuple.of(true))))
                .hasMessageContaining("22P02");
        await(connection.preparedQuery(write).execute(text));
        await(connection.query("COMMIT").execute());
        await(connection.close());
        assertThat(rows()).isEqualTo(4);
    }

    /** It would run after what was asked for later, were it run again. */
    @Test
    void aStatementIsNotRunAgainAfterOthersThatWereAskedForLater() {
        String write = "INSERT INTO " + table + " (a) VALUES (3) RETURNING *";
        everyConnectionKnows(write);
        int before = rows();
        change();
        SqlConnection connection = await(pool.getConnection());
        await(connection.query("SELECT 1").execute());
        Future<?> written = connection.preparedQuery(write).execute();
        Future<RowSet<Row>> counted =
                connection.query("SELECT count(*) FROM " + table).execute();
        await(Future.join(written, counted).otherwiseEmpty());
        boolean first = written.succeeded();
        assertThat(value(await(counted))).isEqualTo((long) before + (first ? 1 : 0));
        await(connection.close());
        assertThat(rows()).isEqualTo(before + (first ? 1 : 0));
    }

    @Test
    void aLaterStatementOfATransactionFailsOnceAndTheNextAttemptSucceeds() {
        String other = "SELECT a.* FROM " + table + " a";
        everyConnectionKnows(other);
        change();
        Throwable refused = failure(twice(other));
        assertThat(refused)
                .isInstanceOf(StatementException.class)
                .hasMessageContaining("(0A000); a table of it was changed since it was prepared")
                .hasMessageContaining("all of the transaction that it was in");
        // Whichever connections the further attempts get.
        List<Future<RowSet<Row>>> again =
                IntStream.range(0, CONNECTIONS).mapToObj(i -> twice(other)).toList();
        again.forEach(attempt -> assertSeesTheChange(await(attempt)));
    }

    private Future<RowSet<Row>> twice(String second) {
        return pool.withTransaction(connection -> connection
                .query("SELECT 1")
                .execute()
                .compose(rows -> connection.preparedQuery(second).execute())
                .compose(rows -> look(connection)));
    }

    @Test
    void aTransactionBegunByTextFailsOnceToo() {
        change();
        SqlConnection connection = await(pool.getConnection());
        await(connection.query("BEGIN").execute());
        assertThat(failure(look(connection))).hasMessageContaining("all of the transaction that it was in");
        await(connection.query("ROLLBACK").execute());
        await(connection.query("BEGIN").execute());
        assertSeesTheChange(await(look(connection)));
        await(connection.query("ROLLBACK").execute());
        await(connection.close());
    }
}
