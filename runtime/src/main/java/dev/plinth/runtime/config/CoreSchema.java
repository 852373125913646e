package dev.plinth.runtime.config;

import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The scalars of YAML 1.2's core schema. */
final class CoreSchema {

    private static final String TAG = "tag:yaml.org,2002:";
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Map<String, Boolean> BOOLEANS =
            Map.of("true", true, "True", true, "TRUE", true, "false", false, "False", false, "FALSE", false);

    /** Digits that a long always has room for. */
    private static final int SHORT_INTEGER = 18;

    private CoreSchema() {}

    /** A plain scalar without a tag. */
    static @Nullable Object resolve(String text) {
        if (NULLS.contains(text)) {
            return null;
        }
        Boolean bool = BOOLEANS.get(text);
        if (bool != null) {
            return bool;
        }
        Number number = number(text);
        return number == null ? text : number;
    }

    /** Whether a tag on a scalar is one of the core schema's. */
    static boolean isKnown(String tag) {
        return tag.startsWith(TAG)
                && Set.of("str", "int", "float", "bool", "null").contains(tag.substring(TAG.length()));
    }

    /** A scalar with a tag. One that does not fit its tag stays text, as one with an unknown tag does. */
    static @Nullable Object resolve(String tag, String text) {
        Object value = resolve(text);
        return switch (tag) {
            case TAG + "null" -> value == null ? null : text;
            case TAG + "bool" -> value instanceof Boolean ? value : text;
            case TAG + "int", TAG + "float" -> value instanceof Number ? value : text;
            default -> text;
        };
    }

    private static @Nullable Number number(String text) {
        char first = text.charAt(0);
        if ((first < '0' || first > '9') && first != '-' && first != '+' && first != '.') {
            return null;
        }
        if (isShortInteger(text)) {
            // Most numbers; the patterns below cost a start more than all of these.
            return Long.parseLong(text);
        }
        return Numbers.read(text).orElse(null);
    }

    private static boolean isShortInteger(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return text.length() <= SHORT_INTEGER;
    }

    static Number narrow(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
    }

    /** Numbers of every form. A class of its own, as many configurations need none of its patterns. */
    private static final class Numbers {

        private static final Pattern INTEGER = Pattern.compile("([-+]?)([0-9]+)|0o([0-7]+)|0x([0-9a-fA-F]+)");
        private static final Pattern FLOAT =
                Pattern.compile("[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?");
        private static final Pattern INFINITY = Pattern.compile("([-+]?)\\.(?:inf|Inf|INF)");
        private static final Set<String> NOT_A_NUMBER = Set.of(".nan", ".NaN", ".NAN");

        /** Longer ones are no numbers that anybody wrote by hand, and slow to convert. */
        private static final int LONGEST_INTEGER = 40;

        static Optional<Number> read(String text) {
            Matcher integer = INTEGER.matcher(text);
            if (integer.matches() && text.length() <= LONGEST_INTEGER) {
                return Optional.of(integer(integer));
            }
            if (FLOAT.matcher(text).matches()) {
                return Optional.of(Double.valueOf(text));
            }
            Matcher infinity = INFINITY.matcher(text);
            if (infinity.matches()) {
                return Optional.of("-".equals(infinity.group(1)) ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
            }
            return NOT_A_NUMBER.contains(text) ? Optional.of(Double.NaN) : Optional.empty();
        }

        private static Number integer(Matcher matcher) {
            if (matcher.group(3) != null) {
                return narrow(new BigInteger(matcher.group(3), 8));
            }
            if (matcher.group(4) != null) {
                return narrow(new BigInteger(matcher.group(4), 16));
            }
            BigInteger value = new BigInteger(matcher.group(2));
            return narrow("-".equals(matcher.group(1)) ? value.negate() : value);
        }
    }
}
