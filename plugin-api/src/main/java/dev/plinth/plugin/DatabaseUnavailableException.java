package dev.plinth.plugin;

/**
 * The plugin's database could not be reached, opened or brought up to date. The message names the plugin, the database, the
 * cause and the remedy.
 */
public class DatabaseUnavailableException extends RuntimeException {

    public DatabaseUnavailableException(String message) {
        super(message);
    }

    public DatabaseUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
