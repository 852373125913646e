package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.inSchema;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Values of many megabytes, and rows that come in pieces, are what they were. */
@ExtendWith(PostgresExtension.class)
class LargeValuesIT {

    private static final int SIZE = Boolean.getBoolean("plinth.thorough") ? 50_000_000 : 20_000_000;

    @AutoClose
    private final Pools pools = new Pools("large", 8);

    private final PostgresExtension.Server server;

    LargeValuesIT(PostgresExtension.Server server) {
        this.server = server;
    }

    @Test
    void largeValuesComeBackByteForByteFromADatabase() {
        Pool pool = pools.open(settings("large", server.port()));
        bytesComeBack(pool);
        textComesBack(pool);
    }

    @Test
    void largeValuesComeBackByteForByteFromASchema() {
        Pool pool = pools.open(inSchema("large", server.port(), "public", pool(8)));
        bytesComeBack(pool);
        textComesBack(pool);
    }

    private static void bytesComeBack(Pool pool) {
        Buffer large = random(SIZE, 1);
        table(pool, "b BYTEA");
        await(pool.preparedQuery("INSERT INTO large (id, b) VALUES (1, $1)").execute(Tuple.of(large)));
        assertThat(prepared(pool, "b").getBuffer(0).equals(large)).isTrue();
        assertThat(simple(pool, "b").getBuffer(0).equals(large)).isTrue();
    }

    /** Letters of one, two, three and four bytes each. */
    private static void textComesBack(Pool pool) {
        String large = "aé€😀".repeat(SIZE / 10);
        table(pool, "t TEXT");
        await(pool.preparedQuery("INSERT INTO large (id, t) VALUES (1, $1)").execute(Tuple.of(large)));
        assertThat(prepared(pool, "t").getString(0).equals(large)).isTrue();
        assertThat(simple(pool, "t").getString(0).equals(large)).isTrue();
        await(pool.query("UPDATE large SET t = '" + large + "x'").execute());
        assertThat(prepared(pool, "t").getString(0).equals(large + "x")).isTrue();
    }

    @Test
    void anErrorDoesNotRepeatALargeValue() {
        Pool pool = pools.open(settings("large", server.port()));
        assertThat(failure(pool.preparedQuery("SELECT $1::bytea").execute(Tuple.of("x".repeat(SIZE))))
                        .getMessage())
                .contains("can not be coerced")
                .hasSizeLessThan(1_000);
    }

    private static void table(Pool pool, String column) {
        await(pool.query("DROP TABLE IF EXISTS large").execute());
        await(pool.query("CREATE TABLE large (id INTEGER, " + column + ")").execute());
    }

    private static Row prepared(Pool pool, String column) {
        return await(pool.preparedQuery("SELECT " + column + " FROM large WHERE id = $1")
                        .execute(Tuple.of(1)))
                .iterator()
                .next();
    }

    private static Row simple(Pool pool, String column) {
        return await(pool.query("SELECT " + column + " FROM large WHERE id = 1").execute())
                .iterator()
                .next();
    }

    @Test
    void rowsOfAllLengthsComeInPieces() {
        Pool pool = pools.open(settings("large", server.port()));
        await(pool.query("DROP TABLE IF EXISTS pieces").execute());
        await(pool.query("CREATE TABLE pieces (id INTEGER, a BYTEA, t TEXT, b BYTEA)")
                .execute());
        List<Tuple> rows =
                IntStream.range(0, 2_000).mapToObj(LargeValuesIT::row).toList();
        await(pool.preparedQuery("INSERT INTO pieces VALUES ($1, $2, $3, $4)").executeBatch(rows));

        String sql = "SELECT id, a, t, b FROM pieces ORDER BY id";
        await(check(pool, sql, rows));
        await(check(pool, "SET bytea_output = escape; " + sql, rows));
        List<Row> found = StreamSupport.stream(
                        await(pool.preparedQuery(sql).execute()).spliterator(), false)
                .toList();
        assertEqual(found, rows);
    }

    private static Tuple row(int i) {
        int length = i * 37 % 1_500;
        return Tuple.of(
                i,
                i % 5 == 0 ? null : random(length, i),
                i % 7 == 0 ? null : "é\\x41".repeat(length / 100),
                i % 11 == 0 ? null : random(1_500 - length, -i));
    }

    private static Future<?> check(Pool pool, String sql, List<Tuple> rows) {
        return pool.withConnection(
                (SqlConnection connection) -> connection.query(sql).execute().map(result -> {
                    var last = result;
                    while (last.next() != null) {
                        last = last.next();
                    }
                    assertEqual(StreamSupport.stream(last.spliterator(), false).toList(), rows);
                    return last;
                }));
    }

    private static void assertEqual(List<Row> found, List<Tuple> rows) {
        assertThat(found).hasSameSizeAs(rows);
        for (int i = 0; i < rows.size(); i++) {
            for (int column = 0; column < 4; column++) {
                assertThat(found.get(i).getValue(column)).isEqualTo(rows.get(i).getValue(column));
            }
        }
    }

    private static Buffer random(int size, int seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return Buffer.buffer(bytes);
    }
}
