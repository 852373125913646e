package dev.plinth.runtime.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A place in the configuration tree, whether or not something is there.
 *
 * <p>{@link #at} walks down; the getters read. Null counts as not set. Text is converted where a number, boolean or duration is
 * asked for. A getter without {@link Problems} throws {@link ConfigException}; one with {@link Problems} adds to them and
 * returns empty, so that everything wrong is reported at once. Immutable.
 */
public final class Config {

    private static final Set<String> TRUE = Set.of("y", "yes", "true", "1", "on");
    private static final Set<String> FALSE = Set.of("n", "no", "false", "0", "off");

    /** Of a wrong value in a message. */
    private static final int SHOWN = 80;

    /** Longer texts are no numbers, and slow to convert. */
    private static final int LONGEST_NUMBER = 40;

    private final KeyPath path;
    private final @Nullable ConfigNode node;

    private Config(KeyPath path, @Nullable ConfigNode node) {
        this.path = path;
        this.node = node;
    }

    /** The whole configuration. */
    public static Config root(ConfigNode root) {
        return new Config(KeyPath.ROOT, root);
    }

    /** A configuration without any value. */
    public static Config empty() {
        return new Config(KeyPath.ROOT, new ConfigNode.Mapping(Map.of(), Origin.DEFAULT));
    }

    /** The value at a dotted path below this one. Text, numbers and lists have nothing below them. */
    public Config at(String path) {
        Config result = this;
        for (String part : path.split("\\.", -1)) {
            result = result.child(part);
        }
        return result;
    }

    /** The value of one key, which may contain dots. */
    public Config child(String name) {
        ConfigNode child =
                node instanceof ConfigNode.Mapping mapping ? mapping.entries().get(name) : null;
        return new Config(path.child(name), child);
    }

    /** The dotted path of this place from the root. */
    public String key() {
        return path.toString();
    }

    public Optional<ConfigNode> node() {
        return Optional.ofNullable(node);
    }

    /** Whether there is a value other than null. */
    public boolean isPresent() {
        return node != null && !(node instanceof ConfigNode.Scalar scalar && scalar.value() == null);
    }

    public boolean isObject() {
        return node instanceof ConfigNode.Mapping;
    }

    public boolean isList() {
        return node instanceof ConfigNode.Sequence;
    }

    public boolean isText() {
        return node instanceof ConfigNode.Scalar scalar && scalar.value() instanceof String;
    }

    private boolean isScalar() {
        return node instanceof ConfigNode.Scalar;
    }

    /** This place with another value, as when a text is read as the object that it stands for. */
    public Config withNode(ConfigNode replacement) {
        return new Config(path, replacement);
    }

    /** Where the value stands, or {@code ""}. */
    public String source() {
        return node == null ? "" : node.origin().toString();
    }

    /** The keys below this one, in the order of the files; none when this is not an object. */
    public List<Config> children() {
        List<Config> children = new ArrayList<>();
        for (String name : childNames()) {
            children.add(child(name));
        }
        return children;
    }

    Set<String> childNames() {
        return node instanceof ConfigNode.Mapping mapping ? mapping.entries().keySet() : Set.of();
    }

    /** The name of this place in its parent, which may contain dots. */
    public String name() {
        return path.name();
    }

    /** The elements of a list; none when there is no value. */
    public List<Config> items() {
        if (!isPresent()) {
            return List.of();
        }
        if (!(node instanceof ConfigNode.Sequence sequence)) {
            throw wrongType("a list");
        }
        List<Config> items = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            items.add(new Config(path.element(i), sequence.items().get(i)));
        }
        return items;
    }

    public Optional<String> string() {
        return read("a non-empty text", value -> value instanceof String text && !text.isEmpty() ? text : null);
    }

    /** Text that is never shown, not even when it has the wrong type: an unquoted numeric password is still one. */
    public Optional<Secret> secret() {
        if (isPresent() && !isText()) {
            throw new ConfigException(problem(
                    "invalid-type",
                    "expected a text, got " + (isScalar() ? "another type" : describe()),
                    "put it in quotes"));
        }
        return read("a text", value -> value instanceof String text ? text : null)
                .map(Secret::new);
    }

    public Optional<Boolean> bool() {
        return read("true or false", Config::toBoolean);
    }

    public Optional<Long> wholeNumber() {
        return read("a whole number", Config::toWholeNumber);
    }

    public Optional<Double> number() {
        return read("a number", Config::toNumber);
    }

    /** Text such as {@code 30s}, {@code 2 minutes} or {@code PT1M}; an object such as {@code {minutes: 1}}. */
    public Optional<Duration> duration() {
        String expected = "a duration such as \"30s\", \"PT1M\" or {seconds: 30}";
        if (node instanceof ConfigNode.Mapping) {
            return Optional.of(Durations.ofObject(this)
                    .orElseThrow(
                            () -> wrongType("a duration such as {minutes: 1, seconds: 30}, of nothing but numbers of"
                                    + " milliseconds, seconds, minutes, hours, days and weeks")));
        }
        return read(
                expected,
                value -> value instanceof String text ? Durations.parse(text).orElse(null) : null);
    }

    public Optional<String> string(Problems problems) {
        return collect(problems, Config::string);
    }

    public Optional<Secret> secret(Problems problems) {
        return collect(problems, Config::secret);
    }

    public Optional<Boolean> bool(Problems problems) {
        return collect(problems, Config::bool);
    }

    public Optional<Long> wholeNumber(Problems problems) {
        return collect(problems, Config::wholeNumber);
    }

    public Optional<Double> number(Problems problems) {
        return collect(problems, Config::number);
    }

    public Optional<Duration> duration(Problems problems) {
        return collect(problems, Config::duration);
    }

    public List<Config> items(Problems problems) {
        return collect(problems, config -> Optional.of(config.items())).orElse(List.of());
    }

    /** A problem at this place. */
    public Problem problem(String code, String message, String hint) {
        return Problem.error(code, key(), source(), message, hint);
    }

    /** A problem that says what was expected here and what is there; a text that may be a secret is not shown. */
    public ConfigException wrongType(String expected) {
        return new ConfigException(problem("invalid-type", "expected " + expected + ", got " + describe(), ""));
    }

    /** Plain Java values: maps, lists, text, numbers, booleans, null. */
    public @Nullable Object toPlain() {
        return node == null ? null : toPlain(node);
    }

    private static @Nullable Object toPlain(ConfigNode node) {
        if (node instanceof ConfigNode.Mapping mapping) {
            Map<String, @Nullable Object> plain = new LinkedHashMap<>();
            for (Map.Entry<String, ConfigNode> entry : mapping.entries().entrySet()) {
                plain.put(entry.getKey(), toPlain(entry.getValue()));
            }
            return plain;
        }
        if (node instanceof ConfigNode.Sequence sequence) {
            List<@Nullable Object> plain = new ArrayList<>();
            for (ConfigNode item : sequence.items()) {
                plain.add(toPlain(item));
            }
            return plain;
        }
        return ((ConfigNode.Scalar) node).value();
    }

    private <T> Optional<T> collect(Problems problems, Function<Config, Optional<T>> getter) {
        try {
            return getter.apply(this);
        } catch (ConfigException e) {
            problems.addAll(e.problems());
            return Optional.empty();
        }
    }

    private <T> Optional<T> read(String expected, Function<Object, @Nullable T> convert) {
        if (!isPresent()) {
            return Optional.empty();
        }
        Object value = node instanceof ConfigNode.Scalar scalar ? scalar.value() : null;
        T converted = value == null ? null : convert.apply(value);
        if (converted == null) {
            throw wrongType(expected);
        }
        return Optional.of(converted);
    }

    private String describe() {
        if (node instanceof ConfigNode.Mapping) {
            return "an object";
        }
        if (node instanceof ConfigNode.Sequence) {
            return "a list";
        }
        if (node instanceof ConfigNode.Scalar scalar && scalar.value() != null) {
            if (scalar.secret()) {
                return scalar.value() instanceof String ? "a text that is not shown" : "a value that is not shown";
            }
            return scalar.value() instanceof String text
                    ? "\"" + shortened(Masking.url(text)) + "\""
                    : shortened(JsonWriter.plain(scalar.value()));
        }
        return "nothing";
    }

    private static String shortened(String text) {
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    }

    static @Nullable Boolean toBoolean(Object value) {
        if (value instanceof Boolean bool) {
            return bool;
        }
        // A variable that says 1 has become a number by the time that it is read here.
        String text = value instanceof String || value instanceof Long
                ? String.valueOf(value).strip().toLowerCase(Locale.ROOT)
                : "";
        return TRUE.contains(text) ? Boolean.TRUE : FALSE.contains(text) ? Boolean.FALSE : null;
    }

    static @Nullable Long toWholeNumber(Object value) {
        try {
            if (value instanceof Long
                    || value instanceof Double
                    || value instanceof BigInteger
                    || (value instanceof String text && text.length() <= LONGEST_NUMBER)) {
                return new BigDecimal(String.valueOf(value).trim()).longValueExact();
            }
            return null;
        } catch (ArithmeticException | NumberFormatException e) {
            return null;
        }
    }

    static @Nullable Double toNumber(Object value) {
        try {
            if (value instanceof Number number) {
                return number.doubleValue();
            }
            double number = value instanceof String text && text.length() <= LONGEST_NUMBER
                    ? Double.parseDouble(text.trim())
                    : Double.NaN;
            return Double.isFinite(number) ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
