package dev.plinth.runtime.bus;

/** A plugin has stopped, with all of its instances: its pool is revoked. */
public record DatabaseRelease(String pluginId) {

    /** The address on which the database verticle of this process listens. */
    public static final String ADDRESS = "plinth.database.release";
}
