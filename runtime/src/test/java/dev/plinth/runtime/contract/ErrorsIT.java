package dev.plinth.runtime.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.StatementException;
import io.vertx.core.VertxException;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Map;

/** A refused statement fails with PostgreSQL's SQLSTATE on every database. */
class ErrorsIT {

    private static void create(Database database) {
        database.script("CREATE TABLE owner (id INTEGER PRIMARY KEY);"
                + " CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE,"
                + " n INTEGER CONSTRAINT n_positive CHECK (n > 0), owner INTEGER REFERENCES owner (id))");
        database.run("INSERT INTO item (id, title) VALUES (1, 'a')");
    }

    private static void fails(Database database, String sqlState, String sql, Object... arguments) {
        assertThat(database.failure(sql, arguments))
                .isInstanceOfSatisfying(
                        DatabaseException.class,
                        e -> assertThat(e.getSqlState()).as(sql).isEqualTo(sqlState));
    }

    @OnEveryDatabase
    void constraints(Database database) {
        create(database);
        fails(database, "23505", "INSERT INTO item (id, title) VALUES (2, $1)", "a");
        fails(database, "23505", "INSERT INTO item (id, title) VALUES ($1, 'b')", 1);
        fails(database, "23502", "INSERT INTO item (id) VALUES (3)");
        fails(database, "23514", "INSERT INTO item (id, title, n) VALUES (3, 'c', 0)");
        fails(database, "23503", "INSERT INTO item (id, title, owner) VALUES (3, 'c', 99)");
        assertThat(database.row("SELECT count(*) FROM item").getLong(0)).isEqualTo(1);
    }

    @OnEveryDatabase
    void mistakesInTheText(Database database) {
        create(database);
        fails(database, "42601", "SELEC 1");
        fails(database, "42601", "SELECT (1");
        fails(database, "42601", "SELECT 'open");
        fails(database, "42601", "SELECT 1; SELECT 2");
        fails(database, "42P01", "SELECT * FROM missing");
        fails(database, "42P01", "DROP TABLE missing");
        fails(database, "42703", "SELECT missing FROM item");
        fails(database, "42703", "SELECT \"missing\" FROM item");
        fails(database, "42703", "INSERT INTO item (missing) VALUES (1)");
        fails(database, "42883", "SELECT missing(1)");
        fails(database, "42P07", "CREATE TABLE item (id INTEGER)");
        fails(database, "42701", "ALTER TABLE item ADD COLUMN title TEXT");
        fails(database, "42P10", "INSERT INTO item (id, title) VALUES (2, 'x') ON CONFLICT (n) DO NOTHING");
    }

    @OnEveryDatabase
    void inASimpleQuery(Database database) {
        create(database);
        assertThat(Database.failure(
                        database.pool().query("SELECT * FROM missing").execute()))
                .isInstanceOfSatisfying(DatabaseException.class, e -> assertThat(e.getSqlState())
                        .isEqualTo("42P01"));
    }

    @OnEveryDatabase
    void aTextSentWithoutArgumentsHasNoParameters(Database database) {
        assertThat(Database.failure(database.pool().query("SELECT $1::int").execute()))
                .isInstanceOfSatisfying(StatementException.class, e -> assertThat(e.getSqlState())
                        .isEqualTo("42P02"));
    }

    @OnEveryDatabase
    void noNumberTellsTheDatabase(Database database) {
        create(database);
        assertThat(database.failure("INSERT INTO item (id, title) VALUES (1, 'b')"))
                .isInstanceOfSatisfying(StatementException.class, e -> assertThat(e.getErrorCode())
                        .isZero());
    }

    @OnEveryDatabase
    void valuesThatDoNotFit(Database database) {
        database.script("CREATE TABLE fit (v VARCHAR(3), n NUMERIC(4, 2), u UUID)");
        fails(database, "22001", "INSERT INTO fit (v) VALUES ($1)", "four");
        fails(database, "22003", "INSERT INTO fit (n) VALUES ($1)", 100);
        database.run("INSERT INTO fit (v, n) VALUES ($1, $2)", "äöü", 99.994);
        assertThat(database.row("SELECT n FROM fit").getBigDecimal(0)).isEqualTo("99.99");
        assertThat(database.run("SELECT * FROM fit WHERE v = $1", "longer than three")
                        .size())
                .isZero();
    }

