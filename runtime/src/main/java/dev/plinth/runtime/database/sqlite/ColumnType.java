package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.data.Numeric;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.sql.JDBCType;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a column was declared as, and so how its values read: as the PostgreSQL client reads a column of that type. A value that
 * does not fit its declaration, which SQLite allows, reads as it is stored.
 *
 * @param length of {@code varchar(n)}, or the digits of {@code numeric(p, s)}; -1 when there is no limit
 * @param approximate whether it is a NUMERIC of an older file, which is kept as a double
 * @param scale the digits after the point that {@code numeric(p, s)} keeps; -1 when there is no limit
 */
record ColumnType(Kind kind, int length, int scale, String declaration, boolean approximate) {

    /** {@code (n)} and {@code (p, s)}. */
    private static final Pattern ARGUMENTS = Pattern.compile("\\(\\s*(\\d{1,9})\\s*(?:,\\s*(\\d{1,9})\\s*)?\\)");

    /** Behind the declaration of a NUMERIC that is kept as a double. */
    private static final String APPROXIMATE = " approximate";

    /** What {@link DefinitionRules} writes, so that SQLite keeps the text as it is. */
    private static final String AS_TEXT = "numeric text";

    private static final String COMPUTED = "computed";
    private static final MathContext EXACT_DIGITS = new MathContext(15, RoundingMode.HALF_UP);

    /** An expression, or a type that has no counterpart: values read as they are stored. */
    static final ColumnType UNDECLARED = new ColumnType(Kind.UNDECLARED, -1, -1, "", false);

    /** Written out, as Java takes long to make its own when it is asked for first. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ColumnType type
                && kind == type.kind
                && length == type.length
                && scale == type.scale
                && approximate == type.approximate
                && declaration.equals(type.declaration);
    }

    @Override
    public int hashCode() {
        return declaration.hashCode() + 31 * kind.hashCode();
    }

    enum Kind {
        BOOLEAN(JDBCType.BOOLEAN),
        SMALLINT(JDBCType.SMALLINT),
        INTEGER(JDBCType.INTEGER),
        BIGINT(JDBCType.BIGINT),
        REAL(JDBCType.REAL),
        DOUBLE(JDBCType.DOUBLE),
        NUMERIC(JDBCType.NUMERIC),
        TEXT(JDBCType.VARCHAR),
        BYTES(JDBCType.BINARY),
        UUID(JDBCType.OTHER),
        JSON(JDBCType.OTHER),
        JSONB(JDBCType.OTHER),
        DATE(JDBCType.DATE),
        TIME(JDBCType.TIME),
        TIMESTAMP(JDBCType.TIMESTAMP),
        TIMESTAMPTZ(JDBCType.TIMESTAMP_WITH_TIMEZONE),
        INTERVAL(JDBCType.OTHER),
        /** Inside of a statement only, as a JSON array of what SQLite stores. */
        ARRAY(JDBCType.ARRAY),
        UNDECLARED(JDBCType.OTHER);

        final JDBCType jdbcType;

