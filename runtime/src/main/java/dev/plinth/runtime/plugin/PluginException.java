package dev.plinth.runtime.plugin;

/** A plugin cannot be started, or not be changed as it was asked. */
public final class PluginException extends RuntimeException {

    /** Who can do something about it. */
    public enum Kind {
        /** There is no such plugin. */
        UNKNOWN,
        /** The plugin is not in a state or place where this can be done. */
        CONFLICT,
        /** The plugin's jar is refused: something in it, or around it, is not as it must be. */
        REFUSED,
        /** The plugin's code did not do what it must. */
        FAILED
    }

    private final Kind kind;
    private final String reason;

    /** With the reason in words that anybody may read, and a message for the operator. */
    PluginException(Kind kind, String reason, String message) {
        super(message, null, false, false);
        this.kind = kind;
        this.reason = reason;
    }

    public Kind kind() {
        return kind;
    }

    String reason() {
        return reason;
    }
}