    @OnEveryDatabase
    void valuesOfAnotherType(Database database) {
        database.script("CREATE TABLE typed (i INTEGER, t TEXT, b BOOLEAN, z TIMESTAMPTZ, u UUID)");
        for (Object[] wrong : new Object[][] {{"i", "1"}, {"t", 1}, {"b", 1}, {"z", "2024-01-01"}, {"u", "no uuid"}}) {
            assertThat(database.failure("INSERT INTO typed (" + wrong[0] + ") VALUES ($1)", wrong[1]))
                    .as("%s", wrong[0])
                    .hasMessageContaining("can not be coerced to the expected class");
        }
        assertThat(database.run("SELECT * FROM typed").size()).isZero();
    }

    @OnEveryDatabase
    void nameConstraintTableAndColumn(Database database) {
        database.script(
                "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL, region TEXT, UNIQUE (name, region))");
        database.script("CREATE TABLE child (id INTEGER CONSTRAINT child_key PRIMARY KEY,"
                + " title TEXT NOT NULL CONSTRAINT title_len CHECK (length(title) > 2),"
                + " parent INTEGER NOT NULL REFERENCES parent (id) ON DELETE RESTRICT, code TEXT CONSTRAINT one_code UNIQUE,"
                + " lo INTEGER, hi INTEGER, CONSTRAINT lo_hi CHECK (lo <= hi), CHECK (hi < 100))");
        database.script("CREATE UNIQUE INDEX child_lo ON child (lo) WHERE hi > 5");
        database.script("CREATE TABLE pairs (a INTEGER, b TEXT, PRIMARY KEY (a, b))");
        database.script(
                "CREATE TABLE added (id INTEGER PRIMARY KEY); ALTER TABLE added ADD COLUMN n INTEGER NOT NULL DEFAULT 1");
        database.script("CREATE TABLE two (id BIGINT PRIMARY KEY, name TEXT UNIQUE, a INTEGER REFERENCES parent (id),"
                + " b INTEGER CONSTRAINT two_second REFERENCES parent (id))");
        database.script(
                "INSERT INTO parent VALUES (1, 'ann', 'eu'), (2, 'bob', 'us'), (13, 'cy', 'eu'), (14, 'dee', 'us')");
        database.script("INSERT INTO two VALUES (1, 'x', 13, 14)");
        database.script("INSERT INTO child (id, title, parent, code, lo, hi) VALUES (1, 'first', 1, 'abc', 1, 10)");
        database.script("INSERT INTO pairs VALUES (1, 'x')");
        for (String[] one : new String[][] {
            {"INSERT INTO parent VALUES (1, 'x', 'y')", "23505", "parent_pkey", "parent", "-"},
            {"INSERT INTO parent VALUES (3, 'ann', 'eu')", "23505", "parent_name_region_key", "parent", "-"},
            {"INSERT INTO parent VALUES (3, NULL, 'eu')", "23502", "-", "parent", "name"},
            {"INSERT INTO child (id, title, parent) VALUES (1, 'xxx', 1)", "23505", "child_key", "child", "-"},
            {
                "INSERT INTO child (id, title, parent, code) VALUES (2, 'xxx', 1, 'abc')",
                "23505",
                "one_code",
                "child",
                "-"
            },
            {
                "INSERT INTO child (id, title, parent, lo, hi) VALUES (2, 'xxx', 1, 1, 9)",
                "23505",
                "child_lo",
                "child",
                "-"
            },
            {"INSERT INTO child (id, title, parent) VALUES (2, 'x', 1)", "23514", "title_len", "child", "-"},
            {"INSERT INTO child (id, title, parent, lo, hi) VALUES (2, 'xxx', 1, 2, 1)", "23514", "lo_hi", "child", "-"
            },
            {
                "INSERT INTO child (id, title, parent, hi) VALUES (2, 'xxx', 1, 100)",
                "23514",
                "child_hi_check",
                "child",
                "-"
            },
            {"INSERT INTO child (id, title, parent) VALUES (2, 'xxx', 9)", "23503", "child_parent_fkey", "child", "-"},
            {"UPDATE child SET parent = 9 WHERE id = 1", "23503", "child_parent_fkey", "child", "-"},
            {"UPDATE child SET title = NULL WHERE id = 1", "23502", "-", "child", "title"},
            {"UPDATE child SET lo = 50 WHERE id = 1", "23514", "lo_hi", "child", "-"},
            {"DELETE FROM parent WHERE id = 1", "23503", "child_parent_fkey", "child", "-"},
            {"UPDATE parent SET id = 9 WHERE id = 1", "23503", "child_parent_fkey", "child", "-"},
            {"INSERT INTO two VALUES (1, 'x', 1, 1)", "23505", "two_pkey", "two", "-"},
            {"INSERT INTO two VALUES (2, 'x', 1, 1)", "23505", "two_name_key", "two", "-"},
            {"INSERT INTO two VALUES (2, 'y', 1, 9)", "23503", "two_second", "two", "-"},
            {"INSERT INTO two VALUES (2, 'y', 9, 9)", "23503", "two_a_fkey", "two", "-"},
            {"INSERT INTO two (id, b) VALUES (2, 9)", "23503", "two_second", "two", "-"},
            {"UPDATE two SET a = 9, b = 1", "23503", "two_a_fkey", "two", "-"},
            {"DELETE FROM parent WHERE id = 14", "23503", "two_second", "two", "-"},
            {"INSERT INTO pairs VALUES (1, 'x')", "23505", "pairs_pkey", "pairs", "-"},
            {"INSERT INTO pairs (a) VALUES (2)", "23502", "-", "pairs", "b"},
            {"UPDATE pairs SET a = NULL", "23502", "-", "pairs", "a"},
            {"INSERT INTO added VALUES (1, NULL)", "23502", "-", "added", "n"},
        }) {
            assertThat(database.failure(one[0]))
                    .as(one[0])
                    .isInstanceOfSatisfying(StatementException.class, e -> assertThat(List.of(
                                    e.getSqlState(),
                                    e.constraint().orElse("-"),
                                    e.table().orElse("-"),
                                    e.column().orElse("-")))
                            .as(one[0])
                            .containsExactly(one[1], one[2], one[3], one[4]));
        }
    }

