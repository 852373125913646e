package dev.plinth.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.JavaMigration;
import dev.plinth.plugin.Plugin;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import dev.plinth.runtime.config.Problem;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryTest {

    @TempDir
    private Path plugins;

    @Test
    void findsThePluginsInTheJarsOfADirectory() throws IOException {
        jar("b.TodoPlugin", "todo").build(plugins.resolve("todo.jar"));
        jar("a.CatalogPlugin", "catalog").build(plugins.resolve("catalog.jar"));

        Discovery found = discover();

        assertThat(found.problems()).isEmpty();
        assertThat(found.plugins()).extracting(PluginDescriptor::id).containsExactly("catalog", "todo");
        assertThat(found.plugins().get(1).source())
                .isEqualTo(plugins.resolve("todo.jar").toString());
    }

    @Test
    void makesANewObjectForEachInstance() throws IOException {
        jar("a.TodoPlugin", "todo").build(plugins.resolve("todo.jar"));

        PluginDescriptor todo = discover().plugins().get(0);

        assertThat(todo.newInstance().get()).isNotSameAs(todo.newInstance().get());
    }

    @Test
    void findsThePluginsOnTheClassPath() throws IOException {
        Path jar = jar("a.TodoPlugin", "todo")
                .file("db/migration/V1__item.sql", "CREATE TABLE item")
                .build(plugins.resolve("todo.jar"));
        try (URLClassLoader classPath =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, getClass().getClassLoader())) {
            Discovery found = Discovery.run(classPath, List.of(), Map.of());

            assertThat(found.plugins()).extracting(PluginDescriptor::id).containsExactly("todo");
            assertThat(found.plugins().get(0).migrations())
                    .containsExactly(new MigrationFile("V1__item.sql", "CREATE TABLE item"));
        }
    }

    @Test
    void skipsADirectoryThatIsNotThere() {
        assertThat(Discovery.run(empty(), List.of(plugins.resolve("nowhere")), Map.of())
                        .problems())
                .isEmpty();
    }

    @Test
    void skipsJarsThatOnlyAccompanyAPlugin() throws IOException {
        for (String name : List.of("original-todo.jar", "todo-sources.jar", "todo-javadoc.jar", "todo-tests.jar")) {
            jar("a.TodoPlugin", "todo").build(plugins.resolve(name));
        }

        Discovery found = discover();

        assertThat(found.plugins()).isEmpty();
        assertThat(found.problems()).isEmpty();
    }

    @Test
    void takesAnEmptyDirectoryOfItsOwnForHavingNoMigrations() throws IOException {
        jar("a.TodoPlugin", "todo")
                .file("db/migration/V1__item.sql", "CREATE TABLE item")
                .file("db/migration/todo/", "")
                .build(plugins.resolve("todo.jar"));

        assertThat(discover().plugins().get(0).migrations()).isEmpty();
    }

    @Test
    void readsMigrationsFromThePluginsOwnJar() throws IOException {
        jar("a.TodoPlugin", "todo")
                .file("db/migration/V2__done.sql", "two")
                .file("db/migration/V1__item.sql", "one")
                .file("db/migration/V1__item.pg.sql", "one for pg")
                .build(plugins.resolve("todo.jar"));

        assertThat(discover().plugins().get(0).migrations())
                .containsExactly(
                        new MigrationFile("V1__item.pg.sql", "one for pg"),
                        new MigrationFile("V1__item.sql", "one"),
                        new MigrationFile("V2__done.sql", "two"));
    }

    @Test
    void givesEachOfSeveralPluginsInAJarItsOwnMigrations() throws IOException {
        new JarBuilder()
                .plugin("a.TodoPlugin", "todo")
                .plugin("b.CatalogPlugin", "catalog")
                .source("a.sub.Fill", javaMigration("a.sub", "Fill"))
                .source("b.Fill", javaMigration("b", "Fill"))
                .service(Plugin.class, "a.TodoPlugin", "b.CatalogPlugin")
                .service(JavaMigration.class, "a.sub.Fill", "b.Fill")
                .file("db/migration/todo/V1__todo.sql", "todo")
                .file("db/migration/catalog/V1__catalog.sql", "catalog")
                .build(plugins.resolve("both.jar"));

        List<PluginDescriptor> found = discover().plugins();

        assertThat(found.get(0).migrations()).extracting(MigrationFile::name).containsExactly("V1__todo.sql");
        assertThat(found.get(1).migrations()).extracting(MigrationFile::name).containsExactly("V1__catalog.sql");
        assertThat(found.get(0).javaMigrations()).singleElement().satisfies(migration -> assertThat(
                        migration.getClass().getName())
                .isEqualTo("a.sub.Fill"));
        assertThat(found.get(1).javaMigrations()).singleElement().satisfies(migration -> assertThat(
                        migration.getClass().getName())
                .isEqualTo("b.Fill"));
    }

    @Test
    void leavesAPluginOutWhoseMigrationCannotBeLoaded() throws IOException {
        jar("a.TodoPlugin", "todo").service(JavaMigration.class, "a.Missing").build(plugins.resolve("todo.jar"));

        Discovery found = discover();

        assertThat(found.plugins()).isEmpty();
        assertThat(found.problems()).singleElement().satisfies(problem -> assertThat(problem.message())
                .contains("a.Missing"));
    }

    @Test
    void handsOutTheSchemasOfTheConfiguration() throws IOException {
        jar("a.TodoPlugin", "todo").file("plinth-config.schema.json", "{}").build(plugins.resolve("todo.jar"));

        assertThat(discover().schemas())
                .containsExactly(
                        new Discovery.ConfigSchema(plugins.resolve("todo.jar").toString(), "{}"));
    }

    @Test
    void refusesAnIdThatIsTakenWhateverItsCase() throws IOException {
        jar("a.TodoPlugin", "todo").build(plugins.resolve("a.jar"));
        jar("b.TodoPlugin", "ToDo").build(plugins.resolve("b.jar"));

        Discovery found = discover();

        assertThat(found.plugins()).extracting(PluginDescriptor::id).containsExactly("todo");
        assertThat(found.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo("duplicate-plugin");
            assertThat(problem.source()).endsWith("b.jar");
            assertThat(problem.message()).contains("'ToDo'").contains("a.jar");
        });
    }

    @Test
    void refusesIllegalAndReservedIds() throws IOException {
        jar("a.One", "../etc").build(plugins.resolve("a.jar"));
        jar("a.Two", "backend").build(plugins.resolve("b.jar"));
        jar("a.Three", "todo").build(plugins.resolve("c.jar"));

        Discovery found = discover();

        assertThat(found.plugins()).extracting(PluginDescriptor::id).containsExactly("todo");
        assertThat(found.problems())
                .extracting(Problem::code)
                .containsExactly("invalid-plugin-id", "invalid-plugin-id");
    }

    @Test
    void namesABrokenJarAndGoesOn() throws IOException {
        Files.writeString(plugins.resolve("broken.jar"), "no zip");
        jar("a.TodoPlugin", "todo").build(plugins.resolve("todo.jar"));

        Discovery found = discover();

        assertThat(found.plugins()).extracting(PluginDescriptor::id).containsExactly("todo");
        assertThat(found.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo("broken-plugin");
            assertThat(problem.source()).endsWith("broken.jar");
        });
    }

    @Test
    void namesClassesThatAreNoPluginsAndGoesOn() throws IOException {
        new JarBuilder()
                .plugin("a.TodoPlugin", "todo")
                .source("a.NoPlugin", "package a; public class NoPlugin {}")
                .source("a.Throws", failing("Throws", "public Throws() { throw new IllegalStateException(\"boom\"); }"))
                .source(
                        "a.BadInit",
                        failing("BadInit", "static { if (true) throw new IllegalStateException(\"bad\"); }"))
                .service(Plugin.class, "a.NoPlugin", "a.Missing", "a.Throws", "a.BadInit", "a.TodoPlugin")
                .build(plugins.resolve("mixed.jar"));

        Discovery found = discover();

        assertThat(found.plugins()).extracting(PluginDescriptor::id).containsExactly("todo");
        assertThat(found.problems()).hasSize(4).allSatisfy(problem -> assertThat(problem.source())
                .endsWith("mixed.jar"));
        assertThat(found.problems().toString()).contains("a.NoPlugin", "a.Missing", "boom", "a.BadInit");
    }

    @Test
    void warnsOfAJarWithoutAnyPlugin() throws IOException {
        new JarBuilder().file("x.txt", "x").build(plugins.resolve("library.jar"));

        assertThat(discover().problems()).singleElement().satisfies(problem -> {
            assertThat(problem.isError()).isFalse();
            assertThat(problem.toString()).contains("library.jar").contains("META-INF/services");
        });
    }

    @Test
    void keepsTheRuntimesLibrariesAwayFromAPlugin() throws Exception {
        jar("a.TodoPlugin", "todo").build(plugins.resolve("todo.jar"));

        ClassLoader loader = discover().plugins().get(0).classLoader();

        assertThat(loader.loadClass("io.vertx.core.Vertx")).isSameAs(io.vertx.core.Vertx.class);
        assertThat(loader.loadClass(Plugin.class.getName())).isSameAs(Plugin.class);
        assertThat(loader.loadClass("java.sql.Connection")).isSameAs(java.sql.Connection.class);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> loader.loadClass("picocli.CommandLine")))
                .isInstanceOf(ClassNotFoundException.class);
        assertThat(loader.getResource("logback.xml")).isNull();
    }

    @Test
    void prefersAPluginsOwnLibrary() throws Exception {
        jar("a.TodoPlugin", "todo")
                .source("picocli.CommandLine", "package picocli; public class CommandLine {}")
                .build(plugins.resolve("todo.jar"));
        jar("b.CatalogPlugin", "catalog")
                .source("picocli.CommandLine", "package picocli; public class CommandLine {}")
                .build(plugins.resolve("catalog.jar"));

        List<PluginDescriptor> found = discover().plugins();

        Class<?> first = found.get(0).classLoader().loadClass("picocli.CommandLine");
        Class<?> second = found.get(1).classLoader().loadClass("picocli.CommandLine");
        assertThat(first.getClassLoader()).isSameAs(found.get(0).classLoader());
        assertThat(first).isNotSameAs(second);
    }

    @Test
    void sharesJacksonWhateverAJarBundlesAndLetsItBringThePartsThatTheRuntimeLacks() throws Exception {
        jar("a.TodoPlugin", "todo")
                .source(
                        "com.fasterxml.jackson.core.JsonFactory",
                        "package com.fasterxml.jackson.core; public class JsonFactory { public void other() {} }")
                .source(
                        "com.fasterxml.jackson.dataformat.Own",
                        "package com.fasterxml.jackson.dataformat; public class Own {}")
                .build(plugins.resolve("todo.jar"));

        ClassLoader loader = discover().plugins().get(0).classLoader();

        assertThat(loader.loadClass("com.fasterxml.jackson.core.JsonFactory"))
                .isSameAs(com.fasterxml.jackson.core.JsonFactory.class);
        assertThat(loader.loadClass("com.fasterxml.jackson.dataformat.Own").getClassLoader())
                .isSameAs(loader);
    }

    private Discovery discover() {
        return Discovery.run(empty(), List.of(plugins), Map.of());
    }

    /** The runtime's class path, on which these tests have no plugin. */
    private static ClassLoader empty() {
        return DiscoveryTest.class.getClassLoader();
    }

    private static JarBuilder jar(String className, String id) {
        return new JarBuilder().plugin(className, id).service(Plugin.class, className);
    }

    private static String failing(String name, String member) {
        return JarBuilder.pluginSource("a." + name, "failing")
                .replace("public String id()", member + "\n    public String id()");
    }

    private static String javaMigration(String packageName, String name) {
        return """
                package %s;
                public class %s implements dev.plinth.plugin.JavaMigration {
                    public int version() { return 1; }
                    public String name() { return "fill"; }
                    public io.vertx.core.Future<?> migrate(
                            io.vertx.sqlclient.SqlConnection connection, dev.plinth.plugin.Dialect dialect) {
                        return io.vertx.core.Future.succeededFuture();
                    }
                }
                """
                .formatted(packageName, name);
    }
}
