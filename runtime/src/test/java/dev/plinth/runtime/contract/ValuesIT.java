package dev.plinth.runtime.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.data.Numeric;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.function.Executable;

/** A value reads as its column was declared, on every database. */
class ValuesIT {

    /** Writes a value into a column of this type, and reads it. */
    private static Row stored(Database database, String type, Object value) {
        // A table's name says its type, as PostgreSQL refuses a kept statement whose columns have changed.
        String table = "sample_" + type.replaceAll("\\W", "_");
        database.script("DROP TABLE IF EXISTS " + table);
        database.script("CREATE TABLE " + table + " (id INTEGER, v " + type + ")");
        database.run("INSERT INTO " + table + " (id, v) VALUES (1, $1)", value);
        return database.row("SELECT v FROM " + table + " WHERE id = 1");
    }

    private static void keeps(Database database, String type, Object... values) {
        for (Object value : values) {
            assertThat(stored(database, type, value).getValue("v"))
                    .as("%s in %s", value, type)
                    .isEqualTo(value);
        }
        assertThat(stored(database, type, null).getValue("v")).isNull();
    }

    @OnEveryDatabase
    void booleans(Database database) {
        keeps(database, "BOOLEAN", true, false);
        assertThat(stored(database, "BOOLEAN NOT NULL DEFAULT FALSE", true).getBoolean(0))
                .isTrue();
    }

    @OnEveryDatabase
    void wholeNumbers(Database database) {
        keeps(database, "SMALLINT", Short.MIN_VALUE, (short) 0, Short.MAX_VALUE);
        keeps(database, "INTEGER", Integer.MIN_VALUE, 0, Integer.MAX_VALUE);
        keeps(database, "BIGINT", Long.MIN_VALUE, 0L, 1L, Long.MAX_VALUE);
        assertThat(stored(database, "BIGINT", 5L).getInteger("v")).isEqualTo(5);
        assertThat(stored(database, "INTEGER", 5).getLong("v")).isEqualTo(5L);
    }

    @OnEveryDatabase
    void floatingPointNumbers(Database database) {
        keeps(database, "REAL", 0.1f, -1.5f, Float.MAX_VALUE);
        keeps(database, "DOUBLE PRECISION", 0.1, 1.0, -1e300, Double.MIN_VALUE, Double.POSITIVE_INFINITY);
        assertThat(stored(database, "DOUBLE PRECISION", 2.0).getDouble("v")).isEqualTo(2.0);
    }

    @OnEveryDatabase
    void decimalNumbers(Database database) {
        String digits = "1234567890".repeat(60);
        for (String value :
                List.of("0", "0.00", "1.10", "-0.000001", "9007199254740993", digits + "." + digits, "NaN")) {
            assertThat(stored(database, "NUMERIC", Numeric.parse(value)).getValue("v"))
                    .hasToString(value);
        }
        keeps(database, "NUMERIC(10, 2)", Numeric.parse("12.50"), Numeric.parse("12345678.90"));
        assertThat(stored(database, "NUMERIC(10, 2)", new BigDecimal("3.10")).getBigDecimal("v"))
                .isEqualTo(new BigDecimal("3.10"));
    }

    @OnEveryDatabase
    void decimalNumbersOfAnyClass(Database database) {
        Map<Number, String> written = Map.of(
                5,
                "5",
                5L,
                "5",
                1.0,
                "1.0",
                0.1f,
                "0.1",
                1e20,
                "100000000000000000000",
                1e-7,
                "0.00000010",
                new BigDecimal("1E+3"),
                "1000",
                new BigDecimal("-1.500"),
                "-1.500",
                BigInteger.TWO.pow(70),
                "1180591620717411303424");
        written.forEach((number, text) -> {
            assertThat(stored(database, "NUMERIC", number).getBigDecimal("v").toPlainString())
                    .isEqualTo(text);
            assertThat(database.value("SELECT v::text FROM sample_NUMERIC WHERE v = $1", number))
                    .isEqualTo(text);
        });
    }

    @OnEveryDatabase
    void decimalNumbersRoundedToTheirColumn(Database database) {
        Map<String, String> rounded =
                Map.of("2.345", "2.35", "-2.345", "-2.35", "2.3449", "2.34", "99.994", "99.99", "7", "7.00");
        rounded.forEach((value, kept) -> assertThat(
                        stored(database, "NUMERIC(4, 2)", new BigDecimal(value)).getBigDecimal("v"))
                .isEqualTo(new BigDecimal(kept)));
        database.script("CREATE TABLE narrow (v NUMERIC(4, 2))");
        assertThat(database.failure("INSERT INTO narrow VALUES ($1)", new BigDecimal("99.995")))
                .isInstanceOfSatisfying(DatabaseException.class, e -> assertThat(e.getSqlState())
                        .isEqualTo("22003"));
    }

