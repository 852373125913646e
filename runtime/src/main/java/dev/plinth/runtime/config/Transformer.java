package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts in place what a layer refers to: variables and, where later layers leave it to be seen, included files.
 *
 * <p>A null result means that the value is absent: its key or list element is left out.
 */
final class Transformer {

    private final Substitution substitution;
    private final Includes includes;
    private final Budget budget;
    private final Problems problems;

    Transformer(Substitution substitution, Includes includes, Budget budget, Problems problems) {
        this.substitution = substitution;
        this.includes = includes;
        this.budget = budget;
        this.problems = problems;
    }

    @Nullable
    ConfigNode transform(ConfigNode node, KeyPath key, IncludeFrame frame, Cover cover) {
        if (frame.depth() > Limits.DEPTH) {
            throw new ConfigException(Problem.error(
                    "too-deep",
                    key.toString(),
                    node.origin().toString(),
                    "more than " + Limits.DEPTH + " objects and lists inside each other",
                    "look for includes that nest each other"));
        }
        if (node instanceof ConfigNode.Scalar scalar) {
            return spent(text(scalar, key, cover), key);
        }
        if (node instanceof ConfigNode.Mapping mapping && Includes.isInclude(mapping)) {
            Includes.Found found = includes.read(mapping, key, frame, cover);
            return found == null ? null : spent(included(found, key, cover), key);
        }
        return spent(inside(node, key, frame, cover), key);
    }

    /** An include at the very root of an included value is not followed, as in Backstage. */
    private @Nullable ConfigNode included(Includes.Found found, KeyPath key, Cover cover) {
        if (found.node() instanceof ConfigNode.Scalar scalar) {
            return found.isConfig() ? text(scalar, key, cover) : scalar;
        }
        return inside(found.node(), key, found.frame(), cover);
    }

    private @Nullable ConfigNode spent(@Nullable ConfigNode node, KeyPath key) {
        if (node != null) {
            budget.spend(node, key);
        }
        return node;
    }

    private ConfigNode inside(ConfigNode node, KeyPath key, IncludeFrame frame, Cover cover) {
        if (node instanceof ConfigNode.Mapping mapping) {
            return mapping(mapping, key, frame.deeper(), cover);
        }
        if (node instanceof ConfigNode.Sequence sequence) {
            return sequence(sequence, key, frame.deeper(), cover);
        }
        return node;
    }

    private ConfigNode mapping(ConfigNode.Mapping mapping, KeyPath key, IncludeFrame frame, Cover cover) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        for (Map.Entry<String, ConfigNode> entry : mapping.entries().entrySet()) {
            String name = entry.getKey();
            ConfigNode result = transform(entry.getValue(), key.child(name), frame, cover.child(name));
            if (result != null) {
                entries.put(name, result);
            }
        }
        return new ConfigNode.Mapping(Collections.unmodifiableMap(entries), mapping.origin());
    }

    private ConfigNode sequence(ConfigNode.Sequence sequence, KeyPath key, IncludeFrame frame, Cover cover) {
        // Lists replace each other: later layers either hide all of it or, below it, nothing.
        Cover below = cover.isPresent() ? Cover.WHOLE : Cover.NONE;
        List<ConfigNode> items = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            ConfigNode result = transform(sequence.items().get(i), key.element(i), frame, below);
            if (result != null) {
                items.add(result);
            }
        }
        return new ConfigNode.Sequence(Collections.unmodifiableList(items), sequence.origin());
    }

    private @Nullable ConfigNode text(ConfigNode.Scalar scalar, KeyPath key, Cover cover) {
        if (!(scalar.value() instanceof String text) || !text.contains("${")) {
            return scalar;
        }
        Substitution.Result result = substitution.apply(text);
        if (!cover.isPresent()) {
            warnOfUnset(result.unset(), key, scalar.origin());
        }
        Optional<String> value = result.text();
        return value.isEmpty()
                ? null
                : new ConfigNode.Scalar(value.get(), scalar.origin(), scalar.secret(), result.variables());
    }

    private void warnOfUnset(List<String> unset, KeyPath key, Origin origin) {
        for (String name : unset) {
            if (name.isEmpty()) {
                warnOfNoName(key, origin);
                continue;
            }
            problems.add(Problem.warning(
                    "unset-variable",
                    key.toString(),
                    origin.toString(),
                    "the variable " + name + " is not set, so this value is left out",
                    "set " + name + ", or write ${" + name + ":-default}"));
        }
    }

    private void warnOfNoName(KeyPath key, Origin origin) {
        problems.add(Problem.warning(
                "unset-variable",
                key.toString(),
                origin.toString(),
                "no variable is named between the braces, so this value is left out",
                "write the name there, or $${} for the text ${}"));
    }
}
