package dev.plinth.runtime.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.TransactionPropagation;
import io.vertx.sqlclient.TransactionRollbackException;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;

/** Transactions are kept whole or not at all, on every database. */
class TransactionsIT {

    private static void createItems(Database database) {
        database.script("CREATE TABLE item (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)");
    }

    private static long count(Database database) {
        return database.row("SELECT count(*) FROM item").getLong(0);
    }

    @OnEveryDatabase
    void commit(Database database) {
        createItems(database);
        Database.await(database.pool().withTransaction(connection -> connection
                .query("INSERT INTO item VALUES (1, 1)")
                .execute()
                .compose(done ->
                        connection.query("INSERT INTO item VALUES (2, 1)").execute())));
        assertThat(count(database)).isEqualTo(2);
    }

    @OnEveryDatabase
    void rollBackWhenTheFunctionFails(Database database) {
        createItems(database);
        Throwable failure = Database.failure(database.pool().withTransaction(connection -> connection
                .query("INSERT INTO item VALUES (1, 1)")
                .execute()
                .compose(done -> Future.failedFuture(new IllegalStateException("changed my mind")))));
        assertThat(failure).hasMessage("changed my mind");
        assertThat(count(database)).isZero();
    }

    @OnEveryDatabase
    void aFailedStatementAbortsTheTransaction(Database database) {
        createItems(database);
        SqlConnection connection = Database.await(database.pool().getConnection());
        var transaction = Database.await(connection.begin());
        Database.await(connection.query("INSERT INTO item VALUES (1, 1)").execute());
        Database.failure(connection.query("INSERT INTO item VALUES (1, 2)").execute());
        assertThat(Database.failure(connection.query("SELECT 1").execute()))
                .isInstanceOfSatisfying(DatabaseException.class, e -> assertThat(e.getSqlState())
                        .isEqualTo("25P02"));
        assertThat(Database.failure(transaction.commit())).isInstanceOf(TransactionRollbackException.class);
        Database.await(connection.close());
        assertThat(count(database)).isZero();
    }

    @OnEveryDatabase
    void argumentsThatAreNotSentDoNotAbortIt(Database database) {
        createItems(database);
        Database.await(database.pool().withTransaction(connection -> connection
                .preparedQuery("INSERT INTO item VALUES ($1, $2)")
                .execute(Tuple.of(1))
                .recover(tooFew -> connection
                        .preparedQuery("INSERT INTO item VALUES ($1, $2)")
                        .executeBatch(List.of()))
                .recover(none -> connection
                        .preparedQuery("INSERT INTO item VALUES ($1, $2)")
                        .execute(Tuple.of("one", 2)))
                .recover(noNumber -> connection
                        .preparedQuery("INSERT INTO item VALUES ($1, $2)")
                        .execute(Tuple.of(1, 2)))));
        assertThat(count(database)).isEqualTo(1);
    }

    @OnEveryDatabase
    void aTextThatCannotBeReadAbortsItToo(Database database) {
        createItems(database);
        for (String wrong : List.of("SELEC 1", "SELECT 'open", "SELECT * FROM missing")) {
            SqlConnection connection = Database.await(database.pool().getConnection());
            var transaction = Database.await(connection.begin());
            Database.await(connection.query("INSERT INTO item VALUES (1, 1)").execute());
            Database.failure(connection.prepare(wrong));
            assertThat(Database.failure(transaction.commit())).isInstanceOf(TransactionRollbackException.class);
            Database.await(connection.close());
        }
        assertThat(count(database)).isZero();
    }

    @OnEveryDatabase
    void aHundredThatAreSentAtOnceRunOneAfterTheOther(Database database) {
        createItems(database);
        database.run("INSERT INTO item VALUES (1, 0)");
        List<Future<Void>> tasks = IntStream.range(0, 100)
                .mapToObj(i -> database.pool().getConnection().compose(TransactionsIT::withoutAwaitingAnswers))
                .toList();
        Database.await(Future.all(tasks));
        assertThat(database.row("SELECT n FROM item").getInteger(0)).isEqualTo(100);
    }

