package dev.plinth.runtime.bus;

import dev.plinth.plugin.JavaMigration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A plugin asks for its database.
 *
 * @param run which of the plugin's lives asks: while a version takes another's place both have a pool
 * @param migrations the files under {@code db/migration} of the plugin's own jar, as read
 * @param javaMigrations found in the plugin's own jar
 * @param progress is told, on any thread, what is being done; must not block
 */
public record DatabaseRequest(
        String pluginId,
        long run,
        List<MigrationFile> migrations,
        List<JavaMigration> javaMigrations,
        Consumer<Phase> progress) {

    /** The address on which the database verticle of this process listens. */
    public static final String ADDRESS = "plinth.database";

    /** Of somebody who asks once, and does not care how far it is. */
    public DatabaseRequest(String pluginId, List<MigrationFile> migrations, List<JavaMigration> javaMigrations) {
        this(pluginId, 0, migrations, javaMigrations, phase -> {});
    }

    /** What is being done for the plugin. */
    public enum Phase {
        /** Its database is being reached, or made. */
        PROVISIONING,
        MIGRATING
    }

    /**
     * One migration file.
     *
     * @param name without its directory, such as {@code V1__item.sql}
     */
    public record MigrationFile(String name, String text) {}
}
