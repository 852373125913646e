package dev.plinth.runtime.plugin;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.Plugin;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginReloadTest {

    private static final int RELOADS = Boolean.getBoolean("plinth.thorough") ? 300 : 10;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setDisableTCCL(true));
    private final Listener listener = new Listener();
    private final Databases databases = new Databases();

    @TempDir
    private Path plugins;

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void servesTheNewVersionOfAJar() throws IOException {
        put("one", "");
        PluginHost host = started();

        put("two", "");
        List<PluginStatus> states = await(host.reload("todo"));

        assertThat(states).extracting(PluginStatus::state).containsExactly(PluginState.READY);
        eventually(() -> listener.routes.equals(List.of("/two")));
        assertThat(host.states()).hasSize(1);
    }

    @Test
    void servesWithoutAGapWhileItReplaces() throws IOException {
        put("one", "");
        PluginHost host = started();
        listener.heard.clear();

        put("two", "");
        await(host.reload("todo"));

        assertThat(listener.heard).containsExactly("todo ready");
    }

    @Test
    void waitsForWhatTheOldVersionIsDoing() throws IOException {
        put("one", "");
        PluginHost host = started();
        put("two", "");
        Promise<Void> busy = Promise.promise();
        listener.idle = busy.future();

        assertThat(await(host.reload("todo"))).extracting(PluginStatus::state).containsExactly(PluginState.READY);
        assertThat(vertx.deploymentIDs()).hasSize(2);
        busy.complete();

        eventually(() -> vertx.deploymentIDs().size() == 1);
    }

    @Test
    void goesBackToTheOldVersionWhenTheNewOneFails() throws IOException {
        put("one", "");
        PluginHost host = started();

        put("two", "throw new IllegalStateException(\"broken\");");

        assertThatThrownBy(() -> await(host.reload("todo")))
                .hasMessageContaining("the old one goes on")
                .hasMessageContaining("broken");
        eventually(() -> listener.routes.equals(List.of("/one")));
        assertThat(host.states()).extracting(PluginStatus::state).containsExactly(PluginState.READY);
    }

    @Test
    void leavesTheOldVersionAloneWhenTheJarIsBroken() throws IOException {
        put("one", "");
        PluginHost host = started();
        eventually(() -> listener.heard.contains("todo ready"));
        listener.heard.clear();

        Files.delete(plugins.resolve("todo.jar"));
        Files.writeString(plugins.resolve("todo.jar"), "no jar");

        assertThatThrownBy(() -> await(host.reload("todo"))).hasMessageContaining("todo.jar");
        assertThat(listener.heard).isEmpty();
        assertThat(host.states()).extracting(PluginStatus::state).containsExactly(PluginState.READY);
    }

    @Test
    void takesOrdersThoughANewVersionWaitsForADatabaseThatIsAway() throws IOException {
        put("one", "");
        PluginHost host = started();
        put("two", "if (true) return context.database();");
        databases.away = true;
        Future<List<PluginStatus>> reload = host.reload("todo");
        eventually(() -> databases.asked.get() > 0);

        assertThat(await(host.stop("todo")).state()).isEqualTo(PluginState.STOPPED);
        assertThatThrownBy(() -> await(reload)).hasMessageContaining("the old one goes on");
        assertThat(await(host.start("todo")).state()).isEqualTo(PluginState.READY);
        assertThat(listener.routes).containsExactly("/one");
    }

    @Test
    void doesNotKeepAnOperatorWaitingForADatabaseThatIsAway() throws IOException {
        put("one", "if (true) return context.database().otherwiseEmpty();");
        PluginHost host = started();
        databases.away = true;

        assertThat(await(host.restart("todo")).state()).isEqualTo(PluginState.PROVISIONING);
        assertThat(await(host.stop("todo")).state()).isEqualTo(PluginState.STOPPED);
    }

    @Test
    void knowsNoOtherPlugin() throws IOException {
        put("one", "");

        assertThatThrownBy(() -> await(started().reload("catalog"))).hasMessageContaining("no plugin 'catalog'");
    }

    @Test
    void leavesNothingBehind() throws IOException {
        put("one", "");
        PluginHost host = started();
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        for (int i = 0; i < RELOADS; i++) {
            await(host.reload("todo"));
            eventually(() -> !listener.loaders.isEmpty());
            loaders.add(listener.loaders.remove(0));
        }
        loaders.remove(loaders.size() - 1);

        eventually(() -> vertx.deploymentIDs().size() == 1);
        eventually(() -> {
            System.gc();
            return loaders.stream().allMatch(loader -> loader.get() == null);
        });
    }

    private PluginHost started() {
        PluginHost host = Hosts.of(vertx, plugins, Hosts.Rules.of(Map.of()), databases, listener);
        await(host.start());
        return host;
    }

    /** As a careful operator does: the new jar takes the old one's place in one step. */
    private void put(String route, String inStart) throws IOException {
        String source =
                """
                package a;
                public class TodoPlugin implements dev.plinth.plugin.Plugin {
                    public String id() { return "todo"; }
                    public io.vertx.core.Future<?> start(dev.plinth.plugin.PluginContext context) {
                        context.router().get("/%s").handler(request -> request.end());
                        io.vertx.core.Vertx.currentContext().put("loader", getClass().getClassLoader());
                        if (true) { %s }
                        return io.vertx.core.Future.succeededFuture();
                    }
                }
                """
                        .formatted(route, inStart);
        Path next = new JarBuilder()
                .source("a.TodoPlugin", source)
                .service(Plugin.class, "a.TodoPlugin")
                .build(plugins.resolve("next"));
        Files.move(next, plugins.resolve("todo.jar"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, SECONDS)
                .join();
    }

    private static final class Listener implements PluginListener {

        private final List<String> heard = new CopyOnWriteArrayList<>();
        private final List<WeakReference<ClassLoader>> loaders = new CopyOnWriteArrayList<>();
        private volatile List<String> routes = List.of();
        private volatile Future<?> idle = Future.succeededFuture();

        @Override
        public void changed(PluginStatus status, List<PluginInstance> instances) {
            if (!instances.isEmpty()) {
                routes = instances.get(0).router().getRoutes().stream()
                        .map(route -> route.getPath())
                        .toList();
                loaders.add(new WeakReference<>(
                        Objects.requireNonNull(instances.get(0).context().get("loader"))));
            }
            heard.add(status.id() + " " + status.state());
        }

        @Override
        public Future<?> idle(String pluginId, List<PluginInstance> instances) {
            return idle;
        }
    }

    /** Refused, or away. */
    private static final class Databases implements PluginDatabases {

        private volatile boolean away;
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public Future<DatabaseReply> open(DatabaseRequest request) {
            asked.incrementAndGet();
            return away ? Promise.<DatabaseReply>promise().future() : Future.failedFuture("no database here");
        }

        @Override
        public Future<?> release(String pluginId, long run) {
            return Future.succeededFuture();
        }

        @Override
        public Dialect dialect(String pluginId) {
            return Dialect.SQLITE;
        }
    }
}
