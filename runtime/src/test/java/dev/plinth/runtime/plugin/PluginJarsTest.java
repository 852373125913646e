package dev.plinth.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.Plugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a jar must be like to be loaded. */
class PluginJarsTest {

    private static final String DESCRIPTOR = "META-INF/plinth-plugin.json";

    @TempDir
    private Path plugins;

    @TempDir
    private Path elsewhere;

    @Test
    void takesWhatADescriptorSays() throws IOException {
        todo().file(
                        DESCRIPTOR,
                        """
                        {"apiLevel": 2, "version": "1.4.0", "plugins": {"todo": {
                          "calls": ["Catalog"], "mayCall": ["search"], "alone": true,
                          "permissions": {"database": true, "addresses": ["audit"]}}}}
                        """)
                .build(plugins.resolve("todo.jar"));

        PluginDescriptor todo = discover(Map.of()).plugins().get(0);

        assertThat(todo.version()).isEqualTo("1.4.0");
        assertThat(todo.needs().calls()).containsExactly("catalog");
        assertThat(todo.needs().mayCall()).containsExactly("search");
        assertThat(todo.needs().database()).isTrue();
        assertThat(todo.needs().routes()).isFalse();
        assertThat(todo.needs().addresses()).containsExactly("audit");
        assertThat(todo.isAlone()).isTrue();
    }

    @Test
    void refusesAPluginForANewerRuntime() throws IOException {
        describe("{\"apiLevel\": 3, \"plugins\": {\"todo\": {}}}");

        assertRefused("apiLevel", "level 3", "this runtime has 2", "use a newer Plinth");
    }

    @Test
    void refusesADescriptorThatCannotBeRightAndNamesTheKey() throws IOException {
        describe("{\"plugins\": {\"todo\": {}}}");
        assertRefused("apiLevel: expected a whole number");
        describe("{\"apiLevel\": 1, \"plugins\": {\"todo\": {\"call\": []}}}");
        assertRefused("plugins.todo.call: unknown key, known are calls");
        describe("{\"apiLevel\": 1, \"plugins\": {\"todo\": {\"calls\": [1]}}}");
        assertRefused("plugins.todo.calls: expected a list of texts");
        describe("{\"apiLevel\": 1, \"plugins\": {\"todo\": {\"permissions\": {\"database\": \"yes\"}}}}");
        assertRefused("plugins.todo.permissions.database: expected true or false");
        describe("no json");
        assertRefused("META-INF/plinth-plugin.json: is no JSON object");
        describe("{\"apiLevel\": 1, \"plugins\": {\"catalog\": {}}}");
        assertRefused("holds plugin 'todo', and", "names only catalog");
    }

    @Test
    void loadsAJarWithTheChecksumThatIsAskedForAlone() throws IOException {
        Path jar = todo().build(plugins.resolve("todo.jar"));

        assertThat(discover(Map.of("todo", JarGuard.sha256(jar))).plugins()).hasSize(1);
        assertThat(discover(Map.of("todo", "0".repeat(64))).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .contains(JarGuard.sha256(jar), "backend.plugins.todo.sha256", "0".repeat(64)));
    }

    @Test
    void runsNothingOfADescribedJarWithAnotherChecksum() throws IOException {
        new JarBuilder()
                .source(
                        "a.TodoPlugin",
                        JarBuilder.pluginSource("a.TodoPlugin", "todo")
                                .replace(
                                        "public String id()",
                                        "{ System.setProperty(\"plinth.test.ran\", \"yes\"); } public String id()"))
                .service(Plugin.class, "a.TodoPlugin")
                .file(DESCRIPTOR, "{\"apiLevel\": 1, \"plugins\": {\"todo\": {}}}")
                .build(plugins.resolve("todo.jar"));

        assertThat(discover(Map.of("todo", "0".repeat(64))).plugins()).isEmpty();
        assertThat(System.getProperty("plinth.test.ran")).isNull();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void refusesAJarThatLeadsOutOfItsDirectory() throws IOException {
        Path jar = todo().build(elsewhere.resolve("todo.jar"));
        Files.createSymbolicLink(plugins.resolve("todo.jar"), jar);

        assertRefused("leads out of the plugin directory", jar.toRealPath().toString());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void takesALinkWithinTheDirectory() throws IOException {
        Path data = Files.createDirectory(plugins.resolve("..data"));
        todo().build(data.resolve("todo.jar"));
        Files.createSymbolicLink(plugins.resolve("todo.jar"), Path.of("..data", "todo.jar"));

        assertThat(discover(Map.of()).plugins()).hasSize(1);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void refusesAJarThatEverybodyMayChange() throws IOException {
        Path jar = todo().build(plugins.resolve("todo.jar"));
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--rw-"));

        assertRefused("may be changed by everybody on this machine", "chmod o-w");
    }

    @Test
    void keepsItsCopiesInADirectoryThatAnotherProcessDoesNotTake() throws IOException {
        todo().build(plugins.resolve("todo.jar"));
        Files.createDirectories(elsewhere.resolve("plinth-jars-killed"));
        Files.createFile(elsewhere.resolve("plinth-jars-killed").resolve("lock"));

        try (PluginLoader loader = loader()) {
            loader.discover(Map.of()).get().close();
            loader.removeAbandonedCopies();
            assertThat(elsewhere.resolve("plinth-jars-killed")).doesNotExist();
            try (var left = Files.list(elsewhere)) {
                assertThat(left).hasSize(1);
            }
        }
        try (var left = Files.list(elsewhere)) {
            assertThat(left).isEmpty();
        }
    }

    /** To close a file ends the locks that the same process has on it: others would take the copies away then. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void keepsItsLockWhileItRemovesWhatOthersLeft() throws IOException {
        todo().build(plugins.resolve("todo.jar"));
        try (PluginLoader loader = loader()) {
            Discovery found = loader.discover(Map.of()).get();
            loader.removeAbandonedCopies();

            try (var own = Files.list(elsewhere)) {
                Path lock = own.findFirst().orElseThrow().resolve("lock");
                assertThat(Files.readString(Path.of("/proc/locks")))
                        .contains(":" + Files.getAttribute(lock, "unix:ino") + " ");
            }
            found.close();
        }
    }

    private void describe(String text) throws IOException {
        todo().file(DESCRIPTOR, text).build(plugins.resolve("todo.jar"));
    }

    private void assertRefused(String... messages) {
        Discovery found = discover(Map.of());
        assertThat(found.plugins()).isEmpty();
        assertThat(found.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo("refused-plugin");
            assertThat(problem.message()).contains(messages);
        });
    }

    private Discovery discover(Map<String, String> checksums) {
        try (PluginLoader loader = loader()) {
            return loader.discover(checksums).get();
        }
    }

    private PluginLoader loader() {
        return new PluginLoader(getClass().getClassLoader(), List.of(plugins), elsewhere);
    }

    private static JarBuilder todo() {
        return new JarBuilder().plugin("a.TodoPlugin", "todo").service(Plugin.class, "a.TodoPlugin");
    }
}
