package dev.plinth.runtime.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One value of the configuration, immutable, with its origin. */
public sealed interface ConfigNode {

    Origin origin();

    /** Keys in the order of the files. */
    record Mapping(Map<String, ConfigNode> entries, Origin origin) implements ConfigNode {}

    record Sequence(List<ConfigNode> items, Origin origin) implements ConfigNode {}

    /**
     * A single value.
     *
     * @param value a String, Boolean, Long, BigInteger, Double, or null
     * @param secret whether it must be masked wherever it is shown, because of where it came from ({@code $file}, a
     *     substituted variable under a key that no schema describes)
     * @param variables the names of the variables that a substitution took the value from; empty for one as it was written
     */
    record Scalar(@Nullable Object value, Origin origin, boolean secret, List<String> variables) implements ConfigNode {

        public Scalar {
            variables = List.copyOf(variables);
        }

        public Scalar(@Nullable Object value, Origin origin, boolean secret) {
            this(value, origin, secret, List.of());
        }

        /** Never prints the value: it may be a password. */
        @Override
        public String toString() {
            return "Scalar[" + origin + "]";
        }
    }
}
