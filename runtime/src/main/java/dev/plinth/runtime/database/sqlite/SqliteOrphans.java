package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.config.PluginIds;
import dev.plinth.runtime.database.SqliteSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds files that bear a generated name and belong to no installed plugin. */
final class SqliteOrphans {

    private static final String ENDING = ".sqlite";

    private SqliteOrphans() {}

    /** In the directories in which installed plugins have files with generated names. Blocks. */
    static List<String> find(Collection<SqliteSettings> installed) throws IOException {
        Set<Path> used = installed.stream()
                .flatMap(settings -> settings.file().stream())
                .map(SqliteOrphans::exact)
                .collect(Collectors.toSet());
        Set<Path> directories = used.stream()
                .filter(SqliteOrphans::isGenerated)
                .map(file -> Objects.requireNonNull(file.getParent()))
                .filter(Files::isDirectory)
                .collect(Collectors.toSet());
        List<String> found = new ArrayList<>();
        for (Path directory : directories) {
            try (Stream<Path> files = Files.list(directory)) {
                files.filter(file -> isGenerated(file) && !used.contains(file))
                        .forEach(file -> found.add("file " + file));
            }
        }
        return found.stream().sorted().toList();
    }

    private static Path exact(Path file) {
        return file.toAbsolutePath().normalize();
    }

    private static boolean isGenerated(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(ENDING)
                && PluginIds.reasonAgainst(name.substring(0, name.length() - ENDING.length()))
                        .isEmpty();
    }
}
