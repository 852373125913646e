package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import io.vertx.core.json.JsonArray;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns a value into another type as PostgreSQL does, with its errors. Values are what SQLite stores: {@code Long}, {@code
 * Double}, {@code String} or {@code byte[]}.
 */
final class SqlCasts {

    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d+");
    private static final Pattern UUID_DIGITS = Pattern.compile("\\p{XDigit}{32}");
    private static final Pattern LOOKS_LIKE_A_TIME =
            Pattern.compile("\\d{1,6}[-/]\\d{1,2}[-/]\\d{1,2}.*|\\d{1,2}:\\d{1,2}.*");

    private SqlCasts() {}

    /**
     * @param source what the value is; undeclared for a constant in quotes
     * @param assigned whether it is written into a column, so that a text that is too long is refused and not cut
     */
    static Object convert(Object value, ColumnType target, ColumnType source, boolean assigned) {
        return switch (target.kind()) {
            case BOOLEAN -> bool(value);
            case SMALLINT -> whole(value, source, target, Short.MIN_VALUE, Short.MAX_VALUE);
            case INTEGER -> whole(value, source, target, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case BIGINT -> whole(value, source, target, Long.MIN_VALUE, Long.MAX_VALUE);
            case REAL -> (double) (float) number(value, target);
            case DOUBLE -> number(value, target);
            case NUMERIC ->
                target.approximate() ? approximate(value, target, assigned) : decimal(value, target, source);
            case TEXT -> text(value, target, source, assigned);
            case BYTES -> value instanceof String text ? bytes(text) : value;
            case UUID -> uuid(String.valueOf(value));
            case JSON -> json(String.valueOf(value));
            case JSONB -> JsonTexts.canonical(String.valueOf(value));
            case DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> time(String.valueOf(value), target, source);
            case INTERVAL -> Interval.parse(String.valueOf(value)).toString();
            case ARRAY -> array(String.valueOf(value), target.element());
            case UNDECLARED -> value;
        };
    }

    /** A text such as {@code {1,2}} as a JSON array of what SQLite stores. */
    private static String array(String text, ColumnType element) {
        JsonArray array = new JsonArray();
        for (String one : JsonTexts.elements(text)) {
            array.add(one == null ? null : convert(one, element, ColumnType.UNDECLARED, false));
        }
        return array.encode();
    }

    static StatementException invalid(ColumnType target, Object value) {
        return Refusal.of("invalid input syntax for type " + target.pgName() + ": \"" + value + "\"", "22P02");
    }

    private static long bool(Object value) {
        if (value instanceof Number number) {
            return number.doubleValue() == 0 ? 0 : 1;
        }
        String text = String.valueOf(value).strip().toLowerCase(Locale.ROOT);
        boolean isTrue = !text.isEmpty() && ("true".startsWith(text) || "yes".startsWith(text));
        boolean isFalse = !text.isEmpty() && ("false".startsWith(text) || "no".startsWith(text));
        if (isTrue || text.equals("on") || text.equals("1")) {
            return 1;
        }
        if (isFalse || text.equals("off") || text.equals("of") || text.equals("0")) {
            return 0;
        }
        throw invalid(ColumnType.of(Kind.BOOLEAN), value);
    }

    private static long whole(Object value, ColumnType source, ColumnType target, long least, long most) {
        BigInteger whole;
        if (value instanceof Long number) {
            whole = BigInteger.valueOf(number);
        } else if (value instanceof Double number) {
            whole = rounded(number, source, target);
        } else {
            String text = String.valueOf(value).strip();
            if (source.kind() == Kind.NUMERIC) {
                return wholeOfDecimal(text, target, least, most);
            }
            if (!WHOLE.matcher(text).matches()) {
                throw invalid(target, value);
            }
            whole = new BigInteger(text);
            if (!isBetween(whole, least, most)) {
                throw Refusal.of("value \"" + value + "\" is out of range for type " + target.pgName(), "22003");
            }
        }
        if (!isBetween(whole, least, most)) {
            throw Refusal.of(target.pgName() + " out of range", "22003");
        }
        return whole.longValueExact();
    }

    private static long wholeOfDecimal(String text, ColumnType target, long least, long most) {
        BigDecimal number = Decimals.parse(text);
        if (number == null) {
            throw Refusal.of("cannot convert NaN to " + target.pgName(), "0A000");
        }
        BigInteger whole = number.setScale(0, RoundingMode.HALF_UP).toBigInteger();
        if (!isBetween(whole, least, most)) {
            throw Refusal.of(target.pgName() + " out of range", "22003");
        }
        return whole.longValueExact();
    }

    private static boolean isBetween(BigInteger value, long least, long most) {
        return value.compareTo(BigInteger.valueOf(least)) >= 0 && value.compareTo(BigInteger.valueOf(most)) <= 0;
    }

    /** A decimal number that lies in the middle goes away from zero, a floating one to the even neighbour. */
    private static BigInteger rounded(double number, ColumnType source, ColumnType target) {
        if (!Double.isFinite(number)) {
            throw Refusal.of(target.pgName() + " out of range", "22003");
        }
        RoundingMode mode = TypeRules.isFloating(source) ? RoundingMode.HALF_EVEN : RoundingMode.HALF_UP;
        return BigDecimal.valueOf(number).setScale(0, mode).toBigInteger();
    }

    private static double number(Object value, ColumnType target) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        String text = String.valueOf(value).strip().toLowerCase(Locale.ROOT);
        if (text.equals("nan")) {
            throw Refusal.unsupported("SQLite has no NaN");
        }
        try {
            return switch (text) {
                case "infinity", "inf", "+infinity" -> Double.POSITIVE_INFINITY;
                case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
                default -> inRange(new BigDecimal(text).doubleValue(), value, target);
            };
        } catch (NumberFormatException e) {
            throw invalid(target, value);
        }
    }

