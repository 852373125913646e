package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.testing.Futures.await;
import static dev.plinth.runtime.testing.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of versions that kept NUMERIC as doubles go on working as they did. */
class OlderDecimalsTest {

    private final Vertx vertx = Vertx.vertx();
    private final SqliteConnector connector = new SqliteConnector(vertx);
    private Pool pool;

    @BeforeEach
    void openAnOlderFile(@TempDir Path directory) throws SQLException {
        Path file = directory.resolve("older.db");
        try (Connection older = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = older.createStatement()) {
            statement.execute("create table item (id integer primary key, price numeric(10,2), rate numeric)");
            statement.execute("create index item_price on item (price)");
            statement.execute("insert into item values (1, 1.5, 1.1), (2, 10, 0.25), (3, 9.75, 100)");
            statement.execute("create view item_view /* integer; computed(2); quotient */ as"
                    + " select id, price * 2 as twice, price / 3.0 as third from item");
        }
        SqliteSettings settings = new SqliteSettings("todo", Optional.of(file), true, PoolSettings.DEFAULT, false);
        pool = new PluginPool(vertx, "todo", connector.open(settings));
    }

    @AfterEach
    void close() {
        await(connector.close());
        await(vertx.close());
    }

    private String answer(String sql, Object... arguments) {
        List<String> rows = new ArrayList<>();
        for (Row row : await(pool.preparedQuery(sql).execute(Tuple.wrap(arguments)))) {
            List<String> values = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                values.add(String.valueOf(row.getValue(i)));
            }
            rows.add(String.join(" ", values));
        }
        return String.join(", ", rows);
    }

    @Test
    void readsWhatIsThere() {
        assertThat(answer("SELECT price, rate FROM item ORDER BY id")).isEqualTo("1.50 1.1, 10.00 0.25, 9.75 100");
        assertThat(answer("SELECT twice FROM item_view ORDER BY id")).isEqualTo("3.00, 20.00, 19.50");
    }

    @Test
    void comparesAndSortsByValue() {
        assertThat(answer("SELECT id FROM item WHERE price > 9 ORDER BY price")).isEqualTo("3, 2");
        assertThat(answer("SELECT id FROM item WHERE price = $1", new BigDecimal("1.500")))
                .isEqualTo("1");
        assertThat(answer("SELECT id FROM item WHERE price * 2 = 19.5")).isEqualTo("3");
        assertThat(answer("SELECT id FROM item WHERE price IN (10, 1.50) ORDER BY id"))
                .isEqualTo("1, 2");
        assertThat(answer("SELECT max(price), min(rate) FROM item")).isEqualTo("10.00 0.25");
    }

    @Test
    void computesExactly() {
        assertThat(answer("SELECT sum(price), avg(rate), sum(price * rate) FROM item"))
                .isEqualTo("21.25 33.7833333333333333 979.1500");
        assertThat(answer("SELECT price + 0.005, coalesce(rate, 0) FROM item WHERE id = 1"))
                .isEqualTo("1.505 1.1");
    }

    @Test
    void refusesWhatADoubleDoesNotKeep() {
        String insert = "INSERT INTO item (id, rate) VALUES (4, $1)";
        BigDecimal tooLong = new BigDecimal("12345678901234567.25");
        assertThat(failure(pool.preparedQuery(insert).execute(Tuple.of(tooLong))))
                .isInstanceOfSatisfying(StatementException.class, e -> assertThat(e.getSqlState())
                        .isEqualTo("22003"));
        assertThat(failure(pool.query("INSERT INTO item (id, rate) VALUES (4, 12345678901234567.25)")
                        .execute()))
                .hasMessageContaining("older");
    }

    @Test
    void hasExactColumnsBesidesFromNowOn() {
        await(pool.query("ALTER TABLE item ADD COLUMN exact NUMERIC").execute());
        await(pool.query("UPDATE item SET exact = price, rate = exact").execute());
        await(pool.query("UPDATE item SET exact = 12345678901234567.250, rate = price * 2 WHERE id = 1")
                .execute());
        assertThat(answer("SELECT exact, rate, exact > price, exact = price FROM item ORDER BY id"))
                .isEqualTo("12345678901234567.250 3 true false, 10.00 null false true, 9.75 null false true");
    }

    @Test
    void takesAnExactColumnInPlaceOfAnOlderOne() {
        for (String step : List.of(
                "DROP VIEW item_view",
                "ALTER TABLE item ADD COLUMN exact NUMERIC",
                "UPDATE item SET exact = rate",
                "ALTER TABLE item DROP COLUMN rate",
                "ALTER TABLE item RENAME COLUMN exact TO rate",
                "UPDATE item SET rate = 12345678901234567.250 WHERE id = 1")) {
            await(pool.query(step).execute());
        }
        assertThat(answer("SELECT rate FROM item ORDER BY rate")).isEqualTo("0.25, 100, 12345678901234567.250");
    }
}
