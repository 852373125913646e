package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Compares a configuration with the schemas: unknown keys are warnings, values of the wrong type or beyond their bounds errors.
 *
 * <p>Sections of plugins that are not installed, and of plugins without a schema, are not looked at.
 */
public final class KeyCheck {

    /** More names than these help nobody. */
    private static final int NAMES_SHOWN = 12;

    private static final int SEARCHED_LEVELS = 2;

    private final ConfigSchema schema;
    private final Problems problems = new Problems();

    private KeyCheck(ConfigSchema schema) {
        this.schema = schema;
    }

    /** Everything that is wrong, in the order of the configuration. */
    public static List<Problem> check(Config root, ConfigSchema schema) {
        KeyCheck check = new KeyCheck(schema);
        // Loops here and below: every start comes here with every key, and lambdas are slow the first time.
        for (Config section : root.children()) {
            check.checkSection(section);
        }
        return check.problems.list();
    }

    private void checkSection(Config section) {
        String name = section.key();
        boolean ofPlugin = schema.pluginIds().contains(name);
        Optional<Schema> known = ofPlugin ? schema.plugin(name) : schema.root().property(name);
        if (known.isPresent()) {
            value(section, known.get());
        } else if (!ofPlugin) {
            warnOfMisspelledSection(section);
        }
    }

    /** Other root sections belong to plugins that are not installed, or to Backstage. */
    private void warnOfMisspelledSection(Config section) {
        TreeSet<String> known = new TreeSet<>(schema.root().propertyNames());
        known.addAll(schema.pluginIds());
        Optional<String> nearest = Nearest.of(section.key(), known);
        if (nearest.isPresent()) {
            problems.add(unknown(section, didYouMean(nearest.get()), ""));
        }
    }

    private void value(Config value, Schema known) {
        if (!value.isPresent()) {
            return;
        }
        Optional<String> deprecated = known.deprecated();
        if (deprecated.isPresent()) {
            warnOfDeprecated(value, deprecated.get());
        }
        if (value.isObject()) {
            object(value, known);
        } else if (value.isList()) {
            list(value, known);
        } else {
            ScalarCheck.check(value, known, problems);
        }
    }

    private void object(Config value, Schema known) {
        if (!known.allows("object")) {
            wrongType(value, known);
            return;
        }
        if (known.isDuration() && known.propertyNames().isEmpty()) {
            value.duration(problems);
            return;
        }
        for (String name : value.childNames()) {
            Config child = value.child(name);
            Optional<Schema> schemaOfChild = known.property(name);
            if (schemaOfChild.isPresent()) {
                value(child, schemaOfChild.get());
            } else if (!known.isOpen()) {
                problems.add(unknownKey(child, name, known));
            }
        }
        for (String name : known.required()) {
            if (!value.child(name).isPresent()) {
                problems.add(Problem.error(
                        "missing-key", value.child(name).key(), value.source(), "this key is required here", "add it"));
            }
        }
    }

    private void list(Config value, Schema known) {
        if (!known.allows("array")) {
            wrongType(value, known);
            return;
        }
        Optional<Schema> item = known.items();
        if (item.isPresent()) {
            for (Config element : value.items()) {
                value(element, item.get());
            }
        }
    }

    private void wrongType(Config value, Schema known) {
        problems.addAll(value.wrongType(ScalarCheck.expected(known)).problems());
    }

    private void warnOfDeprecated(Config value, String reason) {
        problems.add(Problem.warning("deprecated-key", value.key(), value.source(), "this key is deprecated", reason));
    }

    private static Problem unknownKey(Config child, String name, Schema parent) {
        List<String> known = new ArrayList<>(parent.propertyNames());
        Optional<String> nearest = Nearest.of(name, known);
        if (nearest.isPresent()) {
            return unknown(child, didYouMean(nearest.get()), "");
        }
        Optional<String> below = below(name, parent, SEARCHED_LEVELS);
        if (below.isPresent()) {
            return unknown(child, didYouMean(below.get()), "");
        }
        String hint = known.size() > NAMES_SHOWN || known.isEmpty()
                ? "see plinth config docs"
                : "known here: " + String.join(", ", known);
        return unknown(child, "unknown key", hint);
    }

    /** A key of this name further down, which was probably written some levels too high. */
    private static Optional<String> below(String name, Schema parent, int levels) {
        for (String section : parent.propertyNames()) {
            Optional<Schema> schema = parent.property(section);
            if (levels == 0 || schema.isEmpty()) {
                continue;
            }
            if (schema.get().propertyNames().contains(name)) {
                return Optional.of(section + "." + name);
            }
            Optional<String> deeper = below(name, schema.get(), levels - 1);
            if (deeper.isPresent()) {
                return Optional.of(section + "." + deeper.get());
            }
        }
        return Optional.empty();
    }

    private static String didYouMean(String nearest) {
        return "unknown key, did you mean \"" + nearest + "\"?";
    }

    private static Problem unknown(Config place, String message, String hint) {
        return Problem.warning("unknown-key", place.key(), place.source(), message, hint);
    }
}
