package dev.plinth.runtime.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.sqlclient.Cursor;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.RowStream;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Statements do the same on every database. */
class StatementsIT {

    private static void createItems(Database database) {
        database.script("CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, n INTEGER DEFAULT 0)");
    }

    private static List<Tuple> tuples(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> Tuple.of(i, "t" + i))
                .toList();
    }

    @OnEveryDatabase
    void aStatementMayBeAsLongAsItsConstants(Database database) {
        for (int length : new int[] {999_990, 1_000_000, 20_000_000}) {
            assertThat(database.value("SELECT length('" + "ä".repeat(length) + "') + $1", 1))
                    .isEqualTo(length + 1);
        }
    }

    @OnEveryDatabase
    void aConstantGoesOnOnAnotherLine(Database database) {
        Row row = database.row(
                "SELECT 'a'\n  -- and so on\n 'b''c' AS t, E'x\\t'\r\n'\\u00e4' AS u, 'd'\n'e' || 'f' AS v");
        assertThat(row.getString("t")).isEqualTo("ab'c");
        assertThat(row.getString("u")).isEqualTo("x\tä");
        assertThat(row.getString("v")).isEqualTo("def");
    }

    @OnEveryDatabase
    void returningGivesTheNewRow(Database database) {
        createItems(database);
        Row row = database.row("INSERT INTO item (id, title) VALUES ($1, $2) RETURNING id, title, n", 1, "a");
        assertThat(row.toJson().encode()).isEqualTo("{\"id\":1,\"title\":\"a\",\"n\":0}");
        assertThat(database.row("UPDATE item SET n = n + 1 WHERE id = $1 RETURNING n", 1)
                        .getInteger(0))
                .isEqualTo(1);
        assertThat(database.row("DELETE FROM item RETURNING title").getString(0))
                .isEqualTo("a");
    }

    @OnEveryDatabase
    void rowCountTellsWhatChanged(Database database) {
        createItems(database);
        assertThat(database.run("INSERT INTO item (id, title) VALUES (1, 'a'), (2, 'b')")
                        .rowCount())
                .isEqualTo(2);
        assertThat(database.run("UPDATE item SET n = 1").rowCount()).isEqualTo(2);
        assertThat(database.run("UPDATE item SET n = 1 WHERE id = 9").rowCount())
                .isZero();
        assertThat(database.run("SELECT * FROM item").rowCount()).isEqualTo(2);
        assertThat(database.run("DELETE FROM item WHERE id = 1 RETURNING id").rowCount())
                .isEqualTo(1);
    }

    @OnEveryDatabase
    void upsert(Database database) {
        createItems(database);
        String upsert = "INSERT INTO item (id, title, n) VALUES ($1, $2, 1)"
                + " ON CONFLICT (id) DO UPDATE SET title = excluded.title, n = item.n + 1 RETURNING n";
        assertThat(database.row(upsert, 1, "a").getInteger(0)).isEqualTo(1);
        assertThat(database.row(upsert, 1, "b").getInteger(0)).isEqualTo(2);
        assertThat(database.run("INSERT INTO item (id, title) VALUES (1, 'c') ON CONFLICT DO NOTHING")
                        .rowCount())
                .isZero();
        assertThat(database.value("SELECT title FROM item")).isEqualTo("b");
    }

    @OnEveryDatabase
    void batchesGiveAResultForEachTuple(Database database) {
        createItems(database);
        RowSet<Row> result = Database.await(database.pool()
                .preparedQuery("INSERT INTO item (id, title) VALUES ($1, $2) RETURNING id")
                .executeBatch(tuples(3)));
        List<Integer> ids = new ArrayList<>();
        for (RowSet<Row> next = result; next != null; next = next.next()) {
            ids.add(next.iterator().next().getInteger("id"));
        }
        assertThat(ids).containsExactly(1, 2, 3);
    }

    @OnEveryDatabase
    void batchesSucceedOrFailAsAWhole(Database database) {
        createItems(database);
        List<Tuple> batch = List.of(Tuple.of(1, "a"), Tuple.of(2, "b"), Tuple.of(1, "again"));
        Database.failure(database.pool()
                .preparedQuery("INSERT INTO item (id, title) VALUES ($1, $2)")
                .executeBatch(batch));
        assertThat(database.row("SELECT count(*) FROM item").getLong(0)).isZero();
    }

    @OnEveryDatabase
    void aTextMayHaveSeveralStatements(Database database) {
        RowSet<Row> first = database.script(
                "CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('one;two'); SELECT x FROM a; -- done;\n");
        assertThat(first.next().rowCount()).isEqualTo(1);
        assertThat(first.next().next().iterator().next().getString(0)).isEqualTo("one;two");
    }

    @OnEveryDatabase
    void severalStatementsSucceedOrFailAsAWhole(Database database) {
        createItems(database);
        Database.failure(database.pool()
                .query("INSERT INTO item VALUES (1, 'a', 0); INSERT INTO item VALUES (1, 'b', 0)")
                .execute());
        assertThat(database.row("SELECT count(*) FROM item").getLong(0)).isZero();
    }

    @OnEveryDatabase
    void collectorsAndMappings(Database database) {
        createItems(database);
        database.run("INSERT INTO item (id, title) VALUES (1, 'a'), (2, 'b')");
        assertThat(Database.await(database.pool()
                                .query("SELECT id, title FROM item ORDER BY id")
                                .collecting(Collectors.mapping(row -> row.getString("title"), Collectors.joining("+")))
                                .execute())
                        .value())
                .isEqualTo("a+b");
        RowSet<Integer> mapped = Database.await(database.pool()
                .query("SELECT id FROM item ORDER BY id")
                .mapping(row -> row.getInteger(0))
                .execute());
        assertThat(mapped).containsExactly(1, 2);
    }

    @OnEveryDatabase
    void cursorsReadInParts(Database database) {
        createItems(database);
        Database.await(database.pool()
                .preparedQuery("INSERT INTO item (id, title) VALUES ($1, $2)")
                .executeBatch(tuples(25)));
        List<Integer> sizes = new ArrayList<>();
        Database.await(database.pool().withTransaction(connection -> connection
                .prepare("SELECT id FROM item WHERE id > $1 ORDER BY id")
                .compose(statement -> readAll(statement.cursor(Tuple.of(0)), sizes))));
        assertThat(sizes).containsExactly(10, 10, 5);
    }

    private static Future<Void> readAll(Cursor cursor, List<Integer> sizes) {
        return cursor.read(10).compose(rows -> {
            sizes.add(rows.size());
            return cursor.hasMore() ? readAll(cursor, sizes) : cursor.close();
        });
    }

    @OnEveryDatabase
    void streamsGiveEveryRow(Database database) {
        createItems(database);
        Database.await(database.pool()
                .preparedQuery("INSERT INTO item (id, title) VALUES ($1, $2)")
                .executeBatch(tuples(25)));
        List<Integer> ids = new ArrayList<>();
        Database.await(database.pool().withTransaction(connection -> connection
                .prepare("SELECT id FROM item ORDER BY id")
                .compose(statement -> drain(statement.createStream(10), ids))));
        assertThat(ids)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 25).boxed().toList());
    }

    private static Future<Void> drain(RowStream<Row> stream, List<Integer> ids) {
        io.vertx.core.Promise<Void> done = io.vertx.core.Promise.promise();
        stream.exceptionHandler(done::tryFail);
        stream.endHandler(end -> done.tryComplete());
        stream.handler(row -> ids.add(row.getInteger(0)));
        return done.future();
    }

    @OnEveryDatabase
    void preparedStatementsRunAgainAndAgain(Database database) {
        createItems(database);
        long count = Database.await(database.pool().withConnection(connection -> connection
                .prepare("INSERT INTO item (id, title) VALUES ($1, $2)")
                .compose(statement -> statement
                        .query()
                        .execute(Tuple.of(1, "a"))
                        .compose(first -> statement.query().execute(Tuple.of(2, "b")))
                        .compose(second -> statement.close()))
                .compose(closed -> connection.query("SELECT count(*) FROM item").execute())
                .map(rows -> rows.iterator().next().getLong(0))));
        assertThat(count).isEqualTo(2);
    }

    @OnEveryDatabase
    void aCursorMayHaveMoreAsLongAsItsPagesAreFull(Database database) {
        List<String> pages = Database.await(database.pool().withTransaction(connection -> connection
                .prepare("SELECT g FROM generate_series(1, 4) AS g")
                .compose(statement -> pages(statement.cursor(), new ArrayList<>()))));
        assertThat(pages).containsExactly("2 more", "2 more", "0 end");
    }

    private static Future<List<String>> pages(Cursor cursor, List<String> pages) {
        return cursor.read(2).compose(rows -> {
            pages.add(rows.size() + (cursor.hasMore() ? " more" : " end"));
            return cursor.hasMore() ? pages(cursor, pages) : cursor.close().map(pages);
        });
    }

    @OnEveryDatabase
    void aCursorOutsideATransactionHasOnePage(Database database) {
        assertThat(Database.failure(database.pool().withConnection(connection -> connection
                        .prepare("SELECT g FROM generate_series(1, 4) AS g")
                        .compose(statement -> pages(statement.cursor(), new ArrayList<>())))))
                .isInstanceOfSatisfying(DatabaseException.class, e -> assertThat(e.getSqlState())
                        .isEqualTo("34000"));
    }

    @OnEveryDatabase
    void likeHeedsCase(Database database) {
        createItems(database);
        database.run("INSERT INTO item (id, title) VALUES (1, 'Alpha'), (2, 'beta')");
        assertThat(database.run("SELECT id FROM item WHERE title LIKE $1", "alp%")
                        .size())
                .isZero();
        assertThat(database.run("SELECT id FROM item WHERE title LIKE $1", "Alp%")
                        .size())
                .isEqualTo(1);
        assertThat(database.run("SELECT id FROM item WHERE lower(title) LIKE '%' || $1 || '%'", "alp")
                        .size())
                .isEqualTo(1);
    }

    @OnEveryDatabase
    void theServersClock(Database database) {
        database.script(
                "CREATE TABLE event (id INTEGER PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP)");
        var at = database.row("INSERT INTO event (id) VALUES (1) RETURNING at").getOffsetDateTime("at");
        assertThat(at.toInstant())
                .isBetween(
                        java.time.Instant.now().minusSeconds(60),
                        java.time.Instant.now().plusSeconds(60));
        assertThat(database.run("SELECT id FROM event WHERE at <= $1", at).size())
                .isEqualTo(1);
    }
}
