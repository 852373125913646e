package dev.plinth.plugin;

/**
 * No connection became free within the acquire timeout. The message names the plugin, how long it waited, the pool's maximum,
 * how many connections are in use, how many borrowers wait, and the setting to raise.
 */
public final class PoolExhaustedException extends DatabaseUnavailableException {

    public PoolExhaustedException(String message) {
        super(message);
    }
}
