package dev.plinth.runtime.database.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteLibraryTest {

    private static final String NAME = "org.sqlite.lib.name";

    @TempDir
    private Path directory;

    @AfterEach
    void restore() {
        System.clearProperty(NAME);
    }

    @Test
    void unpacksTheLibraryOfThisSystemAgainAndAgain() throws Exception {
        SqliteLibrary.unpack(directory);
        List<String> properties = SqliteLibrary.unpack(directory);

        String name = properties.get(1).substring((NAME + "=").length());
        assertThat(properties.get(0)).isEqualTo("org.sqlite.lib.path=" + directory);
        assertThat(Files.size(directory.resolve(name))).isGreaterThan(100_000);
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
        System.setProperty(NAME, name);
        SqliteLibrary.forgetOthers();
        assertThat(System.getProperty(NAME)).isEqualTo(name);
    }

    @Test
    void doesNotUseTheLibraryOfAnotherVersion() {
        System.setProperty(NAME, "plinth-sqlite-3.0.0-libsqlitejdbc.so");

        SqliteLibrary.forgetOthers();

        assertThat(System.getProperty(NAME)).isNull();
    }
}
