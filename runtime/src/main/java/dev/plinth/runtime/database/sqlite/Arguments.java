package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.data.NullValue;
import io.vertx.sqlclient.data.Numeric;
import io.vertx.sqlclient.impl.ErrorMessageFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
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

    static @Nullable Object[] encode(Tuple arguments) {
        @Nullable Object[] encoded = new Object[arguments.size()];
        for (int i = 0; i < encoded.length; i++) {
            encoded[i] = encode(i, arguments.getValue(i));
        }
        return encoded;
    }

    private static @Nullable Object encode(int position, @Nullable Object value) {
        if (value == null || value instanceof NullValue) {
            return null;
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