    private static double inRange(double number, Object value, ColumnType target) {
        boolean fits = target.kind() == Kind.REAL ? Float.isFinite((float) number) : Double.isFinite(number);
        if (!fits) {
            throw Refusal.of("\"" + value + "\" is out of range for type " + target.pgName(), "22003");
        }
        return number;
    }

    private static String decimal(Object value, ColumnType target, ColumnType source) {
        BigDecimal number = value instanceof Double floating
                ? Decimals.ofFloating(floating, source.kind() == Kind.REAL)
                : Decimals.parse(value);
        return Decimals.text(Decimals.fitting(number, target));
    }

    /** For a column of an older file, which keeps numbers: one that a double cannot give back is refused rather than changed. */
    private static Object approximate(Object value, ColumnType target, boolean assigned) {
        BigDecimal number = Decimals.fitting(Decimals.parse(value), target);
        Object stored = number == null ? Double.NaN : stored(number);
        if (assigned
                && stored instanceof Double floating
                && (number == null
                        || !Double.isFinite(floating)
                        || BigDecimal.valueOf(floating).compareTo(number) != 0)) {
            throw Refusal.of(
                    value + ": a NUMERIC column of an older SQLite file keeps 15 digits exactly: make the table anew",
                    "22003");
        }
        return stored;
    }

    /** A decimal number as SQLite keeps it. */
    static Object stored(BigDecimal number) {
        BigDecimal plain = number.stripTrailingZeros();
        boolean whole = plain.scale() <= 0 && plain.precision() - plain.scale() < 20;
        return whole && plain.toBigInteger().bitLength() < 64 ? (Object) plain.longValueExact() : number.doubleValue();
    }

    private static String text(Object value, ColumnType target, ColumnType source, boolean assigned) {
        return fitting(text(value, source), target.length(), assigned);
    }

    /** What is too long is cut off where only blanks go, or by an explicit cast; elsewhere it fails. */
    static String fitting(String text, int length, boolean assigned) {
        if (length < 0 || text.codePointCount(0, text.length()) <= length) {
            return text;
        }
        String cut = text.substring(0, text.offsetByCodePoints(0, length));
        if (assigned && !text.substring(cut.length()).isBlank()) {
            throw tooLong(length);
        }
        return cut;
    }

    static StatementException tooLong(int length) {
        return Refusal.of("value too long for type character varying(" + length + ")", "22001");
    }

    /** As PostgreSQL writes a value of this type. */
    static String text(Object value, ColumnType source) {
        return switch (source.kind()) {
            case BOOLEAN -> value.equals(0L) ? "false" : "true";
            case NUMERIC ->
                value instanceof Double number
                        ? String.valueOf(source.fromDouble(number))
                        : value instanceof Long number
                                ? String.valueOf(source.fromInteger(number))
                                : String.valueOf(value);
            case REAL -> floating(value, Float.toString(((Number) value).floatValue()), 6);
            case DOUBLE -> floating(value, Double.toString(((Number) value).doubleValue()), 15);
            case TIMESTAMPTZ -> value + "+00";
            case BYTES -> "\\x" + HexFormat.of().formatHex((byte[]) value);
            default -> String.valueOf(value);
        };
    }

