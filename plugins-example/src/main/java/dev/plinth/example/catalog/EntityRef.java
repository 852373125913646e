package dev.plinth.example.catalog;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What identifies an entity. All parts are kept in lower case, as references are compared without case. */
record EntityRef(String kind, String namespace, String name) {

    /** Names have at most 63 characters, but references to what is not there could have any number. */
    private static final int MAX_LENGTH = 250;

    EntityRef {
        kind = kind.toLowerCase(Locale.ROOT);
        namespace = namespace.toLowerCase(Locale.ROOT);
        name = name.toLowerCase(Locale.ROOT);
    }

    /**
     * Reads {@code [kind:][namespace/]name}. A colon after the slash belongs to the name.
     *
     * @param defaultKind null when the reference must name its kind
     * @throws IllegalArgumentException when it is too long, a part is empty, or there is no kind
     */
    static EntityRef parse(String text, @Nullable String defaultKind, String defaultNamespace) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a reference has at most " + MAX_LENGTH + " characters");
        }
        int slash = text.indexOf('/');
        int colon = text.indexOf(':');
        if (slash >= 0 && slash < colon) {
            colon = -1;
        }
        String kind = colon < 0 ? defaultKind : text.substring(0, colon);
        String namespace = slash < 0 ? defaultNamespace : text.substring(colon + 1, slash);
        String name = text.substring(Math.max(colon, slash) + 1);
        if (kind == null) {
            throw new IllegalArgumentException("a reference here must name its kind, such as component:" + name);
        }
        if (kind.isEmpty() || namespace.isEmpty() || name.isEmpty()) {
            throw new IllegalArgumentException("a reference has the form [kind:][namespace/]name");
        }
        return new EntityRef(kind, namespace, name);
    }

    @Override
    public String toString() {
        return kind + ":" + namespace + "/" + name;
    }
}
