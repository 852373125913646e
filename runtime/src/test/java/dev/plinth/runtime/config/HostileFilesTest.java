package dev.plinth.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that would hurt a careless reader. The time limit is for hangs, not for speed. */
@Timeout(60)
class HostileFilesTest {

    @TempDir
    private Path directory;

    @Test
    void refusesAliasesThatMultiplyEachOther() throws IOException {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++) {
            String alias = "*a" + (i - 1);
            bomb.append("a" + i + ": &a" + i + " ["
                    + String.join(", ", List.of(alias, alias, alias, alias, alias, alias, alias, alias, alias))
                    + "]\n");
        }
        write("app-config.yaml", bomb.toString());

        assertThat(codes(load())).containsExactly("too-large");
    }

    @Test
    void refusesAliasesOfALongText() throws IOException {
        write("app-config.yaml", "a: &a " + "x".repeat(900_000) + "\nb: [" + "*a, ".repeat(20_000) + "]\n");

        assertThat(codes(load())).containsExactly("too-large");
    }

    @Test
    void refusesAValueInsideItself() throws IOException {
        write("app-config.yaml", "a: &a {b: *a}\n");

        assertThat(codes(load())).containsExactly("parse-error");
    }

    @Test
    void refusesDeepNestingInEveryForm() throws IOException {
        write("app-config.yaml", "a: " + "[".repeat(200_000));
        assertThat(codes(load())).containsExactly("too-deep");

        write("app-config.yaml", "a: " + "{a: ".repeat(10_000));
        assertThat(codes(load())).containsExactly("too-deep");

        write("app-config.yaml", "- ".repeat(100_000));
        assertThat(codes(load())).containsExactly("too-deep");

        write("app-config.yaml", "a: 1\n");
        assertThat(ConfigLoader.load(Requests.in(directory, Map.of("APP_CONFIG_a", "[".repeat(100_000))))
                        .config()
                        .at("a")
                        .isText())
                .as("what is no JSON is text")
                .isTrue();
    }

    @Test
    void refusesAFileThatIsTooLarge() throws IOException {
        write("app-config.yaml", "a: " + "x".repeat(1024 * 1024));

        assertThat(codes(load())).containsExactly("too-large");
    }

    @Test
    void refusesVariablesThatFillTheMemory() throws IOException {
        write("app-config.yaml", "a:\n" + "- ${X}${X}${X}${X}\n".repeat(40_000));
        Map<String, String> environment = Map.of("X", "y".repeat(100_000));

        ConfigException failure = catchThrowableOfType(
                ConfigException.class, () -> ConfigLoader.load(Requests.in(directory, environment)));

        assertThat(codes(failure)).containsExactly("too-large");
    }

    @Test
    void refusesIncludesThatMultiplyEachOther() throws IOException {
        for (int i = 0; i < 10; i++) {
            String next = "{$include: x" + (i + 1) + ".yaml}";
            write(i == 0 ? "app-config.yaml" : "x" + i + ".yaml", "l: [" + (next + ", ").repeat(20) + "]\n");
        }
        write("x10.yaml", "a: 1\n");

        assertThat(codes(load())).containsOnly("too-large");
    }

    @Test
    void refusesIncludesInACircleOrTooDeep() throws IOException {
        write("app-config.yaml", "a: {$include: x.yaml}\nb: {$include: y0.yaml}\n");
        write("x.yaml", "a: {$include: y.yaml}\n");
        write("y.yaml", "a: {$include: x.yaml}\n");
        for (int i = 0; i < 20; i++) {
            write("y" + i + ".yaml", "a: {$include: y" + (i + 1) + ".yaml}\n");
        }

        assertThat(codes(load())).containsExactlyInAnyOrder("include-cycle", "too-deep");
    }

    @Test
    void readsALongKeyWithManyValuesInNoTime() throws IOException {
        write("app-config.yaml", "? " + "k".repeat(500_000) + "\n: [" + "1,".repeat(90_000) + "]\n");

        ConfigLoader.load(Requests.in(directory));
    }

    @Test
    void readsNumbersWithMoreDigitsThanAnyoneNeeds() throws IOException {
        write("app-config.yaml", "a: " + "9".repeat(500_000) + "\nb: 1e999999999\nc: '1e999999999'\n");

        Config config = ConfigLoader.load(Requests.in(directory)).config();

        Problems problems = new Problems();
        config.at("b").wholeNumber(problems);
        config.at("c").wholeNumber(problems);
        assertThat(problems.list()).hasSize(2);
    }

    @Test
    void readsNothingOutsideOfTheIncludeRoots() throws IOException {
        Files.createDirectories(directory.resolve("conf/secrets"));
        write("outside", "x");
        write("conf/secrets/inside", "y");
        Files.createSymbolicLink(directory.resolve("conf/secrets/link"), directory.resolve("outside"));
        write(
                "conf/app-config.yaml",
                "config: {includeRoots: [conf]}\na: {$file: ../outside}\nb: {$file: secrets/inside}\nc: {$file: secrets/link}\n");

        ConfigException failure = load();

        assertThat(failure.problems())
                .filteredOn(Problem::isError)
                .extracting(problem -> problem.code() + " " + problem.key())
                .containsExactly("include-outside-roots a", "include-outside-roots c");
    }

    @Test
    void readsNeitherDirectoriesNorDevices() throws IOException {
        Files.createDirectory(directory.resolve("d"));
        write("app-config.yaml", "a: {$file: d}\nb: {$file: /dev/zero}\n");

        assertThat(codes(load())).containsOnly("file-unreadable");
    }

    @Test
    void refusesBytesThatAreNotText() throws IOException {
        Files.write(directory.resolve("app-config.yaml"), new byte[] {'a', ':', ' ', (byte) 0xc3, '('});

        assertThat(codes(load())).containsExactly("parse-error");
    }

    @Test
    void refusesKeysThatAreObjectsAndReadsNumbersAsText() throws IOException {
        write("app-config.yaml", "? [a]\n: 1\n");
        assertThat(codes(load())).containsExactly("parse-error");

        write("app-config.yaml", "1: a\ntrue: b\n");
        LoadedConfig loaded = ConfigLoader.load(Requests.in(directory));
        assertThat(loaded.config().at("1").toPlain()).isEqualTo("a");
        assertThat(loaded.warnings()).extracting(Problem::code).containsExactly("invalid-key", "invalid-key");
    }

    @Test
    void readsACharacterOfTwoCharsAtAnyPosition() throws IOException {
        for (int length = 1_000; length < 1_050; length++) {
            write("app-config.yaml", "a: " + "x".repeat(length) + "\uD83D\uDE00\n");

            assertThat(ConfigLoader.load(Requests.in(directory))
                            .config()
                            .at("a")
                            .toPlain())
                    .isEqualTo("x".repeat(length) + "\uD83D\uDE00");
        }
    }

    @Test
    void takesAThousandFlatKeysWithoutComplaint() throws IOException {
        write(
                "app-config.yaml",
                IntStream.range(0, 1_000)
                        .mapToObj(i -> "k" + i + ": {v: " + i + "}\n")
                        .collect(Collectors.joining()));

        assertThat(ConfigLoader.load(Requests.in(directory)).config().children())
                .hasSize(1_000);
    }

    private ConfigException load() {
        return catchThrowableOfType(ConfigException.class, () -> ConfigLoader.load(Requests.in(directory)));
    }

    private static Set<String> codes(ConfigException failure) {
        return failure.problems().stream()
                .filter(Problem::isError)
                .map(Problem::code)
                .collect(Collectors.toSet());
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }
}
