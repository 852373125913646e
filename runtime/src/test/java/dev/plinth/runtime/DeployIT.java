package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.plinth.runtime.testing.PlinthProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What {@code deploy/} promises, as far as it can be held to it without Docker, systemd and a cluster. */
class DeployIT {

    private static final Path ROOT = Path.of(System.getProperty("plinth.root"));
    private static final Path DEPLOY = ROOT.resolve("deploy");
    private static final String JAR = " -jar /opt/plinth/plinth.jar ";

    @TempDir
    private Path directory;

    @Test
    void copiesOnlyWhatIsThereIntoTheImage() throws IOException {
        List<String> missing = Files.readAllLines(DEPLOY.resolve("Dockerfile")).stream()
                .filter(line -> line.startsWith("COPY ") && !line.contains("--from"))
                .map(line -> words(line).get(1))
                .filter(source -> !Files.exists(ROOT.resolve(source)))
                .toList();

        assertThat(missing).isEmpty();
    }

    @Test
    void takesFromTheBuildWhatTheBuildMakes() throws IOException {
        List<Path> built = new ArrayList<>();
        for (String module : List.of("runtime", "plugins-example")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(module + "/target"))) {
                files.map(ROOT::relativize).forEach(built::add);
            }
        }
        List<String> sources = Files.readAllLines(DEPLOY.resolve("Dockerfile")).stream()
                .filter(line -> line.startsWith("COPY --from=build /src/"))
                .map(line -> words(line).get(2).substring("/src/".length()))
                .toList();

        assertThat(sources).hasSize(2).allSatisfy(source -> {
            PathMatcher matcher = ROOT.getFileSystem().getPathMatcher("glob:" + source);
            assertThat(built).as(source).anyMatch(matcher::matches);
        });
    }

    @Test
    void startsTheImageWithAnArgumentListThatTheCommandLineTakes() throws Exception {
        String dockerfile = Files.readString(DEPLOY.resolve("Dockerfile"));
        List<String> arguments = new ArrayList<>(jsonArray(dockerfile, "CMD"));
        arguments.add("--help");

        assertThat(jsonArray(dockerfile, "ENTRYPOINT"))
                .startsWith("/opt/java/bin/java")
                .endsWith("/opt/plinth/plinth.jar");
        assertAccepted(arguments);
    }

    @Test
    void startsTheUnitWithAnArgumentListThatTheCommandLineTakes() throws Exception {
        String unit = Files.readString(DEPLOY.resolve("systemd/plinth.service"));
        String command = Pattern.compile("(?m)^ExecStart=(.*)$")
                .matcher(unit)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        List<String> arguments = words(command.substring(command.indexOf(JAR) + JAR.length()));
        arguments.add("--help");

        assertAccepted(arguments);
    }

    @Test
    void hasAUnitThatSystemdUnderstands() throws Exception {
        Path analyze = Path.of("/usr/bin/systemd-analyze");
        assumeThat(analyze).as("systemd-analyze, which this machine lacks").isExecutable();
        // It looks for the program that is to be run, which need not be where the unit has it.
        String unit = Files.readString(DEPLOY.resolve("systemd/plinth.service"))
                .replace(
                        "/usr/bin/java",
                        ProcessHandle.current().info().command().orElseThrow());
        Files.writeString(directory.resolve("plinth.service"), unit);

        assertThat(run("systemd-analyze verify", analyze.toString(), "verify", "./plinth.service"))
                .isEmpty();
    }

    @Test
    void tellsSystemdOnceItIsReady() throws Exception {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Path notify = bin.resolve("systemd-notify");
        Files.writeString(notify, "#!/bin/sh\necho \"$NOTIFY_SOCKET $*\" >> " + directory.resolve("told") + "\n");
        Files.setPosixFilePermissions(notify, PosixFilePermissions.fromString("rwxr-xr-x"));
        PlinthProcess.configure(directory, "backend:\n  pluginDirectories: []\n");
        Map<String, String> environment =
                Map.of("NOTIFY_SOCKET", "/run/socket", "PATH", bin + ":" + System.getenv("PATH"));
        try (PlinthProcess plinth = PlinthProcess.start(directory, environment)) {
            while (Files.notExists(directory.resolve("told"))) {
                assertThat(plinth.get("/health/live").statusCode()).isEqualTo(200);
            }
        }

        assertThat(directory.resolve("told")).hasContent("/run/socket --ready");
    }

    @Test
    void configuresTheClusterInAWayThatChecksClean() throws Exception {
        Map<?, ?> configMap = manifest("ConfigMap");
        Map<?, ?> files = (Map<?, ?>) configMap.get("data");
        Path conf = Files.createDirectory(directory.resolve("conf"));
        Path password = Files.writeString(directory.resolve("password"), "secret");
        for (Map.Entry<?, ?> file : files.entrySet()) {
            String text = String.valueOf(file.getValue());
            Files.writeString(
                    conf.resolve(String.valueOf(file.getKey())),
                    text.replace("/run/secrets/plinth/password", password.toString())
                            .replace(
                                    "/opt/plinth/plugins",
                                    PlinthProcess.examplePlugins().toString()));
        }
        try (PlinthProcess check = PlinthProcess.run(
                directory, Map.of("POSTGRES_HOST", "postgres"), "config", "check", "--format", "json")) {
            assertThat(check.exitCode()).as(check.errors()).isZero();
            JsonObject problems = new JsonObject(check.output());
            assertThat(problems.getJsonArray("problems").stream()
                            .map(JsonObject.class::cast)
                            .filter(problem -> problem.getString("severity").equals("error")))
                    .isEmpty();
        }
    }

    @Test
    void probesPathsThatTheServerHas() throws Exception {
        PlinthProcess.configure(directory, "backend:\n  pluginDirectories: []\n");
        Map<?, ?> container = (Map<?, ?>) at(manifest("Deployment"), "spec", "template", "spec", "containers", 0);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                String path = (String) at(container, probe, "httpGet", "path");
                assertThat(plinth.get(path).statusCode()).as(path).isEqualTo(200);
            }
        }
    }

    private void assertAccepted(List<String> arguments) throws Exception {
        try (PlinthProcess plinth = PlinthProcess.run(directory, Map.of(), arguments.toArray(String[]::new))) {
            assertThat(plinth.exitCode()).as(plinth.errors()).isZero();
        }
    }

    private static List<String> words(String line) {
        return Pattern.compile(" ").splitAsStream(line).collect(Collectors.toCollection(ArrayList::new));
    }

    private static List<String> jsonArray(String dockerfile, String instruction) {
        String array = Pattern.compile("(?m)^" + instruction + " (\\[.*])$")
                .matcher(dockerfile)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        return new JsonArray(array).stream().map(String.class::cast).toList();
    }

    private static Map<?, ?> manifest(String kind) throws IOException {
        String text = Files.readString(DEPLOY.resolve("kubernetes/plinth.yaml"));
        Iterable<Object> documents = new Load(LoadSettings.builder().build()).loadAllFromString(text);
        return StreamSupport.stream(documents.spliterator(), false)
                .map(document -> (Map<?, ?>) document)
                .filter(document -> document.get("kind").equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private static Object at(Object tree, Object... path) {
        Object current = tree;
        for (Object step : path) {
            current = step instanceof Integer index ? ((List<?>) current).get(index) : ((Map<?, ?>) current).get(step);
        }
        return current;
    }

    private String run(String what, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(what + ": " + output).isZero();
        return output;
    }
}
