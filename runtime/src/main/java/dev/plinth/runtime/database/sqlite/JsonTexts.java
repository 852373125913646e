package dev.plinth.runtime.database.sqlite;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** JSON as PostgreSQL's {@code jsonb} keeps and writes it: keys by length and bytes, numbers in full, a blank behind each mark. */
final class JsonTexts {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final Comparator<String> KEYS = Comparator.<String>comparingInt(
                    key -> key.getBytes(StandardCharsets.UTF_8).length)
            .thenComparing(key -> key.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    private static final Pattern NUL = Pattern.compile("(?<!\\\\)(?:\\\\\\\\)*\\\\u0000");

    private JsonTexts() {}

    /** Stands for the value null, which differs from nothing. */
    enum Null {
        NULL
    }

    /**
     * An object as a map, an array as a list, a string, a boolean, a number as {@link BigDecimal}, or {@link Null}. Fails with
     * SQLSTATE 22P02 when this is no JSON.
     */
    static Object parse(String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            parser.nextToken();
            Object value = read(parser);
            if (parser.nextToken() != null) {
                throw invalid();
            }
            return value;
        } catch (IOException e) {
            throw invalid();
        }
    }

    private static RuntimeException invalid() {
        return Refusal.of("invalid input syntax for type json", "22P02");
    }

