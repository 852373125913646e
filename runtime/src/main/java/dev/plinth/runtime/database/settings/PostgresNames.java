package dev.plinth.runtime.database.settings;

import java.util.List;
import java.util.Optional;

/** What a plugin's part of a server is called, and what of it is created when missing. */
record PostgresNames(
        Optional<String> database,
        Optional<String> schema,
        List<String> searchPath,
        boolean ensureDatabase,
        boolean ensureSchema) {

    /** The database that a session lands in: the one named like the user when none is named. */
    Optional<String> effectiveDatabase(Optional<String> user) {
        return database.or(() -> user);
    }
}
