package dev.plinth.runtime.plugin;

import dev.plinth.plugin.JavaMigration;
import dev.plinth.plugin.Plugin;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A plugin that was found, not yet started.
 *
 * @param version as its jar's descriptor or manifest says; may be empty
 * @param source the jar or directory it comes from, as the user would name it
 * @param migrations files under {@code db/migration} of its own jar
 * @param newInstance a new object of the plugin's class, on any thread
 * @param needs what it says that it needs
 */
public record PluginDescriptor(
        String id,
        String version,
        String source,
        ClassLoader classLoader,
        List<MigrationFile> migrations,
        List<JavaMigration> javaMigrations,
        Supplier<Plugin> newInstance,
        PluginNeeds needs) {

    public PluginDescriptor {
        migrations = List.copyOf(migrations);
        javaMigrations = List.copyOf(javaMigrations);
    }

    /** Whether it came from a jar of its own, which can be replaced. */
    boolean isReplaceable() {
        return classLoader instanceof PluginClassLoader;
    }

    /** Whether the class loader of this name is the one of its own jar. */
    boolean isLoadedBy(@Nullable String loaderName) {
        return isReplaceable() && classLoader.getName().equals(loaderName);
    }

    /** Whether no other version of it may run at the same time. */
    boolean isAlone() {
        return needs.alone();
    }

    /** Lets go of the jar; nothing more can be loaded from it. */
    void close() {
        if (classLoader instanceof PluginClassLoader own) {
            own.release();
        }
    }

    /** What is known of it, which keeps no class of it. */
    PluginDescriptor withoutCode() {
        return new PluginDescriptor(
                id,
                version,
                source,
                PluginDescriptor.class.getClassLoader(),
                List.of(),
                List.of(),
                () -> {
                    throw new IllegalStateException("plugin '" + id + "': its code is not here");
                },
                needs);
    }

    /** Whether it has its database made before it is started. */
    public boolean hasMigrations() {
        return !migrations.isEmpty() || !javaMigrations.isEmpty();
    }

    /** What whoever looks after databases asks of them for this plugin. */
    public DatabaseRequest databaseRequest() {
        return new DatabaseRequest(id, migrations, javaMigrations);
    }

    /** What a new life of the plugin asks of the database side. */
    DatabaseRequest databaseRequest(long run, Consumer<DatabaseRequest.Phase> progress) {
        return new DatabaseRequest(id, run, migrations, javaMigrations, progress);
    }
}
