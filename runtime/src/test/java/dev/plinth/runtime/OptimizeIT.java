package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.LongLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code plinth optimize} on a copy of the built fat jar, with the Java that runs the tests. */
class OptimizeIT {

    private static final Path JAR = Path.of(System.getProperty("plinth.root"), "runtime/target/plinth.jar");
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir
    private Path directory;

    @Test
    void writesAnArchiveThatLaterStartsUse() throws Exception {
        Files.copy(JAR, directory.resolve("plinth.jar"));

        String output = run(0, "-jar", "plinth.jar", "optimize");

        assertThat(output).contains("wrote ").contains("start with: java @plinth.options -jar plinth.jar start");
        // Fails, where the archive cannot be used: the options alone would start without it.
        assertThat(run(0, "@plinth.options", "-Xshare:on", "-Xlog:class+load", "-jar", "plinth.jar", "--version"))
                .contains("plinth 0.")
                .contains("dev.plinth.runtime.cli.Cli source: shared objects file")
                .contains("picocli.CommandLine source: shared objects file");
        assertThat(directory)
                .isDirectoryNotContaining("glob:**/data")
                .isDirectoryNotContaining("glob:**/*.tmp")
                .isDirectoryContaining("glob:**/plinth-sqlite-*");
        assertThat(Files.readString(directory.resolve("plinth.options")))
                .contains("\"-Dorg.sqlite.lib.name=plinth-sqlite-");
        assertThat(run(0, "@plinth.options", "-cp", System.getProperty("java.class.path"), LongLoop.class.getName()))
                .endsWith("went on beside the loop\n");
    }

    @Test
    void holdsUpNobodyWhileAPluginComputes() throws Exception {
        List<String> arguments = new ArrayList<>(optionsOfTheScript());
        arguments.addAll(List.of("-cp", System.getProperty("java.class.path"), LongLoop.class.getName()));

        assertThat(run(0, arguments.toArray(String[]::new))).isEqualTo("went on beside the loop\n");
    }

    /** Those that {@code ./plinth} always gives. */
    private static List<String> optionsOfTheScript() throws IOException {
        return Pattern.compile("\\s-X\\S+")
                .matcher(Files.readString(Path.of(System.getProperty("plinth.root"), "plinth")))
                .results()
                .map(found -> found.group().strip())
                .toList();
    }

    @Test
    void refusesAnythingButTheFatJar() throws Exception {
        String classes = System.getProperty("java.class.path");

        assertThat(run(1, "-cp", classes, "dev.plinth.runtime.Main", "optimize"))
                .contains("only the fat jar can be optimized")
                .doesNotContain("\tat ");
    }

    private String run(int exitCode, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(JAVA));
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(exitCode);
        return output;
    }
}
