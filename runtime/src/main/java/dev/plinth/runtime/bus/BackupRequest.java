package dev.plinth.runtime.bus;

import java.nio.file.Path;

/**
 * Someone asks for a copy of a plugin's database, as it is at one moment, while the plugin goes on serving. The answer is the
 * copy's path.
 *
 * @param directory for the copy, which is named after the plugin; it is made where it is missing
 */
public record BackupRequest(String pluginId, Path directory) {

    /** The address on which the database verticle of this process listens. */
    public static final String ADDRESS = "plinth.database.backup";
}
