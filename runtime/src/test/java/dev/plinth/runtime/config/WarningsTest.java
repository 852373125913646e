package dev.plinth.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarningsTest {

    @TempDir
    private Path directory;

    @Test
    void warnsOfASecretFileThatEveryoneCanRead() throws IOException {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
        Files.writeString(
                directory.resolve("app-config.yaml"), "todo: {password: {$file: secret}, title: {$file: secret}}\n");
        Path secret = Files.writeString(directory.resolve("secret"), "s");

        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(ConfigLoader.load(Requests.in(directory)).warnings())
                .singleElement()
                .satisfies(warning -> assertThat(warning.code()).isEqualTo("secret-file-open"))
                .hasToString("app-config.yaml:1:8 todo.password: every user of this machine can read the file"
                        + " \"secret\"; take the right to read it from others, as by chmod o-r");

        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(ConfigLoader.load(Requests.in(directory)).warnings()).isEmpty();
    }

    @Test
    void warnsOfADeprecatedKeyWithTheReasonFromTheSchema() throws IOException {
        Files.writeString(directory.resolve("app-config.yaml"), "todo: {limit: 3, size: 4}\n");
        String schema =
                """
                {"type": "object", "properties": {
                  "limit": {"type": "integer", "deprecated": "use size"},
                  "size": {"type": "integer"}}}""";

        List<Problem> problems = ConfigLoader.check(Requests.in(directory), root -> Map.of("todo", schema), List.of())
                .check()
                .problems();

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.isError()).isFalse();
            assertThat(problem.code()).isEqualTo("deprecated-key");
            assertThat(problem).hasToString("app-config.yaml:1:8 todo.limit: this key is deprecated; use size");
        });
    }
}