    private static Object read(JsonParser parser) throws IOException {
        @Nullable JsonToken token = parser.currentToken();
        if (token == null) {
            throw invalid();
        }
        return switch (token) {
            case START_OBJECT -> readObject(parser);
            case START_ARRAY -> readArray(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new BigDecimal(parser.getText());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> Null.NULL;
            default -> throw invalid();
        };
    }

    private static Map<String, Object> readObject(JsonParser parser) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            object.put(key, read(parser));
        }
        return object;
    }

    private static List<Object> readArray(JsonParser parser) throws IOException {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(read(parser));
        }
        return array;
    }

    /** As {@code jsonb} writes it. */
    static String canonical(String text) {
        String canonical = write(parse(text));
        if (canonical.contains("\\u0000") && NUL.matcher(canonical).find()) {
            throw Refusal.of("unsupported Unicode escape sequence", "22P05");
        }
        return canonical;
    }

    static String write(Object value) {
        StringBuilder text = new StringBuilder();
        write(value, text);
        return text.toString();
    }

    private static void write(Object value, StringBuilder text) {
        if (value instanceof Map<?, ?> object) {
            text.append('{');
            writeMembers(object, text);
            text.append('}');
        } else if (value instanceof List<?> array) {
            text.append('[');
            writeElements(array, text);
            text.append(']');
        } else if (value instanceof String string) {
            text.append('"');
            JsonStringEncoder.getInstance().quoteAsString(string, text);
            text.append('"');
        } else if (value instanceof BigDecimal number) {
            text.append((number.scale() < 0 ? number.setScale(0) : number).toPlainString());
        } else {
            text.append(value == Null.NULL ? "null" : value.toString());
        }
    }

    private static void writeMembers(Map<?, ?> object, StringBuilder text) {
        List<String> keys =
                object.keySet().stream().map(String.class::cast).sorted(KEYS).toList();
        for (int i = 0; i < keys.size(); i++) {
            text.append(i == 0 ? "" : ", ");
            write(keys.get(i), text);
            text.append(": ");
            Object member = object.get(keys.get(i));
            write(member == null ? Null.NULL : member, text);
        }
    }

    private static void writeElements(List<?> array, StringBuilder text) {
        for (int i = 0; i < array.size(); i++) {
            text.append(i == 0 ? "" : ", ");
            write(array.get(i), text);
        }
    }

    /** What {@code ->>} gives: a string without quotes, nothing for null. */
    static @Nullable String text(@Nullable Object value) {
        if (value == null || value == Null.NULL) {
            return null;
        }
        return value instanceof String string ? string : write(value);
    }

    /** The same, but that a single value is taken for an array of that one, as PostgreSQL does in its binary form. */
    static @Nullable Object memberOfBinary(@Nullable Object json, String key, boolean byPosition) {
        boolean single = byPosition && !(json instanceof Map<?, ?>) && !(json instanceof List<?>);
        return single && (key.equals("0") || key.equals("-1")) ? json : member(json, key, byPosition);
    }

    /** What is in an object under a key, or in an array at a position; null when there is nothing. */
    static @Nullable Object member(@Nullable Object json, String key, boolean byPosition) {
        if (json instanceof Map<?, ?> object && !byPosition) {
            return object.get(key);
        }
        if (json instanceof List<?> array && byPosition) {
            int index = Integer.parseInt(key);
            int position = index < 0 ? array.size() + index : index;
            return position >= 0 && position < array.size() ? array.get(position) : null;
        }
        return null;
    }

    /** Follows a path such as {@code {a,0,b}}. */
    static @Nullable Object at(Object json, List<String> path) {
        Object value = json;
        for (String step : path) {
            boolean position = value instanceof List<?>;
            if (position && !step.matches("-?\\d{1,9}")) {
                return null;
            }
            value = member(value, step, position);
        }
        return value;
    }

    /** The elements of an array as {@link SqlCasts} keeps it. */
    static List<String> path(String text) {
        List<?> elements = (List<?>) parse(text);
        return elements.stream().map(element -> String.valueOf(text(element))).toList();
    }

    /** The elements of {@code {a,"b c",0,NULL}}. */
    static List<@Nullable String> elements(String text) {
        String inner = text.strip();
        if (!inner.startsWith("{") || !inner.endsWith("}")) {
            throw Refusal.of("malformed array literal: \"" + text + "\"", "22P02");
        }
        inner = inner.substring(1, inner.length() - 1);
        List<@Nullable String> elements = new ArrayList<>();
        for (String element : inner.isBlank() ? new String[0] : inner.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")) {
            String stripped = element.strip();
            boolean quoted = stripped.length() > 1 && stripped.startsWith("\"") && stripped.endsWith("\"");
            String plain = quoted ? stripped.substring(1, stripped.length() - 1) : stripped;
            elements.add(!quoted && plain.equalsIgnoreCase("null") ? null : plain.replaceAll("\\\\(.)", "$1"));
        }
        return elements;
    }

    /** Whether all of the second is in the first, as {@code @>} has it. */
    static boolean contains(Object whole, Object part) {
        if (whole instanceof Map<?, ?> object && part instanceof Map<?, ?> wanted) {
            return wanted.entrySet().stream().allMatch(member -> {
                Object value = object.get(member.getKey());
                return value != null && contains(value, member.getValue());
            });
        }
        if (whole instanceof List<?> array) {
            List<?> wanted = part instanceof List<?> list ? list : part instanceof Map<?, ?> ? null : List.of(part);
            return wanted != null
                    && wanted.stream().allMatch(one -> array.stream().anyMatch(element -> contains(element, one)));
        }
        return equal(whole, part);
    }

    private static boolean equal(Object a, Object b) {
        if (a instanceof BigDecimal left && b instanceof BigDecimal right) {
            return left.compareTo(right) == 0;
        }
        return a.equals(b);
    }

    /** {@code a || b}: objects are merged, anything else is joined to an array. */
    static Object concat(Object a, Object b) {
        if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
            Map<Object, Object> merged = new LinkedHashMap<>(left);
            merged.putAll(right);
            return merged;
        }
        List<Object> joined = new ArrayList<>(a instanceof List<?> left ? left : List.of(a));
        joined.addAll(b instanceof List<?> right ? right : List.of(b));
        return joined;
    }

    /** {@code json - key}: without a member, a position, or all strings like it. */
    static Object without(Object json, String key, boolean byPosition) {
        if (json instanceof Map<?, ?> object) {
            Map<Object, Object> rest = new LinkedHashMap<>(object);
            rest.remove(key);
            return rest;
        }
        List<Object> rest = new ArrayList<>((List<?>) json);
        if (byPosition) {
            int index = Integer.parseInt(key);
            int position = index < 0 ? rest.size() + index : index;
            if (position >= 0 && position < rest.size()) {
                rest.remove(position);
            }
        } else {
            rest.removeIf(key::equals);
        }
        return rest;
    }

    /** {@code jsonb_set}: replaces what is at the path, or adds it to what its last step leads into. */
    static Object with(Object json, List<String> path, Object value, boolean create) {
        if (path.isEmpty()) {
            return json;
        }
        String step = path.get(0);
        if (json instanceof Map<?, ?> object) {
            Map<Object, Object> changed = new LinkedHashMap<>(object);
            Object member = object.get(step);
            if (path.size() == 1 && (member != null || create)) {
                changed.put(step, value);
            } else if (path.size() > 1 && member != null) {
                changed.put(step, with(member, path.subList(1, path.size()), value, create));
            }
            return changed;
        }
        return json instanceof List<?> array && step.matches("-?\\d{1,9}")
                ? withElement(array, path, value, create)
                : json;
    }

    private static List<Object> withElement(List<?> array, List<String> path, Object value, boolean create) {
        List<Object> changed = new ArrayList<>(array);
        int index = Integer.parseInt(path.get(0));
        int position = index < 0 ? array.size() + index : index;
        boolean there = position >= 0 && position < array.size();
        if (there && path.size() == 1) {
            changed.set(position, value);
        } else if (there) {
            changed.set(position, with(array.get(position), path.subList(1, path.size()), value, create));
        } else if (path.size() == 1 && create) {
            changed.add(position < 0 ? 0 : array.size(), value);
        }
        return changed;
    }

    /** Whether this is a key of an object, or a string in an array. */
    static boolean exists(Object json, String key) {
        return json instanceof Map<?, ?> object
                ? object.containsKey(key)
                : json instanceof List<?> array ? array.contains(key) : key.equals(json);
    }

    static boolean existsAny(Object json, List<String> keys) {
        return keys.stream().anyMatch(key -> exists(json, key));
    }

    static boolean existsAll(Object json, List<String> keys) {
        return keys.stream().allMatch(key -> exists(json, key));
    }

    static long length(Object json) {
        if (json instanceof List<?> array) {
            return array.size();
        }
        throw Refusal.of(
                "cannot get array length of a " + (json instanceof Map<?, ?> ? "non-array" : "scalar"), "22023");
    }

    /** {@code json #- path}: without what is at the path. */
    static Object withoutPath(Object json, List<String> path) {
        if (path.isEmpty()) {
            return json;
        }
        List<String> around = path.subList(0, path.size() - 1);
        String last = path.get(path.size() - 1);
        Object holder = at(json, around);
        boolean byPosition = holder instanceof List<?> && last.matches("-?\\d{1,9}");
        if (holder == null || (!(holder instanceof Map<?, ?>) && !byPosition)) {
            return json;
        }
        Object rest = without(holder, last, byPosition);
        return around.isEmpty() ? rest : with(json, around, rest, false);
    }

    /** A value of this type as JSON. */
    static String of(Object value, ColumnType type) {
        return switch (type.kind()) {
            case JSON, JSONB -> String.valueOf(value);
            case BOOLEAN -> String.valueOf(!value.equals(0L));
            case NUMERIC -> value.equals(Decimals.NAN) ? write(value) : SqlCasts.text(value, type);
            case TIMESTAMPTZ -> write(String.valueOf(value).replace(' ', 'T') + "+00:00");
            case TIMESTAMP -> write(String.valueOf(value).replace(' ', 'T'));
            default -> value instanceof Number ? SqlCasts.text(value, type) : write(String.valueOf(value));
        };
    }

    static String typeOf(Object value) {
        if (value instanceof Map<?, ?>) {
            return "object";
        } else if (value instanceof List<?>) {
            return "array";
        } else if (value instanceof String) {
            return "string";
        } else if (value instanceof BigDecimal) {
            return "number";
        }
        return value instanceof Boolean ? "boolean" : "null";
    }

    /** An array of the elements' texts, as they are in a {@link ColumnType.Kind#JSONB} or as {@code ->>} gives them. */
    static String elementTexts(Object json, boolean plain) {
        if (!(json instanceof List<?> array)) {
            throw Refusal.of("cannot extract elements from " + kindOf(json), "22023");
        }
        return write(array.stream().map(element -> told(element, plain)).toList());
    }

    private static Object told(Object value, boolean plain) {
        String text = plain ? text(value) : write(value);
        return text == null ? Null.NULL : text;
    }

    private static String kindOf(Object json) {
        return json instanceof Map<?, ?> ? "an object" : json instanceof List<?> ? "an array" : "a scalar";
    }

    /** An object of the members' texts. */
    static String memberTexts(Object json, boolean plain) {
        if (!(json instanceof Map<?, ?> object)) {
            throw Refusal.of("cannot deconstruct " + kindOf(json), "22023");
        }
        Map<Object, Object> texts = new LinkedHashMap<>();
        object.forEach((key, value) -> texts.put(key, told(value, plain)));
        return write(texts);
    }

    /** An array of the keys, in their order. */
    static String keys(Object json) {
        if (!(json instanceof Map<?, ?> object)) {
            throw Refusal.of("cannot call jsonb_object_keys on " + kindOf(json), "22023");
        }
        return write(
                object.keySet().stream().map(String.class::cast).sorted(KEYS).toList());
    }

    /** Arrays side by side: an array of rows, with null where one is shorter. */
    static String rows(List<Object> arrays) {
        int longest = arrays.stream()
                .mapToInt(array -> ((List<?>) array).size())
                .max()
                .orElse(0);
        List<Object> rows = new ArrayList<>();
        for (int i = 0; i < longest; i++) {
            int index = i;
            rows.add(arrays.stream()
                    .map(array -> index < ((List<?>) array).size() ? ((List<?>) array).get(index) : (Object) Null.NULL)
                    .toList());
        }
        return write(rows);
    }
}
