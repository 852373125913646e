package dev.plinth.runtime.database.sqlite;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.data.Numeric;
import io.vertx.sqlclient.impl.RowBase;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.temporal.Temporal;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A row. Values of declared columns already have their type; a getter also converts the number or text that an expression
 * without declared type gives.
 */
final class SqliteRow extends RowBase {

    private final SqliteRowDesc desc;

    SqliteRow(SqliteRowDesc desc) {
        super(desc.size());
        this.desc = desc;
    }

    @Override
    public @Nullable String getColumnName(int position) {
        List<String> names = desc.columnNames();
        return position < 0 || position >= names.size() ? null : names.get(position);
    }

    @Override
    public int getColumnIndex(String name) {
        return desc.columnIndex(name);
    }

    /** The value, its text turned into a {@code T} if it is text. */
    private <T> @Nullable Object converted(int position, Function<String, T> parser) {
        Object value = getValue(position);
        return value instanceof String text && isUndeclared(position) ? parser.apply(text) : value;
    }

    @Override
    public @Nullable Boolean getBoolean(int position) {
        Object value = converted(position, Texts::toBoolean);
        if (value instanceof Long number && isUndeclared(position)) {
            return number != 0;
        }
        return (Boolean) value;
    }

    @Override
    public @Nullable String getString(int position) {
        Object value = getValue(position);
        return value instanceof Long && isUndeclared(position) ? value.toString() : super.getString(position);
    }

    private boolean isUndeclared(int position) {
        return desc.type(position).kind() == ColumnType.Kind.UNDECLARED;
    }

    @Override
    public @Nullable JsonObject getJsonObject(int position) {
        return (JsonObject) converted(position, JsonObject::new);
    }

    @Override
    public @Nullable JsonArray getJsonArray(int position) {
        return (JsonArray) converted(position, JsonArray::new);
    }

    @Override
    public @Nullable Object getJson(int position) {
        Object value = getValue(position);
        return value instanceof String text && isUndeclared(position) ? ColumnType.json(text) : super.getJson(position);
    }

    @Override
    public @Nullable Temporal getTemporal(int position) {
        return (Temporal) converted(position, Texts::toLocalDateTime);
    }

    @Override
    public @Nullable LocalDate getLocalDate(int position) {
        Object value = converted(position, LocalDate::parse);
        return value instanceof LocalDate date ? date : super.getLocalDate(position);
    }

    @Override
    public @Nullable LocalTime getLocalTime(int position) {
        Object value = converted(position, LocalTime::parse);
        return value instanceof LocalTime time ? time : super.getLocalTime(position);
    }

    @Override
    public @Nullable LocalDateTime getLocalDateTime(int position) {
        Object value = converted(position, Texts::toLocalDateTime);
        return value instanceof LocalDateTime time ? time : super.getLocalDateTime(position);
    }

    @Override
    public @Nullable OffsetDateTime getOffsetDateTime(int position) {
        Object value = converted(position, Texts::toOffsetDateTime);
        if (value instanceof LocalDateTime time && isUndeclared(position)) {
            return time.atOffset(ZoneOffset.UTC);
        }
        return (OffsetDateTime) value;
    }

    @Override
    public @Nullable BigDecimal getBigDecimal(int position) {
        Object value = converted(position, BigDecimal::new);
        return value instanceof BigDecimal number ? number : super.getBigDecimal(position);
    }

    @Override
    public @Nullable Numeric getNumeric(int position) {
        Object value = converted(position, Numeric::parse);
        return value instanceof Numeric number ? number : super.getNumeric(position);
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals")
    public <T> @Nullable T get(Class<T> type, int position) {
        return type.cast(valueAs(type, position));
    }

    private @Nullable Object valueAs(Class<?> type, int position) {
        if (type == Boolean.class) {
            return getBoolean(position);
        } else if (type == Byte.class) {
            return getByte(position);
        } else if (type == Short.class) {
            return getShort(position);
        } else if (type == Integer.class) {
            return getInteger(position);
        } else if (type == Long.class) {
            return getLong(position);
        } else if (type == Float.class) {
            return getFloat(position);
        } else if (type == Double.class) {
            return getDouble(position);
        } else if (type == BigDecimal.class) {
            return getBigDecimal(position);
        } else if (type == Numeric.class) {
            return getNumeric(position);
        } else if (type == String.class) {
            return getString(position);
        } else if (type == UUID.class) {
            return getUUID(position);
        } else if (type == LocalDate.class) {
            return getLocalDate(position);
        } else if (type == LocalTime.class) {
            return getLocalTime(position);
        } else if (type == LocalDateTime.class) {
            return getLocalDateTime(position);
        } else if (type == OffsetDateTime.class) {
            return getOffsetDateTime(position);
        } else if (type == JsonObject.class) {
            return getJsonObject(position);
        } else if (type == JsonArray.class) {
            return getJsonArray(position);
        }
        return valueAsOther(type, position);
    }

    private @Nullable Object valueAsOther(Class<?> type, int position) {
        if (type == io.vertx.core.buffer.Buffer.class) {
            return getBuffer(position);
        } else if (type == OffsetTime.class) {
            return getOffsetTime(position);
        } else if (type.isArray() && !type.getComponentType().isPrimitive()) {
            return getValue(position); // SQLite has no arrays: the cast fails, as it does for any value that is none.
        } else if (type.isEnum()) {
            return enumConstant(type, position);
        } else if (type == Object.class) {
            return getValue(position);
        }
        throw new UnsupportedOperationException("Unsupported type " + type.getName());
    }

    private @Nullable Object enumConstant(Class<?> type, int position) {
        Object value = getValue(position);
        Object[] constants = type.getEnumConstants();
        for (int i = 0; i < constants.length; i++) {
            boolean byNumber = value instanceof Number number && number.intValue() == i;
            if (byNumber || ((Enum<?>) constants[i]).name().equals(value)) {
                return constants[i];
            }
        }
        if (value == null) {
            return null;
        }
        throw new ClassCastException("no constant of " + type.getName() + " is " + value);
    }
}
