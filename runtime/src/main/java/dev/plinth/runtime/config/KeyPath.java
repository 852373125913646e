package dev.plinth.runtime.config;

import org.jspecify.annotations.Nullable;

/** A place in the configuration. Its text is put together only when somebody asks, for most places nobody does. */
final class KeyPath {

    static final KeyPath ROOT = new KeyPath(null, "", true);

    private final @Nullable KeyPath parent;
    private final String step;
    private final boolean key;

    private KeyPath(@Nullable KeyPath parent, String step, boolean key) {
        this.parent = parent;
        this.step = step;
        this.key = key;
    }

    KeyPath child(String name) {
        return new KeyPath(this, name, true);
    }

    KeyPath element(int index) {
        return new KeyPath(this, "[" + index + "]", false);
    }

    /** Any element of the list here. */
    KeyPath list() {
        return new KeyPath(this, "[]", false);
    }

    /** The last part alone, which may hold dots. */
    String name() {
        return step;
    }

    /** As in {@code backend.listen} or {@code catalog.locations[2].target}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text);
        return text.toString();
    }

    /** As deep as the configuration, which is bounded. */
    private void append(StringBuilder text) {
        if (parent != null) {
            parent.append(text);
            text.append(key && parent.parent != null ? "." : "").append(step);
        }
    }
}
