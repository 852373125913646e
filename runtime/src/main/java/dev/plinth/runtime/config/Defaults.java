package dev.plinth.runtime.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fills in what a schema gives as default. */
final class Defaults {

    private Defaults() {}

    /** The value with defaults at the places where nothing is set; null when there is neither. */
    static @Nullable ConfigNode fill(@Nullable ConfigNode node, Schema schema) {
        if (node == null || Nodes.isNull(node)) {
            ConfigNode given = schema.defaultValue().map(Defaults::ofDefault).orElse(null);
            return given == null || given instanceof ConfigNode.Mapping ? object(given, schema) : given;
        }
        return node instanceof ConfigNode.Mapping ? object(node, schema) : node;
    }

    private static @Nullable ConfigNode object(@Nullable ConfigNode node, Schema schema) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        if (node instanceof ConfigNode.Mapping mapping) {
            entries.putAll(mapping.entries());
        }
        for (String name : schema.propertyNames()) {
            schema.property(name)
                    .map(child -> fill(entries.get(name), child))
                    .ifPresent(value -> entries.put(name, value));
        }
        if (node == null && entries.isEmpty()) {
            return null;
        }
        Origin origin = node == null ? Origin.DEFAULT : node.origin();
        return new ConfigNode.Mapping(Collections.unmodifiableMap(entries), origin);
    }

    private static ConfigNode ofDefault(ConfigNode node) {
        return Nodes.withOrigin(node, Origin.DEFAULT);
    }
}
