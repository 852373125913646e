package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code --set key=value}: a dotted path, parts with dots in quotes, and a value as {@code APP_CONFIG_*} has it. */
final class SetLayer {

    static final String NAME = "--set";

    private SetLayer() {}

    /** The layer; empty when nothing is set. Later ones win. */
    static Optional<Layer> read(List<String> sets, Problems problems) {
        List<ConfigNode.Mapping> trees = new ArrayList<>();
        for (String set : sets) {
            try {
                read(set).ifPresent(trees::add);
            } catch (ConfigException e) {
                problems.addAll(e.problems());
            }
        }
        return trees.isEmpty() ? Optional.empty() : Optional.of(new Layer(NAME, Merge.parts(trees)));
    }

    private static Optional<ConfigNode.Mapping> read(String set) {
        KeyNames.Split split = KeyNames.split(set)
                .filter(found -> found.rest().isPresent())
                .orElseThrow(() -> new ConfigException(Problem.error(
                        "usage",
                        "",
                        NAME,
                        "the argument is not of the form key=value",
                        "write for example --set backend.listen.port=8080, with quotes around a part that has a dot in"
                                + " it")));
        return value(split.path(), split.rest().orElse(""));
    }

    private static Optional<ConfigNode.Mapping> value(List<String> path, String text) {
        String key = String.join(".", path);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        ConfigNode value = KeyedLayer.value(text, Origin.of(NAME + " " + key));
        if (Nodes.isNull(value)) {
            throw new ConfigException(Problem.error(
                    "env-null",
                    key,
                    NAME,
                    "null cannot be given by an argument",
                    "leave the argument out, or write null in a file such as app-config.local.yaml"));
        }
        return Optional.of(KeyedLayer.nested(path, value));
    }
}
