package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the README tells a user to do works. */
@ExtendWith(PostgresExtension.class)
class ReadmeIT {

    private static final Path ROOT = Path.of(System.getProperty("plinth.root"));

    @TempDir
    private Path directory;

    @Test
    void thePluginOfTheReadmeCompilesAndServes() throws Exception {
        PlinthProcess.configure(directory, "backend: {pluginDirectories: [plugins]}\n");
        PluginJar.ofType("notes", "NotesPlugin", snippet("java"))
                .with("db/migration/V1__note.sql", snippet("sql"))
                .writeTo(directory.resolve("plugins"));
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.get("/api/notes/all").body()).isEqualTo("[]");
        }
    }

    @Test
    void theShippedConfigurationSwitchesToPostgresByVariables(Server server) throws Exception {
        Files.createFile(Files.createDirectories(directory.resolve("data")).resolve("todo.sqlite"));
        try (PlinthProcess plinth = start(server)) {
            assertThat(plinth.post("/api/todo/items", "{\"title\":\"kept\"}").statusCode())
                    .isEqualTo(201);
            assertThat(plinth.errors())
                    .contains("a database per plugin", "its SQLite file data/todo.sqlite is still there")
                    .doesNotContain("has no effect");
        }
    }

    @Test
    void theLocalLayerOfTheReadmeSwitchesToSchemas(Server server) throws Exception {
        Path conf = Files.createDirectories(directory.resolve("conf"));
        Files.writeString(conf.resolve("app-config.local.yaml"), snippet("yaml"));
        try (PlinthProcess plinth = start(server)) {
            assertThat(plinth.post("/api/todo/items", "{\"title\":\"kept\"}").statusCode())
                    .isEqualTo(201);
            assertThat(plinth.errors()).contains("a schema per plugin in database plinth");
        }
    }

    private PlinthProcess start(Server server) throws IOException {
        Path conf = Files.createDirectories(directory.resolve("conf"));
        for (String file : new String[] {"app-config.yaml", "app-config.production.yaml"}) {
            Files.copy(ROOT.resolve("conf").resolve(file), conf.resolve(file));
        }
        return PlinthProcess.start(
                directory,
                Map.of(
                        "PLINTH_ENV", "production",
                        "POSTGRES_HOST", "127.0.0.1",
                        "POSTGRES_PORT", String.valueOf(server.port()),
                        "POSTGRES_USER", "postgres",
                        "POSTGRES_PASSWORD", "postgres"),
                "--set",
                "backend.pluginDirectories=[\"" + PlinthProcess.examplePlugins() + "\"]");
    }

    /** The README's first block in this language. */
    private static String snippet(String language) throws IOException {
        Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```")
                .matcher(Files.readString(ROOT.resolve("README.md")));
        assertThat(block.find()).isTrue();
        return block.group(1);
    }
}
