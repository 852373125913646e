package dev.plinth.runtime.database;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A plugin's database in SQLite.
 *
 * @param file empty for a database in memory
 * @param createsDirectory whether the file's directory is made when it is missing
 */
public record SqliteSettings(
        String pluginId, Optional<Path> file, boolean createsDirectory, PoolSettings pool, boolean skipMigrations)
        implements DatabaseSettings {

    @Override
    public String location() {
        return file.map(Path::toString).orElse(":memory:");
    }
}
