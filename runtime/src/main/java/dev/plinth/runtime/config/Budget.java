package dev.plinth.runtime.config;

/** Counts what one loading produces, so that a small file cannot grow into a large configuration. */
final class Budget {

    private int nodes;
    private long characters;
    private int includes;

    /** Counts one value with everything that is text in it. */
    void spend(ConfigNode node, KeyPath key) {
        nodes++;
        if (node instanceof ConfigNode.Scalar scalar && scalar.value() instanceof String text) {
            characters += text.length();
        }
        if (nodes > Limits.NODES) {
            throw tooLarge(key, node.origin(), "more than " + Limits.NODES + " values");
        }
        if (characters > Limits.CHARACTERS) {
            throw tooLarge(key, node.origin(), "more than " + Limits.CHARACTERS + " characters of text");
        }
    }

    void spendInclude(KeyPath key, Origin origin) {
        if (++includes > Limits.INCLUDES) {
            throw tooLarge(key, origin, "more than " + Limits.INCLUDES + " includes");
        }
    }

    private static ConfigException tooLarge(KeyPath key, Origin origin, String what) {
        return new ConfigException(Problem.error(
                "too-large",
                key.toString(),
                origin.toString(),
                "the configuration has " + what,
                "look for aliases or includes that multiply each other"));
    }
}
