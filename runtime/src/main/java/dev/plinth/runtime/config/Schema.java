package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One place of a JSON Schema (2020-12), read as it is asked.
 *
 * <p>Understood are local {@code $ref}, {@code type}, {@code properties}, {@code patternProperties},
 * {@code additionalProperties}, {@code required}, {@code items}, {@code enum}, {@code const}, {@code minimum}, {@code maximum},
 * {@code minLength}, {@code pattern}, {@code format: duration}, {@code default}, {@code description}, {@code deprecated}, and
 * {@code secret}, which is ours. Immutable.
 */
final class Schema {

    private static final int MAX_REFERENCES = 16;

    private final Config keywords;
    private final Config target;
    private final Config document;

    private Schema(Config keywords, Config document) {
        this.keywords = keywords;
        this.document = document;
        this.target = follow(keywords, document);
    }

    static Schema of(Config document) {
        return new Schema(document, document);
    }

    private static Config follow(Config keywords, Config document) {
        Config place = keywords;
        for (int i = 0; i < MAX_REFERENCES; i++) {
            Object reference = place.child("$ref").toPlain();
            if (!(reference instanceof String text) || !text.startsWith("#/")) {
                return place;
            }
            place = document;
            for (String step : text.substring(2).split("/", -1)) {
                place = place.child(step.replace("~1", "/").replace("~0", "~"));
            }
        }
        return place;
    }

    /** A keyword beside the reference goes before the same one in what is referred to. */
    private Config keyword(String name) {
        Config own = keywords.child(name);
        return own.node().isPresent() ? own : target.child(name);
    }

    /** The JSON types allowed; none when any is. */
    List<String> types() {
        Object type = keyword("type").toPlain();
        if (!(type instanceof List<?> list)) {
            return type == null ? List.of() : List.of(String.valueOf(type));
        }
        List<String> types = new ArrayList<>();
        for (Object each : list) {
            types.add(String.valueOf(each));
        }
        return types;
    }

    boolean allows(String type) {
        List<String> types = types();
        return types.isEmpty() ? enumeration().isEmpty() || !isStructured(type) : types.contains(type);
    }

    private static boolean isStructured(String type) {
        return type.equals("object") || type.equals("array");
    }

    /** The schema of the value at a key of this object; empty when the schema says nothing of it. */
    Optional<Schema> property(String name) {
        Config own = keyword("properties").child(name);
        if (own.node().isPresent()) {
            return Optional.of(new Schema(own, document));
        }
        Config patterns = keyword("patternProperties");
        for (String expression : patterns.childNames()) {
            if (finds(expression, name)) {
                return Optional.of(new Schema(patterns.child(expression), document));
            }
        }
        Config rest = keyword("additionalProperties");
        return rest.isObject() ? Optional.of(new Schema(rest, document)) : Optional.empty();
    }

    /** Whether a key may stand here that {@link #property} knows nothing of. */
    boolean isOpen() {
        return !Boolean.FALSE.equals(keyword("additionalProperties").toPlain());
    }

    /** The keys that are described by name. */
    List<String> propertyNames() {
        return List.copyOf(keyword("properties").childNames());
    }

    /** The schema of keys that are not described by name, such as plugin ids. */
    Optional<Schema> rest() {
        Config rest = keyword("additionalProperties");
        return rest.isObject() ? Optional.of(new Schema(rest, document)) : Optional.empty();
    }

    List<String> required() {
        List<String> names = new ArrayList<>();
        if (keyword("required").toPlain() instanceof List<?> list) {
            list.forEach(name -> names.add(String.valueOf(name)));
        }
        return names;
    }

    Optional<Schema> items() {
        Config items = keyword("items");
        return items.isObject() ? Optional.of(new Schema(items, document)) : Optional.empty();
    }

    /** The values allowed; none when the schema does not list them. */
    List<Object> enumeration() {
        List<Object> values = new ArrayList<>();
        if (keyword("enum").toPlain() instanceof List<?> list) {
            list.forEach(value -> values.add(String.valueOf(value)));
        }
        Object constant = keyword("const").toPlain();
        if (constant != null) {
            values.add(constant);
        }
        return values;
    }

    Optional<Double> minimum() {
        return keyword("minimum").toPlain() instanceof Number number
                ? Optional.of(number.doubleValue())
                : Optional.empty();
    }

    Optional<Double> maximum() {
        return keyword("maximum").toPlain() instanceof Number number
                ? Optional.of(number.doubleValue())
                : Optional.empty();
    }

    boolean allowsEmptyText() {
        return !(keyword("minLength").toPlain() instanceof Number length && length.longValue() > 0);
    }

    Optional<String> pattern() {
        return text("pattern");
    }

    static boolean finds(String expression, String text) {
        try {
            return Pattern.compile(expression).matcher(text).find();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    boolean isDuration() {
        return "duration".equals(keyword("format").toPlain());
    }

    Optional<ConfigNode> defaultValue() {
        return keyword("default").node();
    }

    String description() {
        return text("description").orElse("");
    }

    /** Whether values here must be masked; empty when the schema does not say. */
    Optional<Boolean> secret() {
        return keyword("secret").toPlain() instanceof Boolean secret ? Optional.of(secret) : Optional.empty();
    }

    /** Why the key should not be used any more; empty when it may, or {@code ""} without a reason. */
    Optional<String> deprecated() {
        Object value = keyword("deprecated").toPlain();
        if (value instanceof String reason) {
            return Optional.of(reason);
        }
        return Boolean.TRUE.equals(value) ? Optional.of("") : Optional.empty();
    }

    /** The type in words: {@code text}, {@code whole number}, {@code "a" or "b"}. */
    String typeInWords() {
        if (!enumeration().isEmpty()) {
            return String.join(
                    " or ",
                    enumeration().stream().map(value -> "\"" + value + "\"").toList());
        }
        if (isDuration()) {
            return "duration";
        }
        return String.join(" or ", types().stream().map(Schema::inWords).toList());
    }

    private static String inWords(String type) {
        return switch (type) {
            case "string" -> "text";
            case "integer" -> "whole number";
            case "boolean" -> "true or false";
            case "array" -> "list";
            default -> type;
        };
    }

    private Optional<String> text(String name) {
        return keyword(name).toPlain() instanceof String text ? Optional.of(text) : Optional.empty();
    }
}
