package dev.plinth.runtime.database.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A kind of database.
 *
 * @param names what {@code client} calls it
 * @param outline reads what a section says of plugins on databases of this kind
 */
record Client(List<String> names, OutlineReader outline) {

    static final Client SQLITE = new Client(
            List.of("better-sqlite3", "sqlite3", "sqlite"),
            (section, unused, environment, directory) ->
                    (own, reader) -> new SqliteReader(section.of(own), reader, directory).read());

    private static final List<Client> ALL = List.of(
            new Client(List.of("pg"), PostgresOutline::new),
            new Client(
                    List.of("jdbc"),
                    (section, unused, environment, directory) ->
                            (own, reader) -> new JdbcReader(section.of(own), reader, directory).read()),
            SQLITE);

    /** Makes an outline of a section, the PG variables, and the directory to which relative paths relate. */
    interface OutlineReader {

        Outline read(PluginSection section, Reader reader, Map<String, String> environment, Path workingDirectory);
    }

    static Optional<Client> named(String name) {
        return ALL.stream().filter(client -> client.names.contains(name)).findFirst();
    }
}
