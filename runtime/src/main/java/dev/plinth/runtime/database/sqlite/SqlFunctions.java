package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.sqlite.Function;

/** Functions and operators that mean in SQLite what they mean in PostgreSQL. */
final class SqlFunctions {

    static final int ANY_NUMBER = -1;
    private static final HexFormat HEX = HexFormat.of();

    private final Connection connection;
    private final Errors errors;

    /** Where a function leaves the error that it ends with, as SQLite hands on no more than its text. */
    interface Errors {

        void raised(StatementException error);
    }

    private SqlFunctions(Connection connection, Errors errors) {
        this.connection = connection;
        this.errors = errors;
    }

    /**
     * Makes the functions known to a connection.
     *
     * @param now the time at which the transaction began
     */
    static void register(Connection connection, Supplier<OffsetDateTime> now, Errors errors) throws SQLException {
        SqlFunctions functions = new SqlFunctions(connection, errors);
        functions.registerCasts();
        functions.registerText();
        functions.registerNumbers();
        functions.registerTimes(now);
        functions.registerJson();
        DecimalFunctions.register(connection, functions, errors);
        functions.registerRows();
    }

    /** The arguments of one call, as SQLite has them: {@code Long}, {@code Double}, {@code String} or {@code byte[]}. */
    interface Body {

        @Nullable
        Object apply(Object[] arguments);
    }

    /** A function of values that gives null when one of them is null. */
    void define(String name, int arguments, Body body) throws SQLException {
        Function.create(connection, name, new Call(body, errors, true), arguments, Function.FLAG_DETERMINISTIC);
    }

    /** A function that gives something else each time. */
    private void defineChanging(String name, int arguments, Body body) throws SQLException {
        Function.create(connection, name, new Call(body, errors, true), arguments, 0);
    }

    void defineWithNulls(String name, int arguments, Body body) throws SQLException {
        Function.create(connection, name, new Call(body, errors, false), arguments, Function.FLAG_DETERMINISTIC);
    }

    private static final class Call extends Function {

        private static final int INTEGER = 1;
        private static final int FLOAT = 2;
        private static final int BLOB = 4;
        private static final int NULL = 5;

        private final Body body;
        private final Errors errors;
        private final boolean nullGivesNull;

        Call(Body body, Errors errors, boolean nullGivesNull) {
            this.body = body;
            this.errors = errors;
            this.nullGivesNull = nullGivesNull;
        }

        @Override
        protected void xFunc() throws SQLException {
            @Nullable Object[] arguments = new Object[args()];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = argument(i);
                if (arguments[i] == null && nullGivesNull) {
                    result();
                    return;
                }
            }
            try {
                give(body.apply(arguments));
            } catch (StatementException e) {
                errors.raised(e);
                error(e.getMessage());
            }
        }

        private @Nullable Object argument(int i) throws SQLException {
            return switch (value_type(i)) {
                case INTEGER -> value_long(i);
                case FLOAT -> value_double(i);
                case BLOB -> Objects.requireNonNullElseGet(value_blob(i), () -> new byte[0]);
                case NULL -> null;
                default -> value_text(i);
            };
        }

