package dev.plinth.example.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocationsTest {

    @TempDir
    Path directory;

    @Test
    void findsTheDescriptorsBelowADirectory() throws IOException {
        write("a.yaml", "b.yml", "deep/er/c.yaml", "README.md", "d.yaml.bak", ".hidden/e.yaml");

        assertThat(files(directory)).containsExactlyInAnyOrder("a.yaml", "b.yml", "deep/er/c.yaml");
    }

    @Test
    void takesAFileThatIsNamedWhateverItsEnding() throws IOException {
        write("catalog-info.txt");

        assertThat(files(directory.resolve("catalog-info.txt"))).containsExactly("catalog-info.txt");
    }

    @Test
    void countsAFileOnceHoweverOftenItIsNamed() throws IOException {
        write("a.yaml");

        assertThat(files(directory.resolve("a.yaml"), directory)).containsExactly("a.yaml");
    }

    @Test
    void followsALinkToAFile() throws IOException {
        write("..data/a.yaml");
        Files.createSymbolicLink(directory.resolve("a.yaml"), Path.of("..data/a.yaml"));

        assertThat(files(directory)).containsExactly("a.yaml");
    }

    @Test
    void takesWhatIsNotThereForAFileThatCannotBeRead() {
        Path missing = directory.resolve("missing");

        assertThat(files(missing)).containsExactly("missing");
        assertThatThrownBy(() -> Locations.read(missing)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void refusesAFileThatIsTooLarge() throws IOException {
        Path large = directory.resolve("large.yaml");
        Files.write(large, new byte[4 * 1024 * 1024 + 1]);

        assertThatThrownBy(() -> Locations.read(large)).hasMessage("larger than 4194304 bytes");
    }

    private void write(String... names) throws IOException {
        for (String name : names) {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "");
        }
    }

    private List<String> files(Path... targets) {
        return new Locations(Stream.of(targets).toList())
                .files().stream()
                        .map(file -> Locations.name(directory.relativize(file)))
                        .toList();
    }
}
