package dev.plinth.runtime.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.Dialect;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;

/** What is no query and no change: equal on both, or refused with a reason. */
class CommandsIT {

    private static void fails(String sqlState, String what, Future<?> asked) {
        assertThat(Database.failure(asked)).as(what).isInstanceOfSatisfying(DatabaseException.class, e -> assertThat(
                        e.getSqlState())
                .as(what + ": " + e)
                .isEqualTo(sqlState));
    }

    @OnEveryDatabase
    void aTextWithoutAStatementIsRefused(Database database) {
        SqlConnection connection = Database.await(database.pool().getConnection());
        for (String empty : List.of("", "  \n", ";", " ; ;", "-- nothing", "/* a /* b */ c */ ;")) {
            fails("42601", empty, database.pool().query(empty).execute());
            fails("42601", empty, database.pool().preparedQuery(empty).execute());
            fails("42601", empty, connection.query(empty).execute());
            fails("42601", empty, connection.prepare(empty));
        }
        Database.await(connection.query("/* not empty */ SELECT 1 -- at all").execute());
        Database.await(connection.close());
    }

    @OnEveryDatabase
    void eachOfSeveralStatementsHasColumnsOfItsOwn(Database database) {
        database.script("CREATE TABLE item (id INTEGER PRIMARY KEY)");
        RowSet<Row> rows = database.script(
                "SELECT 1 AS a; INSERT INTO item VALUES (1); SELECT id AS b FROM item WHERE id > 9;"
                        + " CREATE TABLE other (id INTEGER); UPDATE item SET id = 2 RETURNING id AS c; DELETE FROM item");
        List<List<String>> columns = new ArrayList<>();
        for (RowSet<Row> one = rows; one != null; one = one.next()) {
            columns.add(one.columnsNames() == null ? List.of() : one.columnsNames());
        }
        assertThat(columns).containsExactly(List.of("a"), List.of(), List.of("b"), List.of(), List.of("c"), List.of());
    }

    @OnEveryDatabase
    void commentsOnTablesAndColumnsAreTaken(Database database) {
        database.script("CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT)");
        database.script("COMMENT ON TABLE item IS 'what is sold'; COMMENT ON COLUMN item.title IS NULL");
        fails(
                "42P01",
                "no table",
                database.pool().query("COMMENT ON TABLE missing IS 'x'").execute());
        fails(
                "42703",
                "no column",
                database.pool().query("COMMENT ON COLUMN item.missing IS 'x'").execute());
    }

    @OnEveryDatabase
    void aTableIsLockedInATransactionOnly(Database database) {
        database.script("CREATE TABLE item (id INTEGER PRIMARY KEY)");
        fails(
                "25P01",
                "outside",
                database.pool().query("LOCK TABLE item IN EXCLUSIVE MODE").execute());
        Database.await(database.pool().withTransaction(connection -> connection
                .query("LOCK TABLE item IN SHARE ROW EXCLUSIVE MODE")
                .execute()
                .compose(locked -> connection.query("LOCK item").execute())));
        fails("42P01", "no table", database.pool().withTransaction(connection -> connection
                .query("LOCK TABLE missing")
                .execute()
                .mapEmpty()));
    }

    @OnEveryDatabase
    void whatOnlyAServerHasIsRefusedWithTheWayOut(Database database) {
        database.script("CREATE TABLE item (id INTEGER PRIMARY KEY)");
        for (String sql : List.of(
                "EXPLAIN SELECT * FROM item",
                "EXPLAIN (COSTS FALSE) SELECT * FROM item",
                "SHOW search_path",
                "SET search_path = other",
                "GRANT SELECT ON item TO PUBLIC",
                "REVOKE SELECT ON item FROM PUBLIC",
                "DO $$ BEGIN PERFORM 1; END $$",
                "LISTEN news",
                "NOTIFY news",
                "UNLISTEN *",
                "PREPARE one AS SELECT 1",
                "DISCARD PLANS",
                "CREATE SEQUENCE numbers",
                "CREATE TYPE mood AS ENUM ('good', 'bad')",
                "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                "CREATE MATERIALIZED VIEW seen AS SELECT * FROM item",
                "CREATE SCHEMA inner_one",
                "CREATE TABLE other (a INET)",
                "CREATE TABLE other (a TIME WITH TIME ZONE)",
                "CREATE TABLE other (a INTEGER[])",
                "SELECT 'a' COLLATE \"de-x-icu\"",
                "DELETE FROM item USING item AS other WHERE other.id = item.id RETURNING other.id",
                "SELECT to_jsonb(item) FROM item",
                "SELECT word FROM regexp_split_to_table('a b', ' ') AS word",
                "SELECT now() AT TIME ZONE '+02'",
                "SELECT INTERVAL '1 day'",
                "SELECT current_time",
                "ALTER SEQUENCE numbers RESTART")) {
            Future<RowSet<Row>> asked = database.pool().query(sql).execute();
            if (database.dialect() == Dialect.SQLITE) {
                fails("0A000", sql, asked);
                assertThat(Database.failure(asked)).hasMessageContaining(".sqlite.sql");
            }
        }
    }

    @OnEveryDatabase
    void aViewIsReplacedByAPreparedStatement(Database database) {
        database.script("CREATE TABLE item (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO item VALUES (1, 5)");
        database.run("CREATE OR REPLACE VIEW seen AS SELECT id FROM item");
        database.run("CREATE OR REPLACE VIEW seen AS SELECT id, n FROM item");
        assertThat(database.value("SELECT n FROM seen")).isEqualTo(5);
    }
}
