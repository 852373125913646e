package dev.plinth.runtime.bus;

import dev.plinth.plugin.DatabaseUnavailableException;

/** The server does not let this plugin in as things are; an administrator of the server may change that at any time. */
public final class DatabaseRefusedException extends DatabaseUnavailableException {

    public DatabaseRefusedException(String message) {
        super(message);
    }
}
