package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why one key has the value that it has.
 *
 * @param key dotted path
 * @param node the value that wins; empty when nothing is set
 * @param layers what each layer says, in their order
 * @param readBy who reads it: {@code plinth}, or the ids of plugins
 * @param type in words; empty when no schema describes the key
 * @param defaultValue of the schema
 */
public record Explanation(
        String key,
        Optional<ConfigNode> node,
        List<Voice> layers,
        List<String> readBy,
        String type,
        Optional<ConfigNode> defaultValue,
        String description) {

    /** What one layer says of a key. */
    public record Voice(String layer, ConfigNode node, boolean wins) {}

    /**
     * Explains a key, or each key below it. Lists are explained as one value, as they replace each other as one.
     *
     * @param key dotted path, parts with dots in quotes; empty for everything
     * @return none when no layer sets the key and no schema describes it
     * @throws ConfigException when this is no path
     */
    public static List<Explanation> of(String key, LoadedConfig loaded, ConfigSchema schema) {
        return new Explainer(loaded, schema).explain(path(key));
    }

    private static List<String> path(String key) {
        if (key.isEmpty()) {
            return List.of();
        }
        return KeyNames.split(key)
                .filter(split -> split.rest().isEmpty())
                .map(KeyNames.Split::path)
                .orElseThrow(() -> new ConfigException(Problem.error(
                        "usage", "", "", "the argument is not a dotted path", "write for example backend.listen")));
    }

    /** Walks the merged tree, the layers and the schema side by side. */
    private record Explainer(LoadedConfig loaded, ConfigSchema schema) {

        List<Explanation> explain(List<String> path) {
            List<Explanation> found = new ArrayList<>();
            Optional<ConfigNode> node = at(loaded.config().node().orElseThrow(), path);
            if (node.isPresent()) {
                addLeaves(node.get(), path, found);
            } else if (!voices(path, null).isEmpty()) {
                found.add(explanation(path, Optional.empty()));
            } else {
                schema.at(path).ifPresent(known -> addDescribed(known, path, found));
            }
            return found;
        }

        private void addLeaves(ConfigNode node, List<String> path, List<Explanation> found) {
            if (node instanceof ConfigNode.Mapping mapping && !mapping.entries().isEmpty()) {
                mapping.entries().forEach((name, child) -> addLeaves(child, append(path, name), found));
            } else {
                found.add(explanation(path, Optional.of(node)));
            }
        }

        /** Keys that are not set, as the schema has them. */
        private void addDescribed(Schema known, List<String> path, List<Explanation> found) {
            if (known.propertyNames().isEmpty() || known.types().size() > 1) {
                found.add(explanation(path, Optional.empty()));
                return;
            }
            known.propertyNames().forEach(name -> known.property(name)
                    .ifPresent(child -> addDescribed(child, append(path, name), found)));
        }

        private Explanation explanation(List<String> path, Optional<ConfigNode> node) {
            Optional<Schema> described = schema.at(path);
            return new Explanation(
                    dotted(path),
                    node,
                    voices(path, node.orElse(null)),
                    described.isPresent() ? readBy(path) : List.of(),
                    described.map(Schema::typeInWords).orElse(""),
                    described.flatMap(Schema::defaultValue),
                    described.map(Schema::description).orElse(""));
        }

        private List<String> readBy(List<String> path) {
            String section = path.isEmpty() ? "" : path.get(0);
            return List.of(schema.pluginIds().contains(section) ? section : "plinth");
        }

        private List<Voice> voices(List<String> path, @Nullable ConfigNode winner) {
            List<Voice> voices = new ArrayList<>();
            for (Layer layer : loaded.layers()) {
                nearest(layer.tree(), path).ifPresent(node -> voices.add(new Voice(layer.name(), node, false)));
            }
            int last = voices.size() - 1;
            if (winner != null && last >= 0) {
                voices.set(
                        last,
                        new Voice(voices.get(last).layer(), voices.get(last).node(), true));
            }
            return voices;
        }

        /** The value at a path, or the one further up that is no object and so speaks for all below. */
        private static Optional<ConfigNode> nearest(ConfigNode tree, List<String> path) {
            ConfigNode node = tree;
            for (String step : path) {
                if (!(node instanceof ConfigNode.Mapping mapping)) {
                    return Optional.of(node);
                }
                ConfigNode child = mapping.entries().get(step);
                if (child == null) {
                    return Optional.empty();
                }
                node = child;
            }
            return Optional.of(node);
        }

        private static Optional<ConfigNode> at(ConfigNode tree, List<String> path) {
            @Nullable ConfigNode node = tree;
            for (String step : path) {
                node = node instanceof ConfigNode.Mapping mapping
                        ? mapping.entries().get(step)
                        : null;
            }
            return Optional.ofNullable(node);
        }

        private static List<String> append(List<String> path, String name) {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            return longer;
        }

        private static String dotted(List<String> path) {
            KeyPath key = KeyPath.ROOT;
            for (String step : path) {
                key = key.child(step);
            }
            return key.toString();
        }
    }
}
