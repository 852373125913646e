package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is secret, and shows values without it.
 *
 * <p>Secret are: what a schema calls so, keys whose name says so, texts of {@code $file}, private keys, and what came from a
 * variable to a key that no schema describes. In URLs it is who logs in, and parameters whose name says so.
 */
public final class Masking {

    /** Stands for a secret wherever one would be shown. */
    public static final String MASK = "***";

    // Loops instead of lambdas below: every value of every start passes here, most of it not yet compiled.

    private static final Pattern AUTHORITY = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*://)([^\\s/?#]*)(\\S*)");
    private static final Pattern PARAMETER = Pattern.compile("([?&]([^=&\\s]+)=)([^&\\s]*)");
    private static final Pattern HOST_AND_PORT = Pattern.compile("[^:]*(?::\\d{1,5})?|\\[[^\\]]*\\](?::\\d{1,5})?");

    /**
     * What is known of a place.
     *
     * @param schema that describes it
     * @param isNamedSecret whether its key says that it is one
     * @param isInsideSecret whether a key above says that all below are
     */
    private record Place(Optional<Schema> schema, boolean isNamedSecret, boolean isInsideSecret) {

        Place below(String name, Optional<Schema> schemaBelow) {
            boolean holdsSecrets = isInsideSecret || SecretNames.holdsSecrets(name);
            return new Place(schemaBelow, holdsSecrets || SecretNames.isSecret(name), holdsSecrets);
        }

        Place below(String name) {
            return below(name, schema.isPresent() ? schema.get().property(name) : Optional.empty());
        }

        Place element() {
            Optional<Schema> items = schema.isPresent() ? schema.get().items() : schema;
            return new Place(items.isPresent() ? items : schema, isNamedSecret, isInsideSecret);
        }

        boolean isSecret(ConfigNode.Scalar scalar) {
            if (scalar.secret() || (scalar.value() instanceof String text && text.contains("PRIVATE KEY-----"))) {
                return true;
            }
            Optional<Boolean> said = schema.isPresent() ? schema.get().secret() : Optional.empty();
            if (said.isPresent()) {
                return said.get();
            }
            return isInsideSecret
                    || isNamedSecret
                    || (schema.isEmpty() && !scalar.variables().isEmpty());
        }
    }

    private Masking() {}

    /** The same tree with every secret marked as one, as far as the runtime's own schema knows. */
    static ConfigNode.Mapping mark(ConfigNode.Mapping root) {
        return mark(root, root, root.entries().keySet(), ConfigSchema.runtime());
    }

    /** The marked tree with the plugins' sections marked anew, as their schemas say. */
    static ConfigNode.Mapping mark(ConfigNode.Mapping root, ConfigNode.Mapping marked, ConfigSchema schema) {
        return mark(root, marked, schema.pluginIds(), schema);
    }

    private static ConfigNode.Mapping mark(
            ConfigNode.Mapping root, ConfigNode.Mapping marked, Set<String> sections, ConfigSchema schema) {
        Place nowhere = new Place(Optional.empty(), false, false);
        Map<String, ConfigNode> entries = new LinkedHashMap<>(marked.entries());
        for (Map.Entry<String, ConfigNode> entry : root.entries().entrySet()) {
            String name = entry.getKey();
            if (sections.contains(name)) {
                entries.put(name, mark(entry.getValue(), nowhere.below(name, schema.at(List.of(name)))));
            }
        }
        return new ConfigNode.Mapping(Collections.unmodifiableMap(entries), root.origin());
    }

    private static ConfigNode mark(ConfigNode node, Place place) {
        if (node instanceof ConfigNode.Mapping mapping) {
            Map<String, ConfigNode> entries = new LinkedHashMap<>();
            for (Map.Entry<String, ConfigNode> entry : mapping.entries().entrySet()) {
                entries.put(entry.getKey(), mark(entry.getValue(), place.below(entry.getKey())));
            }
            return new ConfigNode.Mapping(Collections.unmodifiableMap(entries), mapping.origin());
        }
        if (node instanceof ConfigNode.Sequence sequence) {
            Place element = place.element();
            List<ConfigNode> items = new ArrayList<>();
            for (ConfigNode item : sequence.items()) {
                items.add(mark(item, element));
            }
            return new ConfigNode.Sequence(Collections.unmodifiableList(items), sequence.origin());
        }
        ConfigNode.Scalar scalar = (ConfigNode.Scalar) node;
        boolean secret = scalar.value() != null && place.isSecret(scalar);
        return new ConfigNode.Scalar(scalar.value(), scalar.origin(), secret, scalar.variables());
    }

