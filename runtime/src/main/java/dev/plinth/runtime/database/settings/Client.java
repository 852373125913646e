package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.database.DatabaseSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A kind of database.
 *
 * @param names what {@code client} calls it
 * @param settings reads one plugin's settings of this kind; empty when something is wrong, which the reader then knows
 */
record Client(List<String> names, SettingsReader settings) {

    static final Client SQLITE = new Client(
            List.of("better-sqlite3", "sqlite3", "sqlite"),
            (section, reader, environment, directory) -> new SqliteReader(section, reader, directory).read());

    private static final List<Client> ALL = List.of(
            new Client(List.of("pg"), (section, reader, environment, directory) -> new PostgresReader(
                            section, reader, environment, directory)
                    .read()),
            new Client(
                    List.of("jdbc"),
                    (section, reader, environment, directory) -> new JdbcReader(section, reader, directory).read()),
            SQLITE);

    /** Makes settings of a plugin's section, the PG variables, and the directory to which relative paths relate. */
    interface SettingsReader {

        Optional<? extends DatabaseSettings> read(
                PluginSection section, Reader reader, Map<String, String> environment, Path workingDirectory);
    }

    static Optional<Client> named(String name) {
        return ALL.stream().filter(client -> client.names.contains(name)).findFirst();
    }

    Optional<DatabaseSettings> read(
            PluginSection section, Reader reader, Map<String, String> environment, Path workingDirectory) {
        return settings.read(section, reader, environment, workingDirectory).map(read -> read);
    }
}
