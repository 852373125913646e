package dev.plinth.runtime.bus;

/** A plugin's run has ended, with all of its instances: its pool is revoked. */
public record DatabaseRelease(String pluginId, long run) {

    /** The address on which the database verticle of this process listens. */
    public static final String ADDRESS = "plinth.database.release";
}
