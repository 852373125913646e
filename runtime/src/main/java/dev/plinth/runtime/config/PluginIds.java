package dev.plinth.runtime.config;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The grammar of plugin ids. An id becomes a key, a path of the URL, a file name, and part of a database's name: what passes here
 * can escape from none of them.
 */
public final class PluginIds {

    private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*");
    private static final Set<String> RESERVED = Set.of("app", "backend", "config", "plinth");
    // A file system allows 255 bytes to a name, and SQLite puts "-journal" behind the file's own.
    private static final int MAX_LENGTH = 200;

    private PluginIds() {}

    /** Why this cannot be a plugin's id; empty when it can. Two ids that differ in case alone are for the caller to refuse. */
    public static Optional<String> reasonAgainst(String id) {
        if (id.length() > MAX_LENGTH) {
            return Optional.of("a plugin id has at most " + MAX_LENGTH + " characters, this one has " + id.length());
        }
        if (!GRAMMAR.matcher(id).matches()) {
            return Optional.of("a plugin id is letters and digits, a letter first, with single - or _ between");
        }
        return isReserved(id) ? Optional.of("'" + id + "' is reserved, it cannot be a plugin id") : Optional.empty();
    }

    private static boolean isReserved(String id) {
        return RESERVED.contains(id.toLowerCase(Locale.ROOT));
    }
}
