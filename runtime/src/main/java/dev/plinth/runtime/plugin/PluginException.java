package dev.plinth.runtime.plugin;

/** A plugin cannot be started. */
public final class PluginException extends RuntimeException {

    private final String reason;

    /** With the reason in words that anybody may read, and a message for the operator. */
    PluginException(String reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
