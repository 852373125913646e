package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Java is given the same options by the script, by what {@code plinth optimize} writes, and by the benchmarks. */
class JavaOptionsTest {

    private static final Path ROOT = Path.of(System.getProperty("plinth.root"));
    private static final List<String> OPTIONS =
            options(TrainingRun.GC, TrainingRun.HEAP, TrainingRun.COMPILER, TrainingRun.LOOPS);

    @Test
    void theScriptHasThemAndEndsAProcessWithoutMemory() throws IOException {
        assertThat(options(Files.readString(ROOT.resolve("plinth"))))
                .startsWith(OPTIONS.toArray(String[]::new))
                .hasSize(OPTIONS.size() + 1)
                .endsWith("-XX:+ExitOnOutOfMemoryError");
    }

    @Test
    void theBenchmarksHaveThem() throws IOException {
        assertThat(options(Files.readString(ROOT.resolve("bench/src/main/java/dev/plinth/bench/Child.java"))))
                .isEqualTo(OPTIONS);
    }

    @Test
    void thePageForOperatorsTellsOfThem() throws IOException {
        assertThat(options(Files.readString(ROOT.resolve("docs/operations.md"))))
                .containsAll(OPTIONS);
    }

    private static List<String> options(String... texts) {
        return Pattern.compile("(?<![\\w-])-X[^\\s\"`,]+")
                .matcher(String.join(" ", texts))
                .results()
                .map(found -> found.group())
                .toList();
    }
}
