package dev.plinth.runtime.database.migration;

import dev.plinth.plugin.DatabaseUnavailableException;

/** A plugin's migrations cannot be applied; its author or operator has to act. The message names file, version and remedy. */
final class MigrationException extends DatabaseUnavailableException {

    MigrationException(String pluginId, String message) {
        super("plugin '" + pluginId + "': " + message);
    }

    MigrationException(String pluginId, String message, Throwable cause) {
        super("plugin '" + pluginId + "': " + message, cause);
    }
}
