package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** PostgreSQL's names: what the server would cut without a word, and what belongs to itself. */
final class Identifiers {

    private static final int MAX_BYTES = 63;
    private static final Set<String> RESERVED = Set.of("postgres", "public", "information_schema");

    private Identifiers() {}

    /** Any name of the server, created or not. */
    static void check(String name, Config place, String codeWhenTooLong, Reader reader) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            reader.error(
                    place,
                    codeWhenTooLong,
                    "the name \"" + name + "\" has " + bytes + " bytes, and PostgreSQL cuts names at " + MAX_BYTES,
                    "");
        }
        if (hasControlCharacters(name)) {
            reader.error(place, "invalid-type", "expected a name without control characters", "");
        }
    }

    static boolean hasControlCharacters(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** Whether only PostgreSQL itself makes such a name. */
    static boolean isPrivate(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.startsWith("pg_") || lower.startsWith("template");
    }

    /** Whether nothing may be generated under this name: it is PostgreSQL's own, or there from the beginning. */
    static boolean isReserved(String name) {
        return isPrivate(name) || RESERVED.contains(name.toLowerCase(Locale.ROOT));
    }
}
