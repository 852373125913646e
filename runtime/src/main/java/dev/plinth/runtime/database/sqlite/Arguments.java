package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.EncodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.data.NullValue;
import io.vertx.sqlclient.data.Numeric;
import io.vertx.sqlclient.impl.ErrorMessageFactory;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Turns a statement's arguments into what SQLite stores: whole number, double, text, bytes or null. */
final class Arguments {

    private Arguments() {}

    /** Fails as the PostgreSQL client does when there are too few or too many. */
    static void check(int expected, Tuple arguments) {
        if (arguments.size() != expected) {
            String message = ErrorMessageFactory.buildWhenArgumentsLengthNotMatched(expected, arguments.size());
            throw new VertxException(message, true);
        }
    }

    /** Fails as the PostgreSQL client does when one is not of its parameter's type; a value out of range is told when it is sent. */
    static void checkTypes(List<ParameterTypes.Parameter> parameters, Tuple arguments) {
        try {
            encode(arguments, parameters);
        } catch (WrongTypeException e) {
            throw VertxException.noStackTrace(String.valueOf(e.getMessage()));
        } catch (StatementException e) {
            // Whoever runs the statement hears of it.
        }
    }

    /**
     * Encodes each value as its column was declared, and fails where PostgreSQL would: with SQLSTATE 22P02 for a value of another
     * type, 22003 for a number out of range, 22001 for text that is too long.
     */
    static @Nullable Object[] encode(Tuple arguments, List<ParameterTypes.Parameter> parameters) {
        @Nullable Object[] encoded = new Object[arguments.size()];
        for (int i = 0; i < encoded.length; i++) {
            Object value = arguments.getValue(i);
            if (value != null && !(value instanceof NullValue)) {
                ParameterTypes.Parameter parameter = parameters.get(i);
                encoded[i] = encode(i, value, parameter.type(), parameter.assigned());
            }
        }
        return encoded;
    }

    /** SQLite has no arrays: their elements are read from JSON. */
    private static String array(int position, Object value, ColumnType type) {
        if (!value.getClass().isArray()) {
            throw wrongType(Object[].class, position, value);
        }
        JsonArray json = new JsonArray();
        for (int i = 0; i < Array.getLength(value); i++) {
            Object element = Array.get(value, i);
            json.add(element == null ? null : encode(position, element, type, false));
        }
        return json.encode();
    }

    private static Object encode(int position, Object value, ColumnType type, boolean assigned) {
        return switch (type.kind()) {
            case BOOLEAN -> expect(Boolean.class, position, value) ? 1 : 0;
            case SMALLINT -> inRange(position, value, Short.MIN_VALUE, Short.MAX_VALUE, "smallint");
            case INTEGER -> inRange(position, value, Integer.MIN_VALUE, Integer.MAX_VALUE, "integer");
            case BIGINT -> inRange(position, value, Long.MIN_VALUE, Long.MAX_VALUE, "bigint");
            case REAL -> encodeDouble(position, number(position, value).floatValue());
            case DOUBLE -> encodeDouble(position, number(position, value).doubleValue());
            case NUMERIC ->
                type.approximate()
                        ? approximate(position, number(position, value), type)
                        : SqlCasts.convert(number(position, value).toString(), type, ColumnType.UNDECLARED, true);
            case TEXT -> text(position, value, assigned ? type.length() : -1);
            case UUID -> uuid(position, value);
            case JSON -> json(position, value);
            case JSONB -> JsonTexts.canonical(json(position, value));
            case DATE -> Texts.of(date(position, value));
            case TIME -> Times.rounded(Texts.of(time(position, value)), type);
            case TIMESTAMP -> Times.rounded(Texts.of(timestamp(position, value)), type);
            case TIMESTAMPTZ -> Times.rounded(Texts.of(expect(OffsetDateTime.class, position, value)), type);
            case ARRAY -> array(position, value, type.element());
            case INTERVAL -> throw Refusal.unsupported("SQLite has no INTERVAL");
            case BYTES, UNDECLARED -> encode(position, value, type);
        };
    }

    private static Object encode(int position, Object value, ColumnType type) {
        if (type.kind() == ColumnType.Kind.BYTES && (value instanceof String || value instanceof Number)) {
            throw wrongType(Buffer.class, position, value);
        }
        if (value instanceof String || value instanceof Long || value instanceof Integer || value instanceof Short) {
            return value;
        }
        if (value instanceof Boolean bool) {
            return bool ? 1 : 0;
        }
        if (value instanceof Number number) {
            return encodeNumber(position, number);
        }
        Object text = encodeAsText(value);
        return text != null ? text : encodeOther(position, value);
    }

    private static String json(int position, Object value) {
        if (value instanceof Map<?, ?> || value instanceof List<?>) {
            throw wrongType(Object.class, position, value);
        }
        try {
            return value == Tuple.JSON_NULL ? "null" : Json.encode(value);
        } catch (EncodeException e) {
            throw wrongType(Object.class, position, value);
        }
    }

    private static <T> T expect(Class<T> type, int position, Object value) {
        if (!type.isInstance(value)) {
            throw wrongType(type, position, value);
        }
        return type.cast(value);
    }

    private static Number number(int position, Object value) {
        return expect(Number.class, position, value);
    }

    private static WrongTypeException wrongType(Class<?> expected, int position, Object value) {
        return new WrongTypeException(ErrorMessageFactory.buildWhenArgumentsTypeNotMatched(expected, position, value));
    }

