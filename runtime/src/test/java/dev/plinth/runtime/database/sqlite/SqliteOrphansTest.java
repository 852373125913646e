package dev.plinth.runtime.database.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.SqliteSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteOrphansTest {

    @TempDir
    private Path directory;

    @Test
    void areFilesWithAPluginsNameThatNoInstalledPluginHas() throws IOException {
        Path todo = file("todo.sqlite");
        Path removed = file("removed.sqlite");
        file("removed.sqlite-wal");
        file("not a plugin.sqlite");
        assertThat(SqliteOrphans.find(List.of(settings("todo", todo)))).containsExactly("file " + removed);
    }

    @Test
    void areNotLookedForBesideAFileWithANameOfItsOwn() throws IOException {
        Path chosen = file("items.db");
        file("removed.sqlite");
        assertThat(SqliteOrphans.find(List.of(settings("todo", chosen)))).isEmpty();
    }

    private Path file(String name) throws IOException {
        return Files.createFile(directory.resolve(name));
    }

    private static SqliteSettings settings(String pluginId, Path file) {
        return new SqliteSettings(pluginId, Optional.of(file), true, PoolSettings.DEFAULT, false);
    }
}
