package dev.plinth.runtime.database;

import dev.plinth.plugin.Dialect;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /** The directory as the configuration has it; empty for a database in memory, and for the working directory. */
    private Optional<String> directory() {
        return file.flatMap(path -> Optional.ofNullable(Path.of(location).getParent()))
                .map(Path::toString);
    }

    @Override
    public String client() {
        return "sqlite";
    }

    @Override
    public Dialect dialect() {
        return Dialect.SQLITE;
    }

    @Override
    public String neighbourhood() {
        return file.isPresent()
                ? "SQLite files in " + directory().orElse(".") + "/, kept"
                : "SQLite in memory: DATA IS NOT KEPT when this process ends; set backend.database to keep it";
    }

    @Override
    public List<String> creates() {
        if (file.isEmpty()) {
            return List.of();
        }
        return createsDirectory ? List.of("directory", "file") : List.of("file");
    }

    @Override
    public Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("filename", location);
        values.put("createsDirectory", createsDirectory ? directory().orElse(null) : null);
        values.put("ensureDatabase", false);
        values.put("ensureSchema", false);
        return values;
    }

    /** Some file systems ignore case. */
    @Override
    public boolean overlaps(DatabaseSettings other) {
        return other instanceof SqliteSettings that
                && file.isPresent()
                && that.file.isPresent()
                && file.get().toString().equalsIgnoreCase(that.file.get().toString());
    }
}