    private static Future<Void> withoutAwaitingAnswers(SqlConnection connection) {
        connection.begin();
        connection.query("UPDATE item SET n = n + 1").execute();
        return connection.transaction().commit().eventually(connection::close);
    }

    @OnEveryDatabase
    void savepointsUndoAPart(Database database) {
        createItems(database);
        Database.await(database.pool().withConnection(connection -> connection
                .query("BEGIN; INSERT INTO item VALUES (1, 1); SAVEPOINT before")
                .execute()
                .compose(done ->
                        connection.query("INSERT INTO item VALUES (1, 2)").execute())
                .recover(error ->
                        connection.query("ROLLBACK TO SAVEPOINT before").execute())
                .compose(done -> connection
                        .query("INSERT INTO item VALUES (2, 2); COMMIT")
                        .execute())));
        assertThat(count(database)).isEqualTo(2);
    }

    @OnEveryDatabase
    void aFailureBehindASavepointRollsBackWhatTheClientBegan(Database database) {
        createItems(database);
        Throwable failure = Database.failure(database.pool().withTransaction(connection -> connection
                .query("INSERT INTO item VALUES (1, 1); SAVEPOINT before")
                .execute()
                .compose(done ->
                        connection.query("INSERT INTO item VALUES (1, 2)").execute())
                .recover(error ->
                        connection.query("ROLLBACK TO SAVEPOINT before").execute())
                .compose(done ->
                        connection.query("INSERT INTO item VALUES (2, 2)").execute())));
        assertThat(failure).isInstanceOf(TransactionRollbackException.class);
        assertThat(count(database)).isZero();
    }

    @OnEveryDatabase
    void aPlainWriteAfterCommitAndRollbackIsKeptAndSeen(Database database) {
        createItems(database);
        SqlConnection connection = Database.await(database.pool().getConnection());
        Database.await(connection.begin().compose(transaction -> transaction.commit()));
        Database.await(connection.query("INSERT INTO item VALUES (1, 1)").execute());
        assertThat(count(database)).isEqualTo(1);
        Database.await(connection.begin().compose(transaction -> transaction.rollback()));
        Database.await(connection.query("INSERT INTO item VALUES (2, 1)").execute());
        Database.await(connection.close());
        assertThat(count(database)).isEqualTo(2);
        database.run("INSERT INTO item VALUES (3, 1)");
        assertThat(count(database)).isEqualTo(3);
    }

    @OnEveryDatabase
    void closingAConnectionRollsBack(Database database) {
        createItems(database);
        SqlConnection connection = Database.await(database.pool().getConnection());
        Database.await(connection.begin());
        Database.await(connection.query("INSERT INTO item VALUES (1, 1)").execute());
        Database.await(connection.close());
        assertThat(count(database)).isZero();
        database.run("INSERT INTO item VALUES (2, 1)");
        assertThat(count(database)).isEqualTo(1);
    }

    @OnEveryDatabase
    void statementsNeedNotWaitForEachOthersAnswer(Database database) {
        createItems(database);
        SqlConnection connection = Database.await(database.pool().getConnection());
        Future<?> begun = connection.begin();
        Future<?> inserted = connection.query("INSERT INTO item VALUES (1, 1)").execute();
        Future<?> committed = connection.transaction().commit();
        Database.await(Future.all(begun, inserted, committed));
        Database.await(connection.close());
        assertThat(count(database)).isEqualTo(1);
    }

    @OnEveryDatabase
    void sixtyFourTasksThatReadThenWriteLoseNothing(Database database) {
        createItems(database);
        database.run("INSERT INTO item VALUES (1, 0), (2, 0)");
        List<Future<Void>> tasks = IntStream.range(0, 64)
                .mapToObj(i -> database.pool().withTransaction(TransactionsIT::readThenWrite))
                .toList();
        Database.await(Future.all(tasks));
        assertThat(database.row("SELECT n FROM item WHERE id = 1").getInteger(0))
                .isEqualTo(64);
        assertThat(database.row("SELECT n FROM item WHERE id = 2").getInteger(0))
                .isEqualTo(64);
    }