    /** Plain Java values as they are. */
    public static @Nullable Object revealed(ConfigNode node) {
        return Config.root(node).toPlain();
    }

    /** Plain Java values with {@value #MASK} in place of secrets. */
    public static @Nullable Object plain(ConfigNode node) {
        if (node instanceof ConfigNode.Mapping mapping) {
            Map<String, @Nullable Object> plain = new LinkedHashMap<>();
            mapping.entries().forEach((name, child) -> plain.put(name, plain(child)));
            return plain;
        }
        if (node instanceof ConfigNode.Sequence sequence) {
            List<@Nullable Object> plain = new ArrayList<>();
            sequence.items().forEach(item -> plain.add(plain(item)));
            return plain;
        }
        ConfigNode.Scalar scalar = (ConfigNode.Scalar) node;
        if (scalar.secret()) {
            return MASK;
        }
        return scalar.value() instanceof String text ? url(text) : scalar.value();
    }

    /**
     * A text for a log, in which neither URLs nor assignments such as {@code password=...} tell what they should not. By hand, as
     * every line of a log passes here.
     */
    public static String text(String text) {
        String hidden = url(text);
        int assignment = hidden.indexOf('=');
        if (assignment < 0) {
            return hidden;
        }
        StringBuilder result = new StringBuilder(hidden.length());
        int copied = 0;
        while (assignment >= 0) {
            int end = endOfValue(hidden, assignment + 1);
            if (end > assignment + 1 && SecretNames.isSecret(hidden.substring(word(hidden, assignment), assignment))) {
                result.append(hidden, copied, assignment + 1).append(MASK);
                copied = end;
            }
            assignment = hidden.indexOf('=', Math.max(copied, assignment + 1));
        }
        return result.append(hidden, copied, hidden.length()).toString();
    }

    /** Where the word begins that ends here. */
    private static int word(String text, int end) {
        int begin = end;
        while (begin > 0
                && (Character.isLetterOrDigit(text.charAt(begin - 1)) || "-_".indexOf(text.charAt(begin - 1)) >= 0)) {
            begin--;
        }
        return begin;
    }

    private static int endOfValue(String text, int begin) {
        boolean quoted = begin < text.length() && "\"'".indexOf(text.charAt(begin)) >= 0;
        int closing = quoted ? text.indexOf(text.charAt(begin), begin + 1) : -1;
        if (closing >= 0) {
            return closing + 1;
        }
        int end = begin;
        while (end < text.length()
                && !Character.isWhitespace(text.charAt(end))
                && "&,;)]}".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    /** A text in which URLs do not say who logs in. */
    static String url(String text) {
        if (!text.contains("://")) {
            return text;
        }
        String hidden = AUTHORITY.matcher(text).replaceAll(match -> Matcher.quoteReplacement(masked(match)));
        return PARAMETER
                .matcher(hidden)
                .replaceAll(match -> Matcher.quoteReplacement(
                        SecretNames.isSecret(match.group(2)) ? match.group(1) + MASK : match.group()));
    }

    /** A password may hold slashes and at-signs that somebody forgot to encode: hide rather too much. */
    private static String masked(java.util.regex.MatchResult match) {
        String authority = match.group(2);
        String rest = match.group(3);
        if (authority.contains("@")) {
            return match.group(1) + MASK + authority.substring(authority.lastIndexOf('@')) + rest;
        }
        boolean broken = rest.contains("@") && !HOST_AND_PORT.matcher(authority).matches();
        return broken ? match.group(1) + MASK + rest.substring(rest.lastIndexOf('@')) : match.group();
    }
}
