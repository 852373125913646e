package dev.plinth.runtime.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compares a single value with its schema, text counting as the number or boolean that it says. */
final class ScalarCheck {

    private ScalarCheck() {}

    static void check(Config value, Schema schema, Problems problems) {
        if (!isRight(value, schema)) {
            ConfigException wrong = value.wrongType(expected(schema));
            wrong.problems().stream()
                    .map(problem -> withHint(problem, value, schema))
                    .forEach(problems::add);
        }
    }

    /** What belongs here, in words. */
    static String expected(Schema schema) {
        if (!schema.enumeration().isEmpty()) {
            return schema.typeInWords();
        }
        if (schema.isDuration()) {
            return "a duration such as \"30s\", \"PT1M\" or {seconds: 30}";
        }
        return String.join(
                " or ",
                schema.types().stream().map(type -> inWords(type, schema)).toList());
    }

    private static String inWords(String type, Schema schema) {
        return switch (type) {
            case "string" -> schema.allowsEmptyText() ? "a text" : "a non-empty text";
            case "integer" -> "a whole number" + bounds(schema);
            case "number" -> "a number" + bounds(schema);
            case "boolean" -> "true or false";
            case "array" -> "a list";
            case "object" -> "an object";
            default -> type;
        };
    }

    private static String bounds(Schema schema) {
        Optional<String> least = schema.minimum().map(JsonWriter::plain);
        Optional<String> most = schema.maximum().map(JsonWriter::plain);
        if (least.isPresent() && most.isPresent()) {
            return " from " + least.get() + " to " + most.get();
        }
        return least.map(bound -> " of at least " + bound)
                .or(() -> most.map(bound -> " of at most " + bound))
                .orElse("");
    }

    private static Problem withHint(Problem problem, Config value, Schema schema) {
        return Problem.error(problem.code(), problem.key(), problem.source(), problem.message(), hint(value, schema));
    }

    private static String hint(Config value, Schema schema) {
        if (schema.isDuration()) {
            return "add a unit, as in 30s";
        }
        if (schema.types().equals(List.of("array"))) {
            return "put it in brackets, as in [a, b]";
        }
        boolean unquoted = schema.types().equals(List.of("string")) && !value.isText();
        return unquoted ? "put it in quotes" : "";
    }

    private static boolean isRight(Config value, Schema schema) {
        List<Object> allowed = schema.enumeration();
        if (!allowed.isEmpty()) {
            return allowed.contains(String.valueOf(value.toPlain()));
        }
        Object plain = value.toPlain();
        if (plain == null) {
            return true;
        }
        if (schema.isDuration()) {
            return plain instanceof String text
                    ? Durations.parse(text).isPresent()
                    : schema.types().contains("integer") && fits(plain, "integer", schema);
        }
        List<String> types = schema.types();
        for (String type : types) {
            if (fits(plain, type, schema)) {
                return true;
            }
        }
        return types.isEmpty();
    }

    private static boolean fits(Object value, String type, Schema schema) {
        return switch (type) {
            case "string" -> value instanceof String text && fits(text, schema);
            case "integer" -> Config.toWholeNumber(value) != null && isWithin(Config.toNumber(value), schema);
            case "number" -> isWithin(Config.toNumber(value), schema);
            case "boolean" -> Config.toBoolean(value) != null;
            default -> false;
        };
    }

    private static boolean fits(String text, Schema schema) {
        return (schema.allowsEmptyText() || !text.isEmpty())
                && (schema.pattern().isEmpty() || Schema.finds(schema.pattern().get(), text));
    }

    private static boolean isWithin(@Nullable Double number, Schema schema) {
        return number != null
                && number >= schema.minimum().orElse(Double.NEGATIVE_INFINITY)
                && number <= schema.maximum().orElse(Double.POSITIVE_INFINITY);
    }
}
