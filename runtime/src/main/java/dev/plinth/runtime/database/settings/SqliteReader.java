package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Origin;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.SqliteSettings;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Reads where one plugin's SQLite database lives. */
final class SqliteReader {

    private static final String MEMORY = SqliteSettings.MEMORY;

    private final PluginSection section;
    private final Reader reader;
    private final Path workingDirectory;

    SqliteReader(PluginSection section, Reader reader, Path workingDirectory) {
        this.section = section;
        this.reader = reader;
        this.workingDirectory = workingDirectory;
    }

    Optional<DatabaseSettings> read() {
        refuseSchemaMode();
        Layered connection = connection();
        Layered filename = connection.child("filename");
        Layered directory = connection.child("directory");
        Optional<String> name = reader.text("filename", filename);
        Optional<String> parent = reader.text("directory", directory);
        PoolSettings pool = new PoolReader(section, reader).read(Optional.empty());
        boolean skipMigrations = reader.bool("skipMigrations", section.setting("skipMigrations"), false);
        if (reader.hasErrors()) {
            return Optional.empty();
        }
        if (name.filter(MEMORY::equals).isPresent()) {
            warnOfUnusedDirectory(filename.value(), directory.value());
            return Optional.of(
                    new SqliteSettings(section.pluginId(), Optional.empty(), MEMORY, false, pool, skipMigrations));
        }
        if (name.isEmpty()) {
            reader.origin("filename", "generated from directory and plugin id");
        }
        return file(
                        filename.value(),
                        directory.value(),
                        parent.orElse("."),
                        name.orElse(section.pluginId() + ".sqlite"))
                .map(path -> settings(path, pool, skipMigrations));
    }

    private SqliteSettings settings(Path path, PoolSettings pool, boolean skipMigrations) {
        return new SqliteSettings(
                section.pluginId(),
                Optional.of(workingDirectory.resolve(path)),
                path.toString(),
                path.getParent() != null,
                pool,
                skipMigrations);
    }

    private void refuseSchemaMode() {
        Config mode = section.setting("pluginDivisionMode").value();
        if (DivisionMode.of(section, reader) == DivisionMode.SCHEMA) {
            Config ownClient = section.own().child("client");
            Config place = ownClient.isPresent() && !section.inherits() ? ownClient : mode;
            reader.error(
                    place,
                    "sqlite-schema-mode",
                    "SQLite has no schemas, so it cannot divide plugins by them",
                    "use client pg, or pluginDivisionMode database for this plugin");
        }
    }

    private Layered connection() {
        Config own = objectOf(section.own().child("connection"));
        if (!section.inherits()) {
            return Layered.of(own);
        }
        Config shared = objectOf(section.shared().child("connection"));
        Config filename = shared.child("filename");
        if (filename.isPresent() && !MEMORY.equals(filename.toPlain())) {
            reader.error(
                    section.shared().child("connection"),
                    "sqlite-base-filename",
                    "all plugins would share one file",
                    "use connection.directory, or a file name per plugin");
        }
        return Layered.of(own, shared);
    }

    /** A text stands for a file's name. */
    private Config objectOf(Config connection) {
        if (!connection.isPresent() || connection.isObject()) {
            return connection;
        }
        Origin origin = connection.node().orElseThrow().origin();
        return reader.text("filename", Layered.of(connection))
                .<ConfigNode>map(name -> new ConfigNode.Scalar(name, origin, false))
                .map(name -> connection.withNode(new ConfigNode.Mapping(Map.of("filename", name), origin)))
                .orElseGet(() -> connection.withNode(new ConfigNode.Mapping(Map.of(), origin)));
    }

    private void warnOfUnusedDirectory(Config filename, Config directory) {
        if (directory.isPresent() && directory.key().startsWith(section.own().key() + ".")) {
            reader.warning(
                    directory,
                    "without-effect",
                    "has no effect: the database stays in memory, as " + filename.key() + " says " + MEMORY,
                    "set connection.filename for this plugin too");
        }
    }

    /** As configured, without {@code .} and {@code ..}: absolute, or relative to the working directory. */
    private Optional<Path> file(Config filename, Config directory, String parent, String name) {
        Optional<Path> base = path(directory, parent);
        Optional<Path> file = path(filename, name);
        if (base.isEmpty() || file.isEmpty()) {
            return Optional.empty();
        }
        Path directoryPath = base.get().normalize();
        Path resolved = directoryPath.resolve(file.get()).normalize();
        if (!file.get().isAbsolute() && !isBelow(resolved, directoryPath)) {
            reader.error(
                    filename,
                    "path-escape",
                    "the file would not lie in the directory "
                            + directoryPath.toString().replaceFirst("^$", "."),
                    "give an absolute path when this is meant");
            return Optional.empty();
        }
        return Optional.of(resolved);
    }

    private static boolean isBelow(Path path, Path directory) {
        if (directory.toString().isEmpty()) {
            return !path.startsWith("..") && !path.toString().isEmpty();
        }
        return path.startsWith(directory) && !path.equals(directory);
    }

    private Optional<Path> path(Config place, String text) {
        // The driver would take these for something other than a plain file.
        if (text.startsWith("file:")
                || text.startsWith(":")
                || text.contains("?")
                || Identifiers.hasControlCharacters(text)) {
            reader.error(
                    place,
                    "invalid-type",
                    "expected a file's path or :memory:; a path has no ?, no control characters, and neither file: nor : in front",
                    "");
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            reader.error(place, "invalid-type", "expected a path, which this is not: " + e.getReason(), "");
            return Optional.empty();
        }
    }
}