    @OnEveryDatabase
    void aPreparedStatementRefusesArgumentsOfAnotherTypeItself(Database database) {
        create(database);
        SqlConnection connection = Database.await(database.pool().getConnection());
        PreparedStatement statement = Database.await(connection.prepare("SELECT id FROM item WHERE id = $1"));
        List<Throwable> failures = List.of(
                Database.failure(statement.query().execute(Tuple.of("one"))),
                Database.failure(statement.query().executeBatch(List.of(Tuple.of(1), Tuple.of("one")))),
                Database.failure(statement.cursor(Tuple.of("one")).read(1)));
        assertThat(failures).allSatisfy(failure -> assertThat(failure)
                .isExactlyInstanceOf(VertxException.class)
                .hasMessage("Parameter at position[0] with class = [java.lang.String] and value = [one] can not be"
                        + " coerced to the expected class = [java.lang.Number] for encoding."));
        assertThat(Database.await(statement.query().execute(Tuple.of(1))).size())
                .isEqualTo(1);
        Database.await(connection.close());
    }

    @OnEveryDatabase
    void jsonIsNoMapAndNoList(Database database) {
        fails(database, "22P02", "SELECT $1::jsonb", Map.of("a", 1));
        fails(database, "22P02", "SELECT $1::jsonb", List.of(1));
    }
}
