package dev.plinth.runtime.plugin;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.Plugin;
import dev.plinth.runtime.testing.LogLines;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jars that come, change and go while a host runs. */
class PluginWatchTest {

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setDisableTCCL(true));
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<String> removed = new CopyOnWriteArrayList<>();
    /** What holds for plugins that come from now on. */
    private final Map<String, PluginSettings> settings = new ConcurrentHashMap<>();

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final Duration IMPATIENT = Duration.ofSeconds(1);
    /** While this is set, code of the hostile jars does not return. */
    private static final String HANG = "plinth.test.hang";

    @TempDir
    private Path plugins;

    @TempDir
    private Path build;

    private PluginHost host;

    @BeforeEach
    void aHostWithAPluginThatMustNotNotice() throws IOException {
        put(jar("other.OtherPlugin", "other", ""), "other.jar");
        startHost();
    }

    private void startHost() {
        host = Hosts.of(vertx, plugins, Hosts.Rules.of(settings), new NoDatabases(), new Listener());
        await(host.start());
        host.watch(BETWEEN_LOOKS);
    }

    private void startWithin(Duration limit) {
        settings.put("todo", new PluginSettings(true, 1, Threading.EVENT_LOOP, limit, Duration.ofSeconds(30), false));
    }

    @AfterEach
    void close() {
        System.clearProperty(HANG);
        assertThat(heard.stream().filter(what -> what.startsWith("other ")))
                .containsExactly("other starting", "other ready");
        await(host.stop());
        await(vertx.close());
    }

    @Test
    void startsReplacesAndStopsWhatComesChangesAndGoes() throws IOException {
        put(jar("a.TodoPlugin", "todo", "one"), "todo.jar");
        eventually(() -> versionOf("todo").equals("one") && isReady("todo"));

        put(jar("a.TodoPlugin", "todo", "two"), "todo.jar");
        eventually(() -> versionOf("todo").equals("two"));
        assertThat(isReady("todo")).isTrue();

        Files.delete(plugins.resolve("todo.jar"));
        eventually(() -> removed.equals(List.of("todo")));
        assertThat(host.states()).extracting(PluginStatus::id).containsExactly("other");
        eventually(() -> vertx.deploymentIDs().size() == 1);
    }

    @Test
    void waitsForAJarThatIsJustBeingWritten() throws IOException {
        byte[] whole = Files.readAllBytes(jar("a.TodoPlugin", "todo", "one"));
        Path target = plugins.resolve("todo.jar");
        Files.write(target, Arrays.copyOf(whole, whole.length / 2));
        eventually(() -> leftOut("todo.jar").startsWith("is no complete jar"));
        assertThat(host.states()).hasSize(1);

        Files.write(target, whole);

        eventually(() -> versionOf("todo").equals("one") && isReady("todo"));
    }

    @Test
    void takesAJarWhenItsRightsAreMended() throws IOException {
        Path jar = jar("a.TodoPlugin", "todo", "one");
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-rw-"));
        Path target = plugins.resolve("todo.jar");
        Files.move(jar, target, StandardCopyOption.ATOMIC_MOVE);
        eventually(() -> leftOut("todo.jar").contains("chmod o-w " + target));

        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));

        eventually(() -> versionOf("todo").equals("one") && isReady("todo"));
        assertThat(host.leftOut()).isEmpty();
    }

    @Test
    void tellsInTheLogWhatBecomesOfEachPlugin() throws IOException {
        try (LogLines log = LogLines.of(JarChanges.class)) {
            Path target = plugins.resolve("todo.jar");
            put(jar("a.TodoPlugin", "todo", "one"), "todo.jar");
            eventually(() ->
                    log.lines().equals(List.of("plugin 'todo' has come, with " + target, "plugin 'todo' serves")));

            put(jar("a.TodoPlugin", "todo", "two"), "todo.jar");
            eventually(() -> log.lines().contains("plugin 'todo' is replaced by what " + target + " holds now"));

            Files.write(target, new byte[10_000]);
            eventually(() -> log.lines().stream()
                    .anyMatch(line -> line.startsWith(
                            "plugin 'todo' goes on in the version before: " + target + ": is no complete jar")));

            Files.delete(target);
            eventually(() -> log.lines().contains("plugin 'todo' is gone, with " + target));
        }
    }

    @Test
    void goesOnWithTheOldVersionWhileSomebodyWritesOverItsJar() throws IOException {
        put(jar("a.TodoPlugin", "todo", "one"), "todo.jar");
        eventually(() -> isReady("todo"));

        Files.write(plugins.resolve("todo.jar"), new byte[10_000]);
        eventually(() -> snapshot("todo").reloadFailure().contains("is no complete jar"));

        assertThat(versionOf("todo")).isEqualTo("one");
        assertThat(await(host.restart("todo")).state()).isEqualTo(PluginState.READY);
        put(jar("a.TodoPlugin", "todo", "two"), "todo.jar");
        eventually(() -> versionOf("todo").equals("two"));
        assertThat(snapshot("todo").reloadFailure()).isEmpty();
    }

    @Test
    void leavesAPluginStoppedThatAnOperatorStoppedThoughItsJarChanges() throws IOException {
        put(jar("a.TodoPlugin", "todo", "one"), "todo.jar");
        eventually(() -> isReady("todo"));
        await(host.stop("todo"));

        put(jar("a.TodoPlugin", "todo", "two"), "todo.jar");
        eventually(() -> versionOf("todo").equals("two"));

        assertThat(snapshot("todo").status().state()).isEqualTo(PluginState.STOPPED);
        assertThat(await(host.start("todo")).state()).isEqualTo(PluginState.READY);
    }

    @Test
    void refusesAPluginThatAnotherJarHasUntilThatIsGone() throws IOException {
        put(jar("a.TodoPlugin", "todo", "one"), "todo.jar");
        eventually(() -> isReady("todo"));
        put(jar("b.TodoPlugin", "ToDo", "two"), "again.jar");
        eventually(() -> leftOut("again.jar")
                .equals("holds plugin 'ToDo', and " + plugins.resolve("todo.jar")
                        + " has a plugin 'todo' already; remove one of the two"));
        assertThat(host.states()).hasSize(2);
        assertThat(versionOf("todo")).isEqualTo("one");

        Files.delete(plugins.resolve("todo.jar"));

        eventually(() -> versionOf("ToDo").equals("two") && isReady("ToDo"));
        assertThat(host.leftOut()).isEmpty();
    }

    @Test
    void forgetsAJarThatWasLeftOutWhenItIsGone() throws IOException {
        Files.write(plugins.resolve("todo.jar"), new byte[100]);
        eventually(() -> leftOut("todo.jar").startsWith("is no complete jar"));

        Files.delete(plugins.resolve("todo.jar"));

        eventually(() -> host.leftOut().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "public TodoPlugin() { while (Boolean.getBoolean(\"" + HANG + "\")) Thread.onSpinWait(); }",
                "static { try { while (Boolean.getBoolean(\"" + HANG
                        + "\")) Thread.sleep(1_000_000); } catch (InterruptedException e) { } }",
                "static { new java.util.concurrent.locks.ReentrantLock().lock();"
                        + " while (Boolean.getBoolean(\"" + HANG + "\"))"
                        + " java.util.concurrent.locks.LockSupport.park(); }"
            })
    void leavesAJarOutWhoseCodeDoesNotReturn(String code) throws IOException {
        System.setProperty(HANG, "true");
        startWithin(IMPATIENT);
        put(hanging(code), "todo.jar");
        put(jar("c.QuickPlugin", "quick", "one"), "zquick.jar");
        eventually(() -> isReady("quick"));

        eventually(() -> tellsThatItHasHadItsTime(leftOut("todo.jar")));

        assertThat(leftOut("todo.jar")).contains("TodoPlugin.java:").contains("backend.plugins.todo.startTimeout");
        settings.clear();
        put(jar("a.TodoPlugin", "todo", "two"), "todo.jar");
        eventually(() -> versionOf("todo").equals("two") && isReady("todo"));
        assertThat(host.leftOut()).isEmpty();
    }

    @Test
    void keepsTheOldVersionWhenTheCodeOfTheNewOneDoesNotReturn() throws IOException {
        put(jar("a.TodoPlugin", "todo", "one"), "todo.jar");
        eventually(() -> isReady("todo"));
        System.setProperty(HANG, "true");
        startWithin(IMPATIENT);

        put(
                hanging("public TodoPlugin() { while (Boolean.getBoolean(\"" + HANG + "\")) Thread.onSpinWait(); }"),
                "todo.jar");

        eventually(() -> tellsThatItHasHadItsTime(snapshot("todo").reloadFailure()));
        assertThat(isReady("todo")).isTrue();
        assertThat(host.leftOut()).isEmpty();
    }

    private static boolean tellsThatItHasHadItsTime(String reason) {
        Matcher told = Pattern.compile("has not returned within (\\d+) ms").matcher(reason);
        return told.find() && Long.parseLong(told.group(1)) >= IMPATIENT.toMillis();
    }

    @Test
    void startsWithoutAJarWhoseCodeDoesNotReturnAndTakesItWhenItHas() throws IOException {
        await(host.stop());
        heard.clear();
        System.setProperty(HANG, "true");
        put(
                hanging("public TodoPlugin() { while (Boolean.getBoolean(\"" + HANG + "\")) Thread.onSpinWait(); }"),
                "a.jar");

        startHost();

        assertThat(isReady("other")).isTrue();
        assertThat(host.states()).hasSize(1);
        System.clearProperty(HANG);
        eventually(() -> isReady("todo"));
    }

    @Test
    void countsAConstructorThatDoesNotReturnAsAStartThatDoesNot() throws IOException {
        startWithin(Duration.ofSeconds(2));
        put(
                hanging("static int made; public TodoPlugin() { while (made++ > 0 && Boolean.getBoolean(\"" + HANG
                        + "\")) Thread.onSpinWait(); }"),
                "todo.jar");
        System.setProperty(HANG, "true");

        eventually(() -> host.states().stream().anyMatch(status -> status.state() == PluginState.FAILED));

        assertThat(snapshot("todo").status().detail()).startsWith("start() did not finish within 2000 ms");
    }

    /** With a descriptor, which tells whose it is before its code does. */
    private Path hanging(String code) throws IOException {
        return new JarBuilder()
                .source(
                        "a.TodoPlugin",
                        JarBuilder.pluginSource("a.TodoPlugin", "todo")
                                .replaceFirst("\\{", "{ " + code.replace("\\", "\\\\")))
                .service(Plugin.class, "a.TodoPlugin")
                .file(JarDescriptor.FILE, "{\"apiLevel\": 1, \"plugins\": {\"todo\": {}}}")
                .build(build.resolve("next.jar"));
    }

    private String leftOut(String jar) {
        return host.leftOut().stream()
                .filter(left -> left.source().endsWith(jar))
                .map(LeftOutJar::reason)
                .findFirst()
                .orElse("");
    }

    @Test
    void replacesAJarWithSeveralPluginsAsAWhole() throws IOException {
        put(both("one", ""), "both.jar");
        eventually(() -> isReady("todo") && isReady("catalog"));

        put(both("two", "if (true) throw new IllegalStateException(\"broken\");"), "both.jar");
        eventually(() -> snapshot("todo").reloadFailure().contains("broken"));
        assertThat(versionOf("todo")).isEqualTo("one");
        assertThat(versionOf("catalog")).isEqualTo("one");
        assertThat(isReady("todo") && isReady("catalog")).isTrue();

        put(both("three", ""), "both.jar");
        eventually(
                () -> versionOf("todo").equals("three") && versionOf("catalog").equals("three"));

        put(jar("a.TodoPlugin", "todo", "four"), "both.jar");
        eventually(() -> removed.equals(List.of("catalog")) && versionOf("todo").equals("four"));
        eventually(() -> vertx.deploymentIDs().size() == 2);
    }

    private Path both(String version, String inStart) throws IOException {
        return new JarBuilder()
                .plugin("a.TodoPlugin", "todo")
                .source(
                        "b.CatalogPlugin",
                        JarBuilder.pluginSource("b.CatalogPlugin", "catalog")
                                .replace("return io.vertx", inStart + " return io.vertx"))
                .service(Plugin.class, "a.TodoPlugin", "b.CatalogPlugin")
                .file("META-INF/MANIFEST.MF", "Implementation-Version: " + version + "\n")
                .build(build.resolve("next.jar"));
    }

    private Path jar(String className, String id, String version) throws IOException {
        return new JarBuilder()
                .plugin(className, id)
                .service(Plugin.class, className)
                .file("META-INF/MANIFEST.MF", "Implementation-Version: " + version + "\n")
                .build(build.resolve("next.jar"));
    }

    private void put(Path jar, String name) throws IOException {
        Files.move(jar, plugins.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private boolean isReady(String id) {
        return host.states().stream().anyMatch(status -> status.id().equals(id) && status.state() == PluginState.READY);
    }

    private String versionOf(String id) {
        return await(host.plugins()).stream()
                .filter(plugin -> plugin.status().id().equals(id))
                .map(PluginSnapshot::version)
                .findFirst()
                .orElse("");
    }

    private PluginSnapshot snapshot(String id) {
        return await(host.plugins()).stream()
                .filter(plugin -> plugin.status().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, SECONDS)
                .join();
    }

    private final class Listener implements PluginListener {

        @Override
        public void changed(PluginStatus status, List<PluginInstance> instances) {
            heard.add(status.id() + " " + status.state());
        }

        @Override
        public void removed(String pluginId) {
            removed.add(pluginId);
        }
    }
}
