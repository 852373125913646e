package dev.plinth.runtime.plugin;

import dev.plinth.plugin.JavaMigration;
import dev.plinth.plugin.Plugin;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import java.util.List;
import java.util.function.Supplier;

/**
 * A plugin that was found, not yet started.
 *
 * @param version as its jar's manifest says; may be empty
 * @param source the jar or directory it comes from, as the user would name it
 * @param migrations files under {@code db/migration} of its own jar
 * @param newInstance a new object of the plugin's class, on any thread
 */
public record PluginDescriptor(
        String id,
        String version,
        String source,
        ClassLoader classLoader,
        List<MigrationFile> migrations,
        List<JavaMigration> javaMigrations,
        Supplier<Plugin> newInstance) {

    public PluginDescriptor {
        migrations = List.copyOf(migrations);
        javaMigrations = List.copyOf(javaMigrations);
    }

    /** Whether it came from a jar of its own, which can be replaced. */
    boolean isReplaceable() {
        return classLoader instanceof PluginClassLoader;
    }

    /** Lets go of the jar; nothing more can be loaded from it. */
    void close() {
        if (classLoader instanceof PluginClassLoader own) {
            own.release();
        }
    }

    boolean hasMigrations() {
        return !migrations.isEmpty() || !javaMigrations.isEmpty();
    }

    /** What the plugin asks of the database side. */
    public DatabaseRequest databaseRequest() {
        return new DatabaseRequest(id, migrations, javaMigrations);
    }
}
