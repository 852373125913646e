package dev.plinth.runtime.config;

import java.util.HashMap;
import java.util.Map;

/**
 * What later layers say at one place, which decides whether an earlier layer's value there can still be seen.
 *
 * <p>Used by one thread, from the last layer to the first.
 */
final class Cover {

    /** A place where nothing earlier can be seen. */
    static final Cover WHOLE = whole();

    /** A place of which later layers say nothing. */
    static final Cover NONE = new Cover();

    private final Map<String, Cover> children = new HashMap<>();
    private boolean present;
    private boolean hiding;

    private static Cover whole() {
        Cover cover = new Cover();
        cover.present = true;
        cover.hiding = true;
        return cover;
    }

    /** Lays one more, earlier layer below. */
    void add(ConfigNode node) {
        if (hiding) {
            return;
        }
        present = true;
        if (node instanceof ConfigNode.Mapping mapping) {
            for (Map.Entry<String, ConfigNode> entry : mapping.entries().entrySet()) {
                below(entry.getKey()).add(entry.getValue());
            }
        } else {
            hiding = true;
        }
    }

    private Cover below(String name) {
        Cover child = children.get(name);
        if (child == null) {
            child = new Cover();
            children.put(name, child);
        }
        return child;
    }

    /** Whether nothing of an earlier value is left. */
    boolean hides() {
        return hiding;
    }

    /** Whether a later layer has a value here, be it an object that an earlier one may add to. */
    boolean isPresent() {
        return present;
    }

    Cover child(String name) {
        return hiding ? WHOLE : children.getOrDefault(name, NONE);
    }
}
