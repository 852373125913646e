package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads {@code APP_CONFIG_*}: an underscore separates levels, a value is JSON or else text. */
final class EnvironmentLayer {

    static final String PREFIX = "APP_CONFIG_";
    static final String NAME = "APP_CONFIG_*";

    private static final Pattern PART = Pattern.compile("[a-z][a-z0-9]*(?:[-_:][a-z0-9]+)*", Pattern.CASE_INSENSITIVE);

    private final Problems problems;
    private final Map<List<String>, String> names = new LinkedHashMap<>();
    private final List<ConfigNode.Mapping> trees = new ArrayList<>();

    private EnvironmentLayer(Problems problems) {
        this.problems = problems;
    }

    /** The layer; empty when no variable has the prefix. */
    static Optional<Layer> read(Map<String, String> environment, Problems problems) {
        EnvironmentLayer layer = new EnvironmentLayer(problems);
        // In the order of their names, so that the same environment always gives the same result.
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            layer.add(variable.getKey(), variable.getValue());
        }
        return layer.trees.isEmpty() ? Optional.empty() : Optional.of(new Layer(NAME, Merge.parts(layer.trees)));
    }

    private void add(String name, String text) {
        if (!name.startsWith(PREFIX) || text.isEmpty()) {
            return;
        }
        List<String> path = List.of(name.substring(PREFIX.length()).split("_", -1));
        String key = String.join(".", path);
        if (!path.stream().allMatch(part -> PART.matcher(part).matches())) {
            problems.add(Problem.error(
                    "env-invalid-key",
                    "",
                    name,
                    "this name is no key: each part between underscores starts with a letter and goes on with letters,"
                            + " digits and single dashes",
                    "rename the variable, or set this key in a file"));
            return;
        }
        ConfigNode value = KeyedLayer.value(text, Origin.of(name));
        if (Nodes.isNull(value)) {
            problems.add(Problem.error(
                    "env-null",
                    key,
                    name,
                    "null cannot be given by a variable",
                    "remove the variable, or write null in a file such as app-config.local.yaml"));
            return;
        }
        Optional<String> above = ancestor(path);
        if (above.isPresent()) {
            problems.add(Problem.error(
                    "env-conflict",
                    key,
                    name,
                    "a key below " + above.get() + " is set, and " + above.get() + " itself too",
                    "remove one of the two variables"));
            return;
        }
        names.put(path, name);
        trees.add(KeyedLayer.nested(path, value));
    }

    /** The variable that sets something above this path; in the order of names it always came before. */
    private Optional<String> ancestor(List<String> path) {
        for (int i = 1; i < path.size(); i++) {
            String name = names.get(path.subList(0, i));
            if (name != null) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }
}