    @OnEveryDatabase
    void text(Database database) {
        keeps(database, "TEXT", "", "plain", "it's \"quoted\" \\ and $1", "zażółć 漢字 🙂", "0123", "1e5");
        keeps(database, "VARCHAR(20)", "", "twenty characters...", "007");
    }

    @OnEveryDatabase
    void bytes(Database database) {
        keeps(database, "BYTEA", Buffer.buffer(), Buffer.buffer(new byte[] {0, -1, 127, 39}));
        assertThat(stored(database, "BYTEA", Buffer.buffer("abc")).getBuffer("v"))
                .isEqualTo(Buffer.buffer("abc"));
    }

    @OnEveryDatabase
    void uuids(Database database) {
        UUID id = UUID.fromString("00000000-0000-4000-8000-0123456789ab");
        keeps(database, "UUID", id, UUID.fromString("12345678-1234-4234-8234-123456789012"));
        assertThat(stored(database, "UUID", id).getUUID("v")).isEqualTo(id);
    }

    @OnEveryDatabase
    void json(Database database) {
        JsonObject object =
                new JsonObject().put("a", 1).put("b", new JsonArray().add("x").addNull());
        for (String type : new String[] {"JSON", "JSONB"}) {
            keeps(
                    database,
                    type,
                    object,
                    new JsonObject(),
                    new JsonArray().add(1).add(object),
                    5,
                    2.5,
                    true,
                    "text");
            assertThat(stored(database, type, object).getJsonObject("v")).isEqualTo(object);
            assertThat(stored(database, type, new JsonArray().add(1)).getJsonArray("v"))
                    .isEqualTo(new JsonArray().add(1));
            assertThat(stored(database, type, Tuple.JSON_NULL).getValue("v")).isSameAs(Tuple.JSON_NULL);
        }
    }

    @OnEveryDatabase
    void times(Database database) {
        keeps(database, "DATE", LocalDate.of(2024, 2, 29), LocalDate.of(1, 1, 1));
        keeps(database, "TIME", LocalTime.MIDNIGHT, LocalTime.of(23, 59, 59, 999_999_000), LocalTime.of(1, 2));
        keeps(
                database,
                "TIMESTAMP",
                LocalDateTime.of(2024, 2, 29, 12, 0),
                LocalDateTime.of(1999, 12, 31, 23, 59, 59, 1_000));
        OffsetDateTime utc = OffsetDateTime.of(2024, 2, 29, 12, 30, 15, 250_000_000, ZoneOffset.UTC);
        keeps(database, "TIMESTAMPTZ", utc);
        keeps(database, "TIMESTAMP WITH TIME ZONE", utc);
        Row row = stored(database, "TIMESTAMPTZ", utc.withOffsetSameInstant(ZoneOffset.ofHours(5)));
        assertThat(row.getOffsetDateTime("v")).isEqualTo(utc);
    }

    @OnEveryDatabase
    void expressionsReadThroughTypedGetters(Database database) {
        database.script("CREATE TABLE n (v INTEGER, w BIGINT, t TIMESTAMPTZ, b BOOLEAN)");
        database.run(
                "INSERT INTO n VALUES ($1, $2, $3, $4)", 3, 4L, OffsetDateTime.parse("2024-01-02T03:04:05Z"), true);
        Row row = database.row(
                "SELECT count(*) AS c, sum(v) AS s, max(v) AS m, avg(v) AS a, max(t) AS t, 'x' || 'y' AS xy,"
                        + " coalesce(b, FALSE) AS b, lower('ABC') AS l FROM n GROUP BY b");
        assertThat(row.getLong("c")).isEqualTo(1);
        assertThat(row.getLong("s")).isEqualTo(3);
        assertThat(row.getInteger("m")).isEqualTo(3);
        assertThat(row.getDouble("a")).isEqualTo(3.0);
        assertThat(row.getOffsetDateTime("t")).isEqualTo(OffsetDateTime.parse("2024-01-02T03:04:05Z"));
        assertThat(row.getString("xy")).isEqualTo("xy");
        assertThat(row.getBoolean("b")).isTrue();
        assertThat(row.getString("l")).isEqualTo("abc");
    }

    @OnEveryDatabase
    void aGetterOfAnotherTypeFails(Database database) {
        String values = "SELECT 5::bigint AS l, 't'::text AS t, TIMESTAMP '2024-01-01' AS ts, '5'::jsonb AS j";
        Row row = database.row(values);
        for (Executable getter : List.<Executable>of(
                () -> row.getBoolean("l"),
                () -> row.getBoolean("j"),
                () -> row.getOffsetDateTime("ts"),
                () -> row.get(OffsetTime.class, 0),
                () -> row.get(String[].class, 1))) {
            assertThrows(ClassCastException.class, getter);
        }
        assertThrows(UnsupportedOperationException.class, () -> row.get(byte[].class, 0));
    }