    private static Future<Void> readThenWrite(SqlConnection connection) {
        return connection
                .query("SELECT n FROM item WHERE id = 2")
                .execute()
                .compose(rows -> connection
                        .query("UPDATE item SET n = n + 1 WHERE id = 1")
                        .execute())
                .compose(rows -> connection
                        .preparedQuery("UPDATE item SET n = n + $1 WHERE id = 2")
                        .execute(Tuple.of(1)))
                .mapEmpty();
    }

    @OnEveryDatabase
    void theTimeStandsStillInATransaction(Database database) {
        Database.await(database.pool().withTransaction(connection -> connection
                .query("SELECT now() AS t")
                .execute()
                .compose(first -> connection
                        .query("SELECT clock_timestamp() > now() AS passed, now() AS t, transaction_timestamp() AS u")
                        .execute()
                        .onSuccess(second -> {
                            var row = second.iterator().next();
                            var began = first.iterator().next().getOffsetDateTime("t");
                            assertThat(row.getOffsetDateTime("t")).isEqualTo(began);
                            assertThat(row.getOffsetDateTime("u")).isEqualTo(began);
                            assertThat(row.getBoolean("passed")).isTrue();
                        }))));
    }

    @OnEveryDatabase
    void theTimeIsThatOfTheFirstStatementAndNotOfTheFirstUse(Database database) {
        SqlConnection connection = Database.await(database.pool().getConnection());
        var transaction = Database.await(connection.begin());
        awaitClock();
        var before = OffsetDateTime.now(ZoneOffset.UTC);
        Database.await(connection.query("SELECT 1").execute());
        var after = OffsetDateTime.now(ZoneOffset.UTC);
        awaitClock();
        var told = Database.await(connection.query("SELECT now() AS t").execute())
                .iterator()
                .next()
                .getOffsetDateTime("t");
        Database.await(transaction.commit());
        Database.await(connection.close());
        // The databases tell microseconds, Java may know more.
        assertThat(told).isBetween(before.minusNanos(1_000), after.plusNanos(1_000));
    }

    private static void awaitClock() {
        var before = OffsetDateTime.now(ZoneOffset.UTC);
        while (!OffsetDateTime.now(ZoneOffset.UTC).isAfter(before.plusNanos(5_000_000))) {
            Thread.onSpinWait();
        }
    }

    @OnEveryDatabase
    void aTransactionInsideOfOneIsRefused(Database database) {
        createItems(database);
        Throwable failure = Database.failure(database.pool().withTransaction(connection -> connection
                .query("INSERT INTO item VALUES (1, 1)")
                .execute()
                .compose(done -> connection.begin())));
        assertThat(failure).isInstanceOf(IllegalStateException.class);
        assertThat(count(database)).isZero();
    }

    @OnEveryDatabase
    void aTransactionIsCarriedOnByTheContext(Database database) {
        createItems(database);
        Context context = database.vertx().getOrCreateContext();
        Promise<Object> promise = Promise.promise();
        context.runOnContext(go -> database.pool()
                .withTransaction(TransactionPropagation.CONTEXT, outer -> outer.query("INSERT INTO item VALUES (1, 1)")
                        .execute()
                        .compose(done -> database.pool()
                                .withTransaction(TransactionPropagation.CONTEXT, inner -> inner.query(
                                                "INSERT INTO item VALUES (2, 1)")
                                        .execute()
                                        .map(inserted -> inner == outer)))
                        .compose(same -> Future.failedFuture(new IllegalStateException("same: " + same))))
                .onComplete(promise::complete, promise::fail));
        assertThat(Database.failure(promise.future())).hasMessage("same: true");
        assertThat(count(database)).isZero();
    }
}
