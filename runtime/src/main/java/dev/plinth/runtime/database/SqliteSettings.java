package dev.plinth.runtime.database;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A plugin's database in SQLite.
 *
 * @param file empty for a database in memory
 * @param location the file as the configuration has it, for people
 * @param createsDirectory whether the file's directory is made when it is missing
 */
public record SqliteSettings(
        String pluginId,
        Optional<Path> file,
        String location,
        boolean createsDirectory,
        PoolSettings pool,
        boolean skipMigrations)
        implements DatabaseSettings {

    public static final String MEMORY = ":memory:";

    public SqliteSettings(
            String pluginId, Optional<Path> file, boolean createsDirectory, PoolSettings pool, boolean skipMigrations) {
        this(pluginId, file, file.map(Path::toString).orElse(MEMORY), createsDirectory, pool, skipMigrations);
    }
}
