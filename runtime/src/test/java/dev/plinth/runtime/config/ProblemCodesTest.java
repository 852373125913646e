package dev.plinth.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProblemCodesTest {

    private static final Path ROOT = Path.of(System.getProperty("plinth.root"));
    private static final Path SOURCES = ROOT.resolve("runtime/src/main/java/dev/plinth/runtime");

    /** Every text that looks like a code, whoever it is handed to on its way into a problem. */
    private static final Pattern CODE = Pattern.compile("\"([a-z]+(?:-[a-z]+)+|contradiction|usage)\"");

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z-]+)` \\|");

    /**
     * Texts of these sources that look like codes: words of the configuration and names of threads,
     * programs, verbs and directories.
     */
    private static final Set<String> NO_CODES = Set.of(
            "event-loop",
            "explain-sql",
            "no-verify",
            "plinth-config-watcher",
            "plinth-optimize",
            "plinth-plugin-jar",
            "plinth-shutdown",
            "plinth-training-server",
            "plinth-vertx",
            "systemd-notify",
            "training-database",
            "training-schema",
            "verify-ca",
            "verify-full",
            "virtual-thread",
            "x-ranks");

    @Test
    void everyCodeIsDocumentedAndNoOther() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/configuration.md"));
        String problems = page.substring(page.indexOf("## Problems"));

        assertThat(all(ROW, problems)).isEqualTo(used());
    }

    private static Set<String> used() throws IOException {
        Set<String> used = new TreeSet<>();
        for (String place : Set.of("config", "database/settings", "plugin", "cli", "BackendSettings.java")) {
            try (Stream<Path> files = Files.walk(SOURCES.resolve(place))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    used.addAll(all(CODE, Files.readString(file)));
                }
            }
        }
        used.removeAll(NO_CODES);
        return used;
    }

    private static Set<String> all(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
