package dev.plinth.runtime.config;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A place in the configuration. Its text is put together only when somebody asks, for most places nobody does. */
final class KeyPath {

    static final KeyPath ROOT = new KeyPath(null, "");

    private final @Nullable KeyPath parent;
    private final String step;

    private KeyPath(@Nullable KeyPath parent, String step) {
        this.parent = parent;
        this.step = step;
    }

    KeyPath child(String name) {
        return new KeyPath(this, parent == null ? name : "." + name);
    }

    KeyPath element(int index) {
        return new KeyPath(this, "[" + index + "]");
    }

    /** Any element of the list here. */
    KeyPath list() {
        return new KeyPath(this, "[]");
    }

    /** As in {@code backend.listen} or {@code catalog.locations[2].target}. */
    @Override
    public String toString() {
        Deque<String> steps = new ArrayDeque<>();
        for (KeyPath path = this; path != null; path = path.parent) {
            steps.push(path.step);
        }
        return String.join("", steps);
    }
}
