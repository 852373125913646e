package dev.plinth.runtime.bus;

import dev.plinth.plugin.JavaMigration;
import java.util.List;

/**
 * A plugin asks for its database.
 *
 * @param migrations the files under {@code db/migration} of the plugin's own jar, as read
 * @param javaMigrations found in the plugin's own jar
 */
public record DatabaseRequest(String pluginId, List<MigrationFile> migrations, List<JavaMigration> javaMigrations) {

    /** The address on which the database verticle of this process listens. */
    public static final String ADDRESS = "plinth.database";

    /**
     * One migration file.
     *
     * @param name without its directory, such as {@code V1__item.sql}
     */
    public record MigrationFile(String name, String text) {}
}