        private void give(@Nullable Object value) throws SQLException {
            if (value == null) {
                result();
            } else if (value instanceof Long number) {
                result(number);
            } else if (value instanceof Double number) {
                result(number);
            } else if (value instanceof Boolean bool) {
                result(bool ? 1 : 0);
            } else if (value instanceof byte[] bytes) {
                result(bytes);
            } else {
                result(value.toString());
            }
        }
    }

    private static String text(Object[] arguments, int i) {
        return arguments.length > i ? String.valueOf(arguments[i]) : "";
    }

    private static int number(Object[] arguments, int i) {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, ((Number) arguments[i]).longValue()));
    }

    private void registerCasts() throws SQLException {
        Map<String, ColumnType> types = new HashMap<>();
        define("cast_to", ANY_NUMBER, arguments -> cast(types, arguments, false));
        define("assign_to", ANY_NUMBER, arguments -> cast(types, arguments, true));
        defineWithNulls("limit_of", 1, arguments -> count("LIMIT", "2201W", -1, arguments));
        defineWithNulls("offset_of", 1, arguments -> count("OFFSET", "2201X", 0, arguments));
    }

    private static Object cast(Map<String, ColumnType> types, Object[] arguments, boolean assigned) {
        ColumnType target = type(types, text(arguments, 1));
        ColumnType source = arguments.length > 2 ? type(types, text(arguments, 2)) : ColumnType.UNDECLARED;
        return SqlCasts.convert(arguments[0], target, source, assigned);
    }

    private static ColumnType type(Map<String, ColumnType> types, String name) {
        return types.computeIfAbsent(name, ColumnType::stored);
    }

    private static Object count(String what, String sqlState, long none, Object[] arguments) {
        if (arguments[0] == null) {
            return none;
        }
        Object count = SqlCasts.convert(arguments[0], ColumnType.of(Kind.BIGINT), ColumnType.UNDECLARED, false);
        if ((Long) count < 0) {
            throw Refusal.of(what + " must not be negative", sqlState);
        }
        return count;
    }

    private void registerText() throws SQLException {
        define("lower", 1, arguments -> TextFunctions.mapped(text(arguments, 0), Character::toLowerCase));
        define("upper", 1, arguments -> TextFunctions.mapped(text(arguments, 0), Character::toUpperCase));
        define("reverse", 1, arguments -> new StringBuilder(text(arguments, 0))
                .reverse()
                .toString());
        define("initcap", 1, arguments -> TextFunctions.initcap(text(arguments, 0)));
        define("md5", 1, arguments -> HEX.formatHex(digest("MD5", arguments[0])));
        define("sha256", 1, arguments -> digest("SHA-256", arguments[0]));
        define("bit_length", 1, arguments -> 8L * bytes(arguments[0]).length);
        define("translate", 3, a -> TextFunctions.translate(text(a, 0), text(a, 1), text(a, 2)));
        define("starts_with", 2, arguments -> text(arguments, 0).startsWith(text(arguments, 1)));
        define("first_letters", 2, arguments -> TextFunctions.left(text(arguments, 0), number(arguments, 1)));
        define("last_letters", 2, arguments -> TextFunctions.right(text(arguments, 0), number(arguments, 1)));
        define(
                "lpad",
                ANY_NUMBER,
                a -> TextFunctions.pad(text(a, 0), number(a, 1), a.length > 2 ? text(a, 2) : " ", true));
        define(
                "rpad",
                ANY_NUMBER,
                a -> TextFunctions.pad(text(a, 0), number(a, 1), a.length > 2 ? text(a, 2) : " ", false));
        define("repeat", 2, arguments -> text(arguments, 0).repeat(Math.max(0, number(arguments, 1))));
        define("split_part", 3, a -> TextFunctions.part(text(a, 0), text(a, 1), number(a, 2)));
        define("part_of_text", 2, a -> TextFunctions.substring(text(a, 0), number(a, 1), Integer.MAX_VALUE));
        define("part_of_text", 3, a -> TextFunctions.substring(text(a, 0), number(a, 1), number(a, 2)));
        define("overlay", 3, a -> TextFunctions.overlay(text(a, 0), text(a, 1), number(a, 2)));
        define("overlay", 4, a -> TextFunctions.overlay(text(a, 0), text(a, 1), number(a, 2), number(a, 3)));
        define("position_in", 2, a -> TextFunctions.position(text(a, 0), text(a, 1)));
        define("trim_letters", 2, a -> TextFunctions.trim(text(a, 1), text(a, 0), true, true));
        define("ltrim_letters", 2, a -> TextFunctions.trim(text(a, 1), text(a, 0), true, false));
        define("rtrim_letters", 2, a -> TextFunctions.trim(text(a, 1), text(a, 0), false, true));
        define("encode", 2, arguments -> encode((byte[]) arguments[0], text(arguments, 1)));
        define("decode", 2, arguments -> decode(text(arguments, 0), text(arguments, 1)));
        registerPatterns();
    }

    private void registerPatterns() throws SQLException {
        Function.create(connection, "regexp", new LikeIgnoringCase(), -1, Function.FLAG_DETERMINISTIC);
        LastPattern last = new LastPattern();
        define("matches", 2, a -> last.of(text(a, 1), 0).matcher(text(a, 0)).find());
        define("matches_ignoring_case", 2, a -> last.of(text(a, 1), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                .matcher(text(a, 0))
                .find());
        define("regexp_replace", ANY_NUMBER, arguments -> replace(last, arguments));
    }

    private static String replace(LastPattern last, Object[] a) {
        String flags = text(a, 3);
        int options = flags.contains("i") ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
        var matcher = last.of(text(a, 1), options).matcher(text(a, 0));
        String replacement = text(a, 2).replace("$", "\\$").replaceAll("\\\\([1-9])", "\\$$1");
        return flags.contains("g") ? matcher.replaceAll(replacement) : matcher.replaceFirst(replacement);
    }

    /** A statement mostly asks with the same pattern for each row. */
    private static final class LastPattern {

        private String text = "";
        private Pattern pattern = Pattern.compile("");

        Pattern of(String wanted, int flags) {
            if (!wanted.equals(text) || pattern.flags() != flags) {
                try {
                    pattern = Pattern.compile(wanted, flags);
                    text = wanted;
                } catch (PatternSyntaxException e) {
                    throw Refusal.of("invalid regular expression: " + e.getDescription(), "2201B");
                }
            }
            return pattern;
        }
    }

    private static byte[] bytes(Object value) {
        return value instanceof byte[] bytes ? bytes : String.valueOf(value).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] digest(String algorithm, Object value) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes(value));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(byte[] bytes, String format) {
        return switch (format) {
            case "hex" -> HEX.formatHex(bytes);
            case "base64" -> Base64.getMimeEncoder(76, new byte[] {'\n'}).encodeToString(bytes);
            default -> throw Refusal.unsupported("SQLite has encode() for hex and base64");
        };
    }

    private static byte[] decode(String text, String format) {
        return switch (format) {
            case "hex" -> HEX.parseHex(text);
            case "base64" -> Base64.getMimeDecoder().decode(text);
            default -> throw Refusal.unsupported("SQLite has decode() for hex and base64");
        };
    }

    private void registerNumbers() throws SQLException {
        define("divide", 2, arguments -> divide(arguments[0], arguments[1]));
        // Views, checks and indexes of older files still call these for decimals that are kept as doubles.
        define("divide_decimals", 2, a -> decimal(decimal(a[0]).divide(notZero(a[1]), Numbers.DIGITS)));
        define("remainder", 2, a -> decimal(decimal(a[0]).remainder(notZero(a[1]))));
        define("round_to_even", 1, arguments -> Math.rint(((Number) arguments[0]).doubleValue()));
        define("round", 1, a -> decimal(decimal(a[0]).setScale(0, RoundingMode.HALF_UP)));
        define("round_decimal", 2, a -> decimal(decimal(a[0]).setScale(number(a, 1), RoundingMode.HALF_UP)));
        define("trunc_decimal", 2, a -> decimal(decimal(a[0]).setScale(number(a, 1), RoundingMode.DOWN)));
        define("sqrt", 1, a -> squareRoot(((Number) a[0]).doubleValue()));
        define("ln", 1, a -> Math.log(logarithmOf(a[0])));
        define("log", 1, a -> Math.log10(logarithmOf(a[0])));
        define("log", 2, a -> Math.log(logarithmOf(a[1])) / Math.log(logarithmOf(a[0])));
        define("power", 2, a -> power(((Number) a[0]).doubleValue(), ((Number) a[1]).doubleValue()));
        define("bit_xor", 2, a -> ((Number) a[0]).longValue() ^ ((Number) a[1]).longValue());
        defineWithNulls("greatest", ANY_NUMBER, arguments -> Numbers.extreme(arguments, 1));
        defineWithNulls("least", ANY_NUMBER, arguments -> Numbers.extreme(arguments, -1));
        defineChanging("random", 0, arguments -> ThreadLocalRandom.current().nextDouble());
        defineChanging("gen_random_uuid", 0, arguments -> UUID.randomUUID());
    }

    private static double squareRoot(double value) {
        if (value < 0) {
            throw Refusal.of("cannot take square root of a negative number", "2201F");
        }
        return Math.sqrt(value);
    }

    private static double logarithmOf(Object value) {
        double number = ((Number) value).doubleValue();
        if (number <= 0) {
            throw Refusal.of("cannot take logarithm of " + (number == 0 ? "zero" : "a negative number"), "2201E");
        }
        return number;
    }

    private static double power(double base, double exponent) {
        if (base == 0 && exponent < 0) {
            throw Refusal.of("zero raised to a negative power is undefined", "2201F");
        }
        if (base < 0 && exponent != Math.rint(exponent)) {
            throw Refusal.of("a negative number raised to a non-integer power yields a complex result", "2201F");
        }
        double result = Math.pow(base, exponent);
        if (Double.isInfinite(result) && Double.isFinite(base) && Double.isFinite(exponent)) {
            throw Refusal.of("value out of range: overflow", "22003");
        }
        return result;
    }

    private static BigDecimal decimal(Object value) {
        return value instanceof Double number ? BigDecimal.valueOf(number) : new BigDecimal(String.valueOf(value));
    }

    private static Object decimal(BigDecimal value) {
        return SqlCasts.stored(value);
    }

    private static BigDecimal notZero(Object value) {
        BigDecimal divisor = decimal(value);
        if (divisor.signum() == 0) {
            throw Refusal.of("division by zero", "22012");
        }
        return divisor;
    }

    private static Object divide(Object a, Object b) {
        if (((Number) b).doubleValue() == 0) {
            throw Refusal.of("division by zero", "22012");
        }
        return a instanceof Long dividend && b instanceof Long divisor
                ? (Object) (dividend / divisor)
                : ((Number) a).doubleValue() / ((Number) b).doubleValue();
    }

    private void registerTimes(Supplier<OffsetDateTime> now) throws SQLException {
        defineChanging("now", 0, arguments -> Texts.of(now.get()));
        defineChanging("clock_timestamp", 0, arguments -> Texts.of(clock(now.get())));
        registerIntervals();
        define("add_days", 2, a -> SqlCasts.date(text(a, 0)).plusDays(number(a, 1)));
        define("subtract_days", 2, a -> SqlCasts.date(text(a, 0)).minusDays(number(a, 1)));
        define(
                "days_between",
                2,
                a -> SqlCasts.date(text(a, 0)).toEpochDay()
                        - SqlCasts.date(text(a, 1)).toEpochDay());
        define("date_trunc", 2, a -> Times.truncate(text(a, 0), text(a, 1)));
        define("date_trunc", 3, a -> Times.truncate(text(a, 0), text(a, 1), text(a, 2)));
        define("to_char", 2, a -> TimeFormats.format(text(a, 0), text(a, 1)));
        define("date_part", 2, a -> Times.part(text(a, 0), text(a, 1)));
        define("to_timestamp", 1, a -> Times.ofEpoch(((Number) a[0]).doubleValue()));
        define("local_time", 2, a -> Times.localTime(text(a, 0), text(a, 1)));
        define("time_at_zone", 2, a -> Times.atZone(text(a, 0), text(a, 1)));
    }

    /** Never before the transaction's beginning, which is asked for first as it may be now. */
    private static OffsetDateTime clock(OffsetDateTime began) {
        OffsetDateTime clock = OffsetDateTime.now(ZoneOffset.UTC);
        return clock.isBefore(began) ? began : clock;
    }

    private void registerIntervals() throws SQLException {
        define("add_interval", 2, a -> moved(a[0], interval(a[1])));
        define("subtract_interval", 2, a -> moved(a[0], interval(a[1]).negated()));
        define("interval_added", 2, a -> moved(a[1], interval(a[0])));
        define("plus_interval", 2, a -> interval(a[0]).plus(interval(a[1])));
        define("minus_interval", 2, a -> interval(a[0]).plus(interval(a[1]).negated()));
        define("negated_interval", 1, a -> interval(a[0]).negated());
        define("times_interval", 2, a -> a[0] instanceof Number ? scaled(a[1], a[0]) : scaled(a[0], a[1]));
        define("divide_interval", 2, a -> {
            double divisor = notZero(a[1]).doubleValue();
            return interval(a[0]).scaled(part -> part / divisor);
        });
        define("interval_between", 2, a -> Interval.between(moment(a[0]), moment(a[1])));
        define(
                "interval_length",
                1,
                a -> a[0] instanceof Number ? a[0] : interval(a[0]).length());
        define("interval_part", 2, a -> interval(a[1]).part(text(a, 0)));
    }

    private static Interval interval(Object value) {
        return Interval.parse(String.valueOf(value));
    }

    private static LocalDateTime moment(Object value) {
        return Texts.toLocalDateTime(String.valueOf(value));
    }

    private static String moved(Object time, Interval interval) {
        return Texts.of(interval.addedTo(moment(time)));
    }

    private static Interval scaled(Object interval, Object factor) {
        double number = ((Number) factor).doubleValue();
        return interval(interval).scaled(part -> part * number);
    }

    private void registerJson() throws SQLException {
        define(
                "->>",
                2,
                a -> JsonTexts.text(
                        JsonTexts.memberOfBinary(JsonTexts.parse(text(a, 0)), text(a, 1), a[1] instanceof Long)));
        define(
                "->",
                2,
                a -> json(JsonTexts.memberOfBinary(JsonTexts.parse(text(a, 0)), text(a, 1), a[1] instanceof Long)));
        define("jsonb_at", 2, a -> json(JsonTexts.at(JsonTexts.parse(text(a, 0)), JsonTexts.path(text(a, 1)))));
        define(
                "jsonb_text_at",
                2,
                a -> JsonTexts.text(JsonTexts.at(JsonTexts.parse(text(a, 0)), JsonTexts.path(text(a, 1)))));
        define("jsonb_contains", 2, a -> JsonTexts.contains(JsonTexts.parse(text(a, 0)), JsonTexts.parse(text(a, 1))));
        define("jsonb_contained", 2, a -> JsonTexts.contains(JsonTexts.parse(text(a, 1)), JsonTexts.parse(text(a, 0))));
        define("jsonb_exists", 2, a -> JsonTexts.exists(JsonTexts.parse(text(a, 0)), text(a, 1)));
        define(
                "jsonb_concat",
                2,
                a -> json(JsonTexts.concat(JsonTexts.parse(text(a, 0)), JsonTexts.parse(text(a, 1)))));
        define(
                "jsonb_without",
                2,
                a -> json(JsonTexts.without(JsonTexts.parse(text(a, 0)), text(a, 1), a[1] instanceof Long)));
        define(
                "jsonb_set",
                ANY_NUMBER,
                a -> json(JsonTexts.with(
                        JsonTexts.parse(text(a, 0)),
                        JsonTexts.path(text(a, 1)),
                        JsonTexts.parse(text(a, 2)),
                        a.length < 4 || a[3].equals(1L))));
        define("jsonb_array_length", 1, a -> JsonTexts.length(JsonTexts.parse(text(a, 0))));
        define(
                "jsonb_exists_any",
                2,
                a -> JsonTexts.existsAny(JsonTexts.parse(text(a, 0)), JsonTexts.path(text(a, 1))));
        define(
                "jsonb_exists_all",
                2,
                a -> JsonTexts.existsAll(JsonTexts.parse(text(a, 0)), JsonTexts.path(text(a, 1))));
        define(
                "jsonb_without_path",
                2,
                a -> json(JsonTexts.withoutPath(JsonTexts.parse(text(a, 0)), JsonTexts.path(text(a, 1)))));
        define("jsonb_typeof", 1, a -> JsonTexts.typeOf(JsonTexts.parse(text(a, 0))));
        define("jsonb_or_null", 2, a -> a[0].equals(a[1]) ? null : JsonTexts.canonical(text(a, 0)));
        define("to_json", 2, a -> JsonTexts.of(a[0], ColumnType.stored(text(a, 1))));
    }

    /** What stands behind functions that give rows. */
    private void registerRows() throws SQLException {
        define("json_elements", 1, a -> JsonTexts.elementTexts(JsonTexts.parse(text(a, 0)), false));
        define("json_element_texts", 1, a -> JsonTexts.elementTexts(JsonTexts.parse(text(a, 0)), true));
        define("json_members", 1, a -> JsonTexts.memberTexts(JsonTexts.parse(text(a, 0)), false));
        define("json_member_texts", 1, a -> JsonTexts.memberTexts(JsonTexts.parse(text(a, 0)), true));
        define("json_keys", 1, a -> JsonTexts.keys(JsonTexts.parse(text(a, 0))));
        define("json_member", 2, a -> json(JsonTexts.member(JsonTexts.parse(text(a, 0)), text(a, 1), false)));
        define(
                "json_member_text",
                2,
                a -> JsonTexts.text(JsonTexts.member(JsonTexts.parse(text(a, 0)), text(a, 1), false)));
        defineWithNulls(
                "json_rows",
                ANY_NUMBER,
                a -> JsonTexts.rows(Arrays.stream(a)
                        .map(array -> array == null ? List.of() : JsonTexts.parse(String.valueOf(array)))
                        .toList()));
    }

    private static @Nullable String json(@Nullable Object value) {
        return value == null ? null : JsonTexts.write(value);
    }

    /** {@code text ILIKE pattern ESCAPE escape}: SQLite passes the pattern first. */
    private static final class LikeIgnoringCase extends Function {

        private String lastPattern = "";
        private Pattern compiled = Pattern.compile("");

        @Override
        protected void xFunc() throws SQLException {
            @Nullable String pattern = value_text(0);
            @Nullable String text = value_text(1);
            if (pattern == null || text == null) {
                result();
                return;
            }
            String escape = args() > 2 ? value_text(2) : "";
            result(compiled(pattern, escape).matcher(text).matches() ? 1 : 0);
        }

        private Pattern compiled(String pattern, String escape) {
            String key = escape + '\0' + pattern;
            if (!key.equals(lastPattern)) {
                compiled = compile(pattern, escape.isEmpty() ? '\0' : escape.charAt(0));
                lastPattern = key;
            }
            return compiled;
        }

        private static Pattern compile(String pattern, char escape) {
            StringBuilder regex = new StringBuilder();
            for (int i = 0; i < pattern.length(); i++) {
                char c = pattern.charAt(i);
                if (c == escape && i + 1 < pattern.length()) {
                    i++;
                    regex.append(Pattern.quote(pattern.substring(i, i + 1)));
                } else if (c == '%') {
                    regex.append(".*");
                } else if (c == '_') {
                    regex.append('.');
                } else {
                    regex.append(Pattern.quote(String.valueOf(c)));
                }
            }
            return Pattern.compile(regex.toString(), Pattern.DOTALL | Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        }
    }
}