    private static String floating(Object value, String shortest, int mostDigits) {
        double number = ((Number) value).doubleValue();
        if (!Double.isFinite(number)) {
            return shortest;
        }
        BigDecimal digits = new BigDecimal(shortest).stripTrailingZeros();
        int exponent = digits.precision() - digits.scale() - 1;
        if (number != 0 && (exponent < -4 || exponent >= mostDigits)) {
            String mantissa =
                    digits.movePointLeft(exponent).stripTrailingZeros().toPlainString();
            return mantissa + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "")
                    + Math.abs(exponent);
        }
        return (digits.scale() < 0 ? digits.setScale(0) : digits).toPlainString();
    }

    private static byte[] bytes(String text) {
        try {
            return text.startsWith("\\x")
                    ? HexFormat.of().parseHex(text.substring(2).replaceAll("\\s", ""))
                    : text.getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Refusal.of("invalid hexadecimal data", "22023");
        }
    }

    private static String uuid(String text) {
        String digits = text.strip().replaceAll("^\\{|}$|-", "");
        if (!UUID_DIGITS.matcher(digits).matches()) {
            throw invalid(ColumnType.of(Kind.UUID), text);
        }
        return new UUID(Long.parseUnsignedLong(digits, 0, 16, 16), Long.parseUnsignedLong(digits, 16, 32, 16))
                .toString();
    }

    private static String json(String text) {
        JsonTexts.parse(text);
        return text;
    }

    private static String time(String value, ColumnType target, ColumnType source) {
        String text = value.strip();
        try {
            return Times.rounded(time(text, target.kind(), source.kind()), target);
        } catch (DateTimeException e) {
            throw LOOKS_LIKE_A_TIME.matcher(text).matches()
                    ? Refusal.of("date/time field value out of range: \"" + value + "\"", "22008")
                    : Refusal.of("invalid input syntax for type " + target.pgName() + ": \"" + value + "\"", "22007");
        }
    }

    private static String time(String text, Kind target, Kind source) {
        if (target == Kind.TIME) {
            return source == Kind.TIMESTAMP || source == Kind.TIMESTAMPTZ
                    ? Texts.of(Texts.toLocalDateTime(text).toLocalTime())
                    : Texts.of(LocalTime.parse(text));
        }
        OffsetDateTime time = special(text);
        LocalDateTime local = time == null ? Texts.toLocalDateTime(text) : time.toLocalDateTime();
        return switch (target) {
            case DATE -> Texts.of(local.toLocalDate());
            case TIMESTAMP -> Texts.of(local);
            default -> Texts.of(time == null ? Texts.toOffsetDateTime(text) : time);
        };
    }

    private static @Nullable OffsetDateTime special(String text) {
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "now" -> now;
            case "today" -> now.toLocalDate().atStartOfDay().atOffset(ZoneOffset.UTC);
            case "epoch" -> Instant.EPOCH.atOffset(ZoneOffset.UTC);
            default -> null;
        };
    }

    /** A number that is written into a column as SQLite reads it. */
    static String constant(String number, ColumnType column, ColumnType type) {
        Object value = convert(number, column, type, true);
        return value instanceof String text ? "'" + text + "'" : value.toString();
    }

    /** A constant in quotes as SQLite reads a value of this type. */
    static SqlToken constant(SqlToken constant, ColumnType type, boolean assigned) {
        if (type.kind() == Kind.TEXT && type.length() < 0) {
            return constant;
        }
        Object value = convert(constant.text(), type, ColumnType.UNDECLARED, assigned);
        if (value instanceof String text) {
            return new SqlToken(SqlToken.Kind.STRING, text, constant.start(), constant.end());
        }
        if (type.kind() == Kind.BOOLEAN) {
            return SqlToken.raw(value.equals(0L) ? "FALSE" : "TRUE");
        }
        if (value instanceof Double number && number.isInfinite()) {
            return SqlToken.raw(number > 0 ? "9e999" : "-9e999");
        }
        return SqlToken.raw(
                value instanceof byte[] bytes ? "X'" + HexFormat.of().formatHex(bytes) + "'" : value.toString());
    }

    static LocalDate date(String text) {
        return Texts.toLocalDateTime(text).toLocalDate();
    }
}
