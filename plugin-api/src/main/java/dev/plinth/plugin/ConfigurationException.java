package dev.plinth.plugin;

/** A configuration value is missing or has the wrong type. The message names the key, its origin and what is expected. */
public class ConfigurationException extends RuntimeException {

    public ConfigurationException(String message) {
        super(message);
    }
}
