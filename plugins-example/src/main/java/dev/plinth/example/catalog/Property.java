package dev.plinth.example.catalog;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One value of an entity, by which it can be found.
 *
 * @param name its dotted path, such as {@code spec.type}, folded; lists have no steps of their own, and each text in a list is
 *     also the last step of a name with the value {@code true}, such as {@code metadata.tags.java}
 * @param value as shown; null for no value, and for one so long that nobody would search for it
 * @param folded as compared
 */
record Property(String name, @Nullable String value, @Nullable String folded) {

    private static final int MAX_LENGTH = 200;

    /** All properties of an entity, each once. */
    static Collection<Property> of(JsonObject entity) {
        Map<String, Property> properties = new LinkedHashMap<>();
        visit("", entity, properties);
        return properties.values();
    }

    private static void visit(String name, @Nullable Object value, Map<String, Property> properties) {
        if (value instanceof JsonObject object) {
            object.forEach(entry ->
                    visit(name.isEmpty() ? entry.getKey() : name + "." + entry.getKey(), entry.getValue(), properties));
        } else if (value instanceof JsonArray array) {
            array.forEach(element -> visitElement(name, element, properties));
        } else {
            add(name, value, properties);
        }
    }

    private static void visitElement(String name, @Nullable Object element, Map<String, Property> properties) {
        visit(name, element, properties);
        if (element instanceof String text) {
            add(name + "." + text, true, properties);
        }
    }

    private static void add(String name, @Nullable Object value, Map<String, Property> properties) {
        if (name.length() <= MAX_LENGTH) {
            Property property = property(Texts.fold(name), text(value));
            properties.putIfAbsent(property.name + "\0" + property.folded, property);
        }
    }

    private static Property property(String name, @Nullable String value) {
        return value == null || value.length() > MAX_LENGTH
                ? new Property(name, null, null)
                : new Property(name, name.equals("kind") ? Kind.spelling(value) : value, Texts.fold(value));
    }

    /** Whole numbers look the same whether written 1 or 1.0. */
    private static @Nullable String text(@Nullable Object value) {
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
            return String.valueOf(number.longValue());
        }
        return value == null ? null : value.toString();
    }
}