        Kind(JDBCType jdbcType) {
            this.jdbcType = jdbcType;
        }
    }

    /** A type without length. */
    static ColumnType of(Kind kind) {
        return new ColumnType(kind, -1, -1, declaration(kind), false);
    }

    private static String declaration(Kind kind) {
        return switch (kind) {
            case DOUBLE -> "double precision";
            case BYTES -> "bytea";
            default -> kind.name().toLowerCase(Locale.ROOT);
        };
    }

    /** A decimal number that a view of an older file computes: with doubles, of which 15 digits are exact. */
    static ColumnType computed(int scale) {
        return new ColumnType(Kind.NUMERIC, 15, scale, COMPUTED, true);
    }

    /** As a column is declared in SQLite: a NUMERIC that is not text there was made by an older version. */
    static ColumnType stored(String declaration) {
        String name = declaration.toLowerCase(Locale.ROOT).strip();
        if (name.startsWith(AS_TEXT)) {
            return of("numeric" + name.substring(AS_TEXT.length()));
        }
        ColumnType type = of(declaration);
        return type.kind == Kind.NUMERIC ? of(name + APPROXIMATE) : type;
    }

    /** As {@link #stored} reads it: in the definition of a column, and in what SQLite is given to turn a value into this type. */
    String asStored() {
        if (approximate) {
            return declaration.equals(COMPUTED) ? COMPUTED + "(" + scale + ")" : declaration.replace(APPROXIMATE, "");
        }
        return kind == Kind.NUMERIC ? AS_TEXT + arguments() : declaration;
    }

    private String arguments() {
        return length < 0 ? "" : "(" + length + "," + scale + ")";
    }

    /** An array of elements of this type. */
    ColumnType array() {
        return new ColumnType(Kind.ARRAY, -1, -1, plain().declaration + "[]", false);
    }

    /** What an array consists of. */
    ColumnType element() {
        return of(declaration.substring(0, declaration.length() - 2));
    }

    /** Without its length. */
    ColumnType plain() {
        if (approximate) {
            return of(declaration(kind) + APPROXIMATE);
        }
        return kind == Kind.ARRAY ? this : of(kind);
    }

    /** As PostgreSQL names it in errors. */
    String pgName() {
        return switch (kind) {
            case TEXT -> declaration.contains("char") ? "character varying" : "text";
            case BYTES -> "bytea";
            case TIME -> "time without time zone";
            case TIMESTAMP -> "timestamp without time zone";
            case TIMESTAMPTZ -> "timestamp with time zone";
            case DOUBLE -> "double precision";
            case ARRAY -> element().pgName() + "[]";
            default -> kind.name().toLowerCase(Locale.ROOT);
        };
    }

    static ColumnType of(@Nullable String declaration) {
        if (declaration == null || declaration.isBlank()) {
            return UNDECLARED;
        }
        String name = declaration.toLowerCase(Locale.ROOT).strip();
        if (name.endsWith("[]")) {
            return of(name.substring(0, name.length() - 2)).array();
        }
        int parenthesis = name.indexOf('(');
        String base = (parenthesis < 0 ? name : name.substring(0, parenthesis)).strip();
        boolean withZone = name.endsWith("with time zone");
        boolean approximate = name.endsWith(APPROXIMATE);
        Matcher arguments = ARGUMENTS.matcher(name);
        if (!arguments.find()) {
            return new ColumnType(kind(base, withZone), -1, -1, name, approximate);
        }
        if (base.equals("float")) {
            return of(Integer.parseInt(arguments.group(1)) < 25 ? Kind.REAL : Kind.DOUBLE);
        }
        int scale = arguments.group(2) == null ? 0 : Integer.parseInt(arguments.group(2));
        return new ColumnType(kind(base, withZone), Integer.parseInt(arguments.group(1)), scale, name, approximate);
    }

    private static Kind kind(String base, boolean withZone) {
        return switch (firstWord(base)) {
            case "bool", "boolean" -> Kind.BOOLEAN;
            case "smallint", "int2", "tinyint", "smallserial" -> Kind.SMALLINT;
            case "int", "integer", "int4", "mediumint", "serial" -> Kind.INTEGER;
            case "bigint", "int8", "bigserial" -> Kind.BIGINT;
            case "real", "float4" -> Kind.REAL;
            case "double", "float", "float8" -> Kind.DOUBLE;
            case "numeric", "decimal", "dec" -> Kind.NUMERIC;
            case "text", "varchar", "char", "character", "bpchar", "clob", "nvarchar", "nchar" -> Kind.TEXT;
            case "blob", "bytea" -> Kind.BYTES;
            case "uuid" -> Kind.UUID;
            case "json" -> Kind.JSON;
            case "jsonb" -> Kind.JSONB;
            case "interval" -> Kind.INTERVAL;
            case "date" -> Kind.DATE;
            case "time" -> Kind.TIME;
            case "timestamp" -> withZone ? Kind.TIMESTAMPTZ : Kind.TIMESTAMP;
            case "datetime" -> Kind.TIMESTAMP;
            case "timestamptz" -> Kind.TIMESTAMPTZ;
            default -> Kind.UNDECLARED;
        };
    }

    private static String firstWord(String base) {
        int space = base.indexOf(' ');
        return space < 0 ? base : base.substring(0, space);
    }

    Object fromInteger(long value) {
        return switch (kind) {
            case BOOLEAN -> value != 0;
            case SMALLINT -> smallint(value);
            case INTEGER -> integer(value);
            case REAL -> (float) value;
            case DOUBLE -> (double) value;
            case NUMERIC -> numeric(BigDecimal.valueOf(value));
            case TEXT -> Long.toString(value);
            case JSON, JSONB -> fitsInteger(value);
            default -> value;
        };
    }

    private StatementException outOfRange() {
        return Refusal.of(pgName() + " out of range", "22003");
    }

    private Object smallint(long value) {
        if (value != (short) value) {
            throw outOfRange();
        }
        return (short) value;
    }

    private Object integer(long value) {
        if (value != (int) value) {
            throw outOfRange();
        }
        return (int) value;
    }

    private static Object fitsInteger(long value) {
        return value == (int) value ? (Object) (int) value : (Object) value;
    }

    Object fromDouble(double value) {
        return switch (kind) {
            case REAL -> (float) value;
            case SMALLINT, INTEGER, BIGINT -> throw outOfRange();
            case NUMERIC -> Double.isFinite(value) ? numeric(BigDecimal.valueOf(value)) : Numeric.create(value);
            case TEXT -> Double.toString(value);
            default -> value;
        };
    }

    private Numeric numeric(BigDecimal value) {
        if (scale >= 0 && kind == Kind.NUMERIC) {
            return Numeric.create(value.setScale(scale, RoundingMode.HALF_UP));
        }
        boolean computed = declaration.equals(COMPUTED) && value.scale() > 0;
        BigDecimal plain = (computed ? value.round(EXACT_DIGITS) : value).stripTrailingZeros();
        return Numeric.create(plain.scale() < 0 ? plain.setScale(0) : plain);
    }

    Object fromText(String value) {
        try {
            return parse(value);
        } catch (DateTimeException | IllegalArgumentException | DecodeException e) {
            return value;
        }
    }

    private Object parse(String value) {
        return switch (kind) {
            case BOOLEAN -> Texts.toBoolean(value);
            case NUMERIC -> Numeric.parse(value);
            case UUID -> UUID.fromString(value);
            case JSON, JSONB -> json(value);
            case DATE -> LocalDate.parse(value);
            case TIME -> LocalTime.parse(value);
            case TIMESTAMP -> Texts.toLocalDateTime(value);
            case TIMESTAMPTZ -> Texts.toOffsetDateTime(value);
            default -> value;
        };
    }

    static Object json(String text) {
        Object value = Json.decodeValue(text);
        return value == null ? Tuple.JSON_NULL : value;
    }

    Object fromBytes(byte[] value) {
        return Buffer.buffer(value);
    }
}