    private static Object inRange(int position, Object value, long least, long most, String type) {
        if (value instanceof Enum<?>) {
            return Tuple.of(value).getLong(0);
        }
        Number number = number(position, value);
        boolean whole = number instanceof Long || number instanceof Integer || number instanceof Short;
        BigDecimal exact = whole ? BigDecimal.valueOf(number.longValue()) : wholePart(position, number);
        if (exact.compareTo(BigDecimal.valueOf(least)) < 0 || exact.compareTo(BigDecimal.valueOf(most)) > 0) {
            throw outOfRange(position, number + ": " + type + " is " + least + " to " + most);
        }
        return exact.longValue();
    }

    private static BigDecimal wholePart(int position, Number number) {
        double approximately = number.doubleValue();
        if (!Double.isFinite(approximately)) {
            throw outOfRange(position, number + " is no whole number");
        }
        BigDecimal exact = number instanceof Double || number instanceof Float
                ? BigDecimal.valueOf(approximately)
                : new BigDecimal(number.toString());
        return exact.setScale(0, RoundingMode.DOWN);
    }

    private static Object approximate(int position, Number number, ColumnType type) {
        if (type.scale() < 0 || !Double.isFinite(number.doubleValue())) {
            return encodeNumber(position, number);
        }
        BigDecimal rounded = new BigDecimal(number.toString()).setScale(type.scale(), RoundingMode.HALF_UP);
        if (rounded.precision() - rounded.scale() > type.length() - type.scale() && rounded.signum() != 0) {
            throw outOfRange(position, number + ": " + type.declaration() + " has room for fewer digits");
        }
        return exact(position, rounded);
    }

    private static String text(int position, Object value, int length) {
        String text = value instanceof Enum<?> constant ? constant.name() : expect(String.class, position, value);
        if (text.indexOf('\0') >= 0) {
            throw Refusal.of("invalid byte sequence for encoding \"UTF8\": 0x00", "22021");
        }
        return SqlCasts.fitting(text, length, true);
    }

    private static String uuid(int position, Object value) {
        try {
            return value instanceof String text
                    ? UUID.fromString(text).toString()
                    : expect(UUID.class, position, value).toString();
        } catch (IllegalArgumentException e) {
            throw wrongType(UUID.class, position, value);
        }
    }

    private static LocalDate date(int position, Object value) {
        if (value instanceof LocalDateTime time) {
            return time.toLocalDate();
        }
        return value instanceof OffsetDateTime time ? time.toLocalDate() : expect(LocalDate.class, position, value);
    }

    private static LocalTime time(int position, Object value) {
        return value instanceof LocalDateTime time ? time.toLocalTime() : expect(LocalTime.class, position, value);
    }

    private static LocalDateTime timestamp(int position, Object value) {
        return value instanceof OffsetDateTime time
                ? time.toLocalDateTime()
                : expect(LocalDateTime.class, position, value);
    }

    private static Object encodeNumber(int position, Number number) {
        if (number instanceof Double || number instanceof Float) {
            return encodeDouble(position, number.doubleValue());
        }
        if (number instanceof Numeric numeric) {
            return numeric.isNaN() ? encodeDouble(position, Double.NaN) : exact(position, numeric.bigDecimalValue());
        }
        if (number instanceof BigDecimal decimal) {
            return exact(position, decimal);
        }
        if (number instanceof BigInteger integer) {
            return exact(position, new BigDecimal(integer));
        }
        return number.longValue();
    }

    private static Object encodeDouble(int position, double value) {
        if (Double.isNaN(value)) {
            throw outOfRange(position, "NaN: SQLite would store null");
        }
        return value;
    }

    /** SQLite keeps a decimal number as a double: one that a double cannot give back is refused rather than changed. */
    private static Object exact(int position, BigDecimal value) {
        BigDecimal plain = value.stripTrailingZeros();
        if (plain.scale() <= 0
                && plain.precision() - plain.scale() <= 19
                && plain.toBigInteger().bitLength() < 64) {
            return plain.longValueExact();
        }
        double number = value.doubleValue();
        if (!Double.isFinite(number) || BigDecimal.valueOf(number).compareTo(value) != 0) {
            throw outOfRange(
                    position, value + ": SQLite keeps 15 digits of a decimal number exactly, store more as text");
        }
        return number;
    }

    private static @Nullable String encodeAsText(Object value) {
        if (value instanceof JsonObject object) {
            return object.encode();
        }
        if (value instanceof JsonArray array) {
            return array.encode();
        }
        if (value == Tuple.JSON_NULL) {
            return "null";
        }
        if (value instanceof OffsetDateTime time) {
            return Texts.of(time);
        }
        if (value instanceof LocalDateTime time) {
            return Texts.of(time);
        }
        if (value instanceof LocalDate date) {
            return Texts.of(date);
        }
        if (value instanceof LocalTime time) {
            return Texts.of(time);
        }
        if (value instanceof UUID || value instanceof Character) {
            return value.toString();
        }
        return value instanceof Enum<?> constant ? constant.name() : null;
    }

    private static Object encodeOther(int position, Object value) {
        if (value instanceof Buffer buffer) {
            return buffer.getBytes();
        }
        if (value instanceof byte[]) {
            return value;
        }
        if (value instanceof ByteBuf bytes) {
            return ByteBufUtil.getBytes(bytes);
        }
        throw new StatementException(
                "parameter $" + (position + 1) + ": SQLite has no type for "
                        + value.getClass().getName(),
                0,
                "0A000",
                null,
                null,
                null);
    }

    private static StatementException outOfRange(int position, String what) {
        return new StatementException(
                "parameter $" + (position + 1) + " is out of range: " + what, 0, "22003", null, null, null);
    }
}
