package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.plinth.runtime.testing.LongLoop;
import dev.plinth.runtime.testing.PlinthProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code plinth optimize} on a copy of the built fat jar, as an operator does it, and as {@code deploy/Dockerfile} does. */
class OptimizeIT {

    private static final Path ROOT = Path.of(System.getProperty("plinth.root"));
    private static final Path DEPLOY = ROOT.resolve("deploy");
    private static final Path JLINK = Path.of(System.getProperty("java.home"), "bin", "jlink");

    @TempDir
    private Path directory;

    /** The one that runs the tests, until an image has been made. */
    private String java =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @Test
    void servesFromTheImagesOwnJavaAndArchive() throws Exception {
        assumeThat(JLINK).as("jlink, which this Java lacks").isExecutable();
        run(0, List.of(JLINK.toString(), "@" + DEPLOY.resolve("jlink.options"), "--output", "java"));
        java = directory.resolve("java/bin/java").toString();

        assertThatLaterStartsUseTheArchive();

        PlinthProcess.configure(
                directory,
                Files.readString(DEPLOY.resolve("app-config.docker.yaml"))
                        .replace(
                                "/opt/plinth/plugins",
                                PlinthProcess.examplePlugins().toString()));
        Process plinth = new ProcessBuilder(
                        java, "@plinth.options", "-Xshare:on", "-jar", "plinth.jar", "start", "--port", "0")
                .directory(directory.toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        try {
            String ready = plinth.inputReader(StandardCharsets.UTF_8).readLine();
            assertThat(ready).as(Files.readString(directory.resolve("stderr"))).endsWith("(2 plugins ready, 0 failed)");
            HttpResponse<String> created = post(ready.split(" ", -1)[2] + "/api/todo/items", "{\"title\":\"ship it\"}");
            assertThat(created.statusCode()).isEqualTo(201);
            plinth.destroy();
            assertThat(plinth.waitFor()).isZero();
        } finally {
            plinth.destroyForcibly();
        }
    }

    @Test
    void writesAnArchiveThatLaterStartsUse() throws Exception {
        assumeThat(Boolean.getBoolean("plinth.thorough") || !Files.isExecutable(JLINK))
                .as("a thorough run, or no jlink: otherwise the test of the image shows it")
                .isTrue();
        assertThatLaterStartsUseTheArchive();
    }

    private void assertThatLaterStartsUseTheArchive() throws Exception {
        Files.copy(ROOT.resolve("runtime/target/plinth.jar"), directory.resolve("plinth.jar"));

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
                .matcher(Files.readString(ROOT.resolve("plinth")))
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

    private static HttpResponse<String> post(String url, String json) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private String run(int exitCode, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(Arrays.asList(arguments));
        return run(exitCode, command);
    }

    private String run(int exitCode, List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(exitCode);
        return output;
    }
}
