package dev.plinth.plugin;

/** A call of another plugin was not answered, or answered with an error. The message names both plugins and the method. */
public final class CallException extends RuntimeException {

    /** What kept the call from being answered. */
    public enum Code {
        /** No plugin with this id is installed. */
        UNKNOWN_PLUGIN,
        /** The plugin answers no calls of this method. */
        UNKNOWN_METHOD,
        /**
         * The plugin is stopped, has failed, stopped before it had answered, or is in an instance that cannot be reached or went
         * away before it had answered. Calling again later may help; the message says where the call may have taken effect.
         */
        NOT_READY,
        /** The caller has as many calls of this plugin in flight as it may have at once. The call was not made; later it may be. */
        BUSY,
        /** No answer came in time. Whether the call took effect is not known. */
        DEADLINE,
        /** The caller's descriptor does not name this plugin. */
        REFUSED,
        /** The called plugin answered with an error of its own; see {@link CallException#error()}. */
        APPLICATION,
        /** The called plugin failed; its log says why. */
        FAILED,
        /** The caller stopped before the answer came. */
        STOPPED
    }

    private final Code code;
    private final String error;

    /**
     * An error of the called plugin, for the handler of {@link PluginContext#answer} to fail with.
     *
     * @param error the plugin's own name for it, by which the caller can tell it from others
     * @param message for people; it reaches the caller, so it must hold no secret
     */
    public CallException(String error, String message) {
        super(message); // so that it may be given a cause
        this.code = Code.APPLICATION;
        this.error = error;
    }

    /** Any failure of a call; only one with {@link Code#APPLICATION} has an error of its own. */
    public CallException(Code code, String error, String message) {
        // Whoever makes too many calls at once has as many of these.
        super(message, null, true, code != Code.BUSY);
        this.code = code;
        this.error = error;
    }

    public Code code() {
        return code;
    }

    /** The called plugin's own name for the error; empty unless the code is {@link Code#APPLICATION}. */
    public String error() {
        return error;
    }
}