    @OnEveryDatabase
    void bytesAsText(Database database) {
        assertThat(stored(database, "BYTEA", Buffer.buffer()).getBuffer(0)).isEqualTo(Buffer.buffer());
        assertThat(database.row("SELECT v::text, length(v) FROM sample_BYTEA").deepToString())
                .isEqualTo("[\\x,0]");
        assertThat(stored(database, "BYTEA", Buffer.buffer(new byte[] {0, -1})).getBuffer(0))
                .isNotNull();
        assertThat(database.value("SELECT v::text FROM sample_BYTEA")).isEqualTo("\\x00ff");
    }

    @OnEveryDatabase
    void argumentsThatAreTakenAsTheirColumnHasThem(Database database) {
        assertThat(stored(database, "VARCHAR(3)", "abc  ").getString(0)).isEqualTo("abc");
        assertThat(stored(database, "TIME", LocalDateTime.parse("2024-01-01T10:00"))
                        .getLocalTime(0))
                .isEqualTo(LocalTime.parse("10:00"));
        database.script("CREATE TABLE refused (j JSONB, u UUID)");
        assertThat(database.failure("INSERT INTO refused (j) VALUES ($1)", UUID.randomUUID()))
                .hasMessageContaining("can not be coerced to the expected class = [java.lang.Object]");
        assertThat(database.failure("INSERT INTO refused (u) VALUES ($1)", 1))
                .hasMessageContaining("can not be coerced to the expected class = [java.util.UUID]");
    }

    @OnEveryDatabase
    void columnsAreDescribed(Database database) {
        database.script(
                "CREATE TABLE described (b BOOLEAN, s SMALLINT, i INTEGER, l BIGINT, r REAL, d DOUBLE PRECISION,"
                        + " n NUMERIC(12, 3), t TEXT, vc VARCHAR(10), raw BYTEA, u UUID, j JSON, jb JSONB, da DATE, ti TIME,"
                        + " ts TIMESTAMP, tz TIMESTAMPTZ)");
        assertThat(
                        database
                                .run("SELECT *, NULL AS x, count(*) OVER () AS c FROM described")
                                .columnDescriptors()
                                .stream()
                                .map(column -> column.name() + " " + column.typeName() + " " + column.jdbcType()))
                .containsExactly(
                        "b BOOL BOOLEAN",
                        "s INT2 SMALLINT",
                        "i INT4 INTEGER",
                        "l INT8 BIGINT",
                        "r FLOAT4 REAL",
                        "d FLOAT8 DOUBLE",
                        "n NUMERIC NUMERIC",
                        "t TEXT LONGVARCHAR",
                        "vc VARCHAR VARCHAR",
                        "raw BYTEA BINARY",
                        "u UUID OTHER",
                        "j JSON OTHER",
                        "jb JSONB OTHER",
                        "da DATE DATE",
                        "ti TIME TIME",
                        "ts TIMESTAMP TIMESTAMP",
                        "tz TIMESTAMPTZ TIMESTAMP_WITH_TIMEZONE",
                        "x TEXT LONGVARCHAR",
                        "c INT8 BIGINT");
    }

    @OnEveryDatabase
    void columnsHaveNamesAndOrder(Database database) {
        database.script("CREATE TABLE item (Id INTEGER, createdAt TEXT, \"Mixed\" TEXT)");
        database.run("INSERT INTO item VALUES ($1, $2, $3)", 1, "now", "m");
        var rows = database.run("SELECT \"Mixed\", createdAt, id AS Number FROM item");
        assertThat(rows.columnsNames()).containsExactly("Mixed", "createdat", "number");
        assertThat(rows.iterator().next().toJson())
                .isEqualTo(new JsonObject()
                        .put("Mixed", "m")
                        .put("createdat", "now")
                        .put("number", 1));
        assertThat(rows.iterator().next().getColumnIndex("number")).isEqualTo(2);
    }

    @OnEveryDatabase
    void largeValuesAndManyParameters(Database database) {
        Buffer large = Buffer.buffer(new byte[50_000_000]);
        assertThat(stored(database, "BYTEA", large).getBuffer(0)).isEqualTo(large);
        StringBuilder sql = new StringBuilder("SELECT count(*) FROM sample_BYTEA WHERE id IN (0");
        Object[] arguments = new Object[32_766];
        for (int i = 0; i < arguments.length; i++) {
            sql.append(", $").append(i + 1);
            arguments[i] = i + 1;
        }
        assertThat(database.row(sql + ")", arguments).getLong(0)).isEqualTo(1);
    }
}
