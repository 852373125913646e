package dev.plinth.runtime.config;

import org.jspecify.annotations.Nullable;

/** Small operations on nodes. */
final class Nodes {

    private Nodes() {}

    static ConfigNode withOrigin(ConfigNode node, Origin origin) {
        if (node instanceof ConfigNode.Mapping mapping) {
            return new ConfigNode.Mapping(mapping.entries(), origin);
        }
        if (node instanceof ConfigNode.Sequence sequence) {
            return new ConfigNode.Sequence(sequence.items(), origin);
        }
        ConfigNode.Scalar scalar = (ConfigNode.Scalar) node;
        return new ConfigNode.Scalar(scalar.value(), origin, scalar.secret(), scalar.variables());
    }

    static boolean isNull(@Nullable ConfigNode node) {
        return node instanceof ConfigNode.Scalar scalar && scalar.value() == null;
    }
}
