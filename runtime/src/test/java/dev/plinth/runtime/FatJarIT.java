package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar on a laptop with nothing installed: SQLite files, the example plugins, the terminal. */
class FatJarIT {

    private static final String LAPTOP =
            """
            backend:
              listen: 127.0.0.1:7007
              pluginDirectories: [%s]
              database:
                client: better-sqlite3
                connection: {directory: data}
            """
                    .formatted(PlinthProcess.examplePlugins());

    @TempDir
    private Path directory;

    @Test
    void servesTheExamplePluginsFromFilesOfItsOwnUntilSigterm() throws Exception {
        PlinthProcess.configure(directory, LAPTOP);
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            HttpResponse<String> created = plinth.post("/api/todo/items", "{\"title\":\"write\"}");

            assertThat(created.statusCode()).isEqualTo(201);
            assertThat(new JsonObject(created.body()).getString("title")).isEqualTo("write");
            assertThat(new JsonArray(plinth.get("/api/todo/items").body())).hasSize(1);
            assertThat(plinth.get("/api/catalog/entities").statusCode()).isEqualTo(200);
            assertThat(plinth.awaitReady()).endsWith("(2 plugins ready, 0 failed)");
            assertThat(permissions(directory.resolve("data"))).isEqualTo("rwx------");
            assertThat(permissions(directory.resolve("data/todo.sqlite"))).isEqualTo("rw-------");

            assertThat(plinth.terminate()).isZero();
            assertThat(plinth.output().lines()).hasSize(1);
        }
    }

    @Test
    void leavesNothingAmongTemporaryFiles() throws Exception {
        PlinthProcess.configure(directory, LAPTOP);
        Path temporary = Files.createDirectory(directory.resolve("temporary"));
        Map<String, String> java = Map.of("_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        try (PlinthProcess plinth = PlinthProcess.start(directory, java)) {
            assertThat(plinth.get("/api/todo/items").statusCode()).isEqualTo(200);
            assertThat(temporary.toFile().list()).noneMatch(name -> name.contains("sqlite"));
            assertThat(plinth.terminate()).isZero();
        }
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void hasMadeAllThatTlsNeedsBeforeTheFirstCallerComes() throws Exception {
        PlinthProcess.configure(directory, "backend: {https: true, pluginDirectories: []}\n");
        Path made = directory.resolve("classes.log");
        Map<String, String> java = Map.of("_JAVA_OPTIONS", "-Xlog:class+init=info:file=" + made);
        try (PlinthProcess plinth = PlinthProcess.run(directory, java, "start", "--port", "0")) {
            plinth.awaitError("/health/ready");

            assertThat(Files.readString(made)).contains("Initializing 'io/netty/handler/ssl/JdkSslServerContext'");
        }
    }

    @Test
    void saysLoudlyWhenDataIsNotKept() throws Exception {
        PlinthProcess.configure(directory, "backend:\n  pluginDirectories: [" + PlinthProcess.examplePlugins() + "]\n");
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.post("/api/todo/items", "{\"title\":\"gone soon\"}")
                            .statusCode())
                    .isEqualTo(201);
            assertThat(plinth.errors()).contains("in memory").contains("NOT KEPT");
        }
    }

    @Test
    void reportsAConfigurationMistakeWithFileAndLineAndNoStackTrace() throws Exception {
        PlinthProcess.configure(directory, "backend:\n  listen: nowhere:at:all\n");
        try (PlinthProcess plinth = PlinthProcess.run(directory, Map.of(), "start")) {
            assertThat(plinth.exitCode()).isEqualTo(78);
            assertThat(plinth.errors())
                    .contains("conf/app-config.yaml:2:3 backend.listen:")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void answersHelpAndVersionOnEveryVerb() throws Exception {
        for (String[] arguments : new String[][] {
            {"--help"},
            {"start", "--help"},
            {"config", "--help"},
            {"config", "print", "--help"},
            {"db", "plan", "--help"}
        }) {
            try (PlinthProcess plinth = PlinthProcess.run(directory, Map.of(), arguments)) {
                assertThat(plinth.exitCode()).isZero();
                assertThat(plinth.output()).contains("Usage: plinth");
            }
        }
        try (PlinthProcess plinth = PlinthProcess.run(directory, Map.of(), "start", "--version")) {
            assertThat(plinth.exitCode()).isZero();
            assertThat(plinth.output()).startsWith("plinth 0.");
        }
        try (PlinthProcess plinth = PlinthProcess.run(directory, Map.of(), "start", "--no-such-option")) {
            assertThat(plinth.exitCode()).isEqualTo(64);
        }
    }

    @Test
    void holdsNoExamplePluginAndMergesServiceFiles() throws Exception {
        Path jar = Path.of(System.getProperty("plinth.root"), "runtime/target/plinth.jar");
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            assertThat(zip.stream().map(entry -> entry.getName()).filter(name -> name.contains("example")))
                    .isEmpty();
            String stores = new String(
                    zip.getInputStream(zip.getEntry("META-INF/services/io.vertx.config.spi.ConfigStoreFactory"))
                            .readAllBytes(),
                    StandardCharsets.UTF_8);
            Matcher lines = Pattern.compile("(?m)^io\\.vertx").matcher(stores);
            assertThat(lines.results().count()).isGreaterThan(5);
        }
    }

    private static String permissions(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
