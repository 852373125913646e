package dev.plinth.runtime.plugin;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.Plugin;
import dev.plinth.plugin.PluginContext;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.gate.RequestLimits;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A plugin that blocks the event loop that it shares with others. */
class SharedLoopsTest {

    private static final String BLOCK = "plinth.test.block";
    private static final String DONE = "plinth.test.done";
    private static final String BEGUN = "plinth.test.begun";
    private static final String SAYS_THAT_IT_BEGINS =
            "System.getProperties().merge(\"" + BEGUN + "\", \"x\", (one, more) -> one.toString() + more);";
    private static final String BLOCKS_WHEN_TOLD =
            "context.subscribe(\"test.block\", e -> { while (Boolean.getBoolean(\"" + BLOCK
                    + "\")) Thread.onSpinWait(); });";
    /** Too little for a loop to seem busy at any look at it; a long time when it is hardly let run. */
    private static final String UNTIL_IT_HAS_RUN =
            "while (java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin < 20_000_000L)";

    private static final String COMPUTES =
            """
            long begin = java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            long number = begin;
            %s {
                for (int i = 0; i < 100_000; i++) number = number * 6364136223846793005L + 1442695040888963407L;
            }
            System.setProperty("plinth.test.number", String.valueOf(number));
            """
                    .formatted(UNTIL_IT_HAS_RUN);
    private static final String COMPUTES_IN_NATIVE_METHODS =
            """
            long begin = java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            byte[] packed = new byte[100_000];
            %s {
                java.util.zip.Deflater deflater = new java.util.zip.Deflater();
                deflater.setInput(new byte[1_000_000]);
                deflater.finish();
                int length = deflater.deflate(packed);
                java.util.zip.Inflater inflater = new java.util.zip.Inflater();
                inflater.setInput(packed, 0, length);
                inflater.inflate(new byte[1_000_000]);
            }
            """
                    .formatted(UNTIL_IT_HAS_RUN);
    /** Has the lock before, and computes when it is told. */
    private static final String HOLDER =
            """
            Object lock = new Object();
            java.util.concurrent.atomic.AtomicBoolean held = new java.util.concurrent.atomic.AtomicBoolean();
            java.util.concurrent.atomic.AtomicBoolean told = new java.util.concurrent.atomic.AtomicBoolean();
            Thread holder = new Thread(() -> {
                synchronized (lock) {
                    held.set(true);
                    while (!told.get()) Thread.onSpinWait();
            """
                    + COMPUTES
                    + """
                }
            });
            holder.start();
            while (!held.get()) Thread.onSpinWait();
            """;

    private static final String WAITS_FOR_HOLDER =
            """
            told.set(true);
            synchronized (lock) {
                holder.getName();
            }
            """;
    private static final List<String> OTHERS = List.of("a", "b", "c");

    /** One loop for the host, two for the plugins. */
    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setDisableTCCL(true).setEventLoopPoolSize(3));

    private final Map<String, List<PluginInstance>> serving = new ConcurrentHashMap<>();
    private final Set<String> abandoned = ConcurrentHashMap.newKeySet();

    @TempDir
    private Path plugins;

    @AfterEach
    void close() {
        System.clearProperty(BLOCK);
        System.clearProperty(DONE);
        System.clearProperty(BEGUN);
        await(vertx.close());
    }

    @Test
    void movesTheOthersAwayFromAPluginThatBlocksTheirEventLoop() throws IOException {
        jar("bad", BLOCKS_WHEN_TOLD);
        PluginHost host = hostWithOthers();
        await(host.start());
        EventLoop shared = loopOf("bad");
        Set<String> victims = new HashSet<>(OTHERS);
        victims.removeIf(other -> loopOf(other) != shared);
        assertThat(victims).isNotEmpty();

        System.setProperty(BLOCK, "true");
        vertx.eventBus().publish("test.block", new JsonObject());

        eventually(() -> abandoned.containsAll(victims) && abandoned.contains("bad"));
        PluginStatus bad = status(host, "bad");
        assertThat(bad.state()).isEqualTo(PluginState.DEGRADED);
        assertThat(bad.reason()).isEqualTo("it blocks its event loop");
        assertThat(bad.detail()).contains("BadPlugin.java");
        eventually(() -> serving.get("bad").isEmpty());
        eventually(() -> OTHERS.stream()
                .allMatch(other -> status(host, other).state() == PluginState.READY && loopOf(other) != shared));
        assertThat(abandoned).hasSize(victims.size() + 1);

        System.clearProperty(BLOCK);
        eventually(() -> status(host, "bad").state() == PluginState.READY
                && serving.get("bad").size() == 1);
        eventually(() -> vertx.deploymentIDs().size() == 4);
        await(host.stop());
    }

    @ParameterizedTest
    @MethodSource("kindsOfWork")
    void takesNoPluginForOneThatBlocksThatIsJustNotLetRun(String before, String work) throws Exception {
        jar(
                "bad",
                before
                        + """
                context.subscribe("test.block", e -> {
                    try {
                        %s
                    } catch (Exception failed) {
                        throw new IllegalStateException(failed);
                    }
                    System.setProperty("%s", "true");
                });"""
                                .formatted(work, DONE));
        assertThatNobodyIsBlamedBesideOthersThatCompute(32);
    }

    private void assertThatNobodyIsBlamedBesideOthersThatCompute(int perProcessor) throws IOException {
        PluginHost host = hostWithOthers();
        await(host.start());
        System.setProperty(BLOCK, "true");
        for (int i = 0; i < perProcessor * Runtime.getRuntime().availableProcessors(); i++) {
            Thread other = new Thread(() -> {
                while (Boolean.getBoolean(BLOCK)) {
                    Thread.onSpinWait();
                }
            });
            other.setDaemon(true);
            other.start();
        }

        vertx.eventBus().publish("test.block", new JsonObject());

        eventually(() -> Boolean.getBoolean(DONE));
        assertThat(abandoned).isEmpty();
        System.clearProperty(BLOCK);
        await(host.stop());
    }

    @Test
    void takesNoPluginForOneThatBlocksThatIsLetRunForAPartOfTheTime() throws IOException {
        jar(
                "bad",
                """
                context.subscribe("test.block", e -> {
                    %s
                    System.setProperty("%s", "true");
                });"""
                        .formatted(COMPUTES.replace("20_000_000L", "230_000_000L"), DONE));
        assertThatNobodyIsBlamedBesideOthersThatCompute(2);
    }

    @Test
    void takesNoPluginForOneThatBlocksThatLoadsALibrary() throws IOException {
        jar(
                "bad",
                """
                context.subscribe("test.block", e -> {
                    long begin = java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
                    %s {
                        java.lang.reflect.Proxy.newProxyInstance(
                                new java.net.URLClassLoader(new java.net.URL[0]),
                                new Class<?>[] {Runnable.class},
                                (proxy, method, arguments) -> null);
                    }
                    System.setProperty("%s", "true");
                });"""
                        .formatted(UNTIL_IT_HAS_RUN.replace("20_000_000L", "550_000_000L"), DONE));
        assertThatNobodyIsBlamedBesideOthersThatCompute(0);
    }

    private static List<Arguments> kindsOfWork() {
        return List.of(
                Arguments.of("", COMPUTES),
                Arguments.of("", COMPUTES_IN_NATIVE_METHODS),
                Arguments.of(HOLDER, WAITS_FOR_HOLDER));
    }

    @Test
    void restartsThePluginThatBlocksThoughConnectionsThereComeBackOnlyWhenTheLoopGoesOn() throws IOException {
        jar("bad", BLOCKS_WHEN_TOLD + "context.database();");
        PluginHost host =
                Hosts.of(vertx, plugins, Hosts.Rules.of(Map.of()), new DatabasesThatKeepConnections(), new Listener());
        await(host.start());
        EventLoop shared = loopOf("bad");
        System.setProperty(BLOCK, "true");
        vertx.eventBus().publish("test.block", new JsonObject());
        eventually(() -> abandoned.contains("bad"));

        PluginStatus restarted = await(host.restart("bad"));

        assertThat(restarted.state()).isEqualTo(PluginState.READY);
        assertThat(loopOf("bad")).isNotSameAs(shared);
        System.clearProperty(BLOCK);
    }

    /** As those on a server whose sockets belong to the event loop that is blocked. */
    private static final class DatabasesThatKeepConnections implements PluginDatabases {

        @Override
        public Future<DatabaseReply> open(DatabaseRequest request) {
            return Future.succeededFuture(new DatabaseReply(null, Dialect.POSTGRESQL));
        }

        @Override
        public Future<?> release(String pluginId, long run) {
            return Promise.promise().future();
        }

        @Override
        public Dialect dialect(String pluginId) {
            return Dialect.POSTGRESQL;
        }
    }

    @Test
    void stopsAtOnceThoughAPluginBlocksItsEventLoopForGood() throws IOException {
        jar("bad", BLOCKS_WHEN_TOLD);
        PluginHost host = hostWithOthers();
        await(host.start());
        EventLoop shared = loopOf("bad");
        System.setProperty(BLOCK, "true");
        vertx.eventBus().publish("test.block", new JsonObject());
        eventually(() -> abandoned.contains("bad")
                && OTHERS.stream().allMatch(other -> loopOf(other) != shared && loopOf(other) != null));

        long begin = System.nanoTime();
        await(host.stop());

        assertThat(System.nanoTime() - begin)
                .isLessThan(PluginSettings.DEFAULT.stopLimit().toNanos() / 2);
        System.clearProperty(BLOCK);
    }

    @Test
    void stopsTheOthersThoughAPluginBlocksItsEventLoopWhenItIsStopped() throws IOException {
        new JarBuilder()
                .source(
                        "p.BadPlugin",
                        JarBuilder.pluginSource("p.BadPlugin", "bad")
                                .replaceFirst(
                                        "\\}\\s*$",
                                        """
                        @Override public io.vertx.core.Future<?> stop() {
                            while (Boolean.getBoolean("%s")) Thread.onSpinWait();
                            return io.vertx.core.Future.succeededFuture();
                        } }
                        """
                                                .formatted(BLOCK)))
                .service(Plugin.class, "p.BadPlugin")
                .build(plugins.resolve("bad.jar"));
        PluginHost host = hostWithOthers();
        await(host.start());
        System.setProperty(BLOCK, "true");

        long begin = System.nanoTime();
        await(host.stop());

        assertThat(System.nanoTime() - begin)
                .isLessThan(PluginSettings.DEFAULT.stopLimit().toNanos() / 2);
        System.clearProperty(BLOCK);
    }

    @Test
    void startsTheOthersThoughOneBlocksAnEventLoopInItsStart() throws IOException {
        System.setProperty(BLOCK, "true");
        jar("bad", "while (Boolean.getBoolean(\"" + BLOCK + "\")) Thread.onSpinWait();");
        PluginHost host = hostWithOthers();
        Future<?> started = host.start();

        eventually(() -> OTHERS.stream().allMatch(other -> status(host, other).state() == PluginState.READY));
        assertThat(status(host, "bad").state()).isEqualTo(PluginState.STARTING);

        System.clearProperty(BLOCK);
        await(started);
        await(host.stop());
    }

    @Test
    void startsAnewElsewhereWhatWasStartingOnAnEventLoopThatOneBlocksInItsStart() throws IOException {
        System.setProperty(BLOCK, "true");
        jar("bad", "while (Boolean.getBoolean(\"" + BLOCK + "\")) Thread.onSpinWait();");
        String tellsThatItStops = "@Override public io.vertx.core.Future<?> stop() { System.setProperty(\"" + DONE
                + "\", id()); return io.vertx.core.Future.succeededFuture(); }";
        for (String other : OTHERS) {
            jar(other, "if (true) return context.vertx().timer(300);", tellsThatItStops);
        }
        PluginHost host = host(Map.of());
        Future<?> started = host.start();

        eventually(() -> OTHERS.stream().allMatch(other -> status(host, other).state() == PluginState.READY));
        assertThat(System.getProperty(DONE)).isNull();

        System.clearProperty(BLOCK);
        await(started);
        // What started in vain.
        eventually(() -> System.getProperty(DONE) != null);
        assertThat(OTHERS).allMatch(other -> status(host, other).state() == PluginState.READY);
        await(host.stop());
        assertThat(vertx.deploymentIDs()).isEmpty();
    }

    @Test
    void startsANewVersionElsewhereThanOnTheEventLoopThatTheOldOneBlocks() throws IOException {
        jar(
                "bad",
                """
                context.subscribe("test.block", e -> {
                    if (System.getProperties().putIfAbsent("%s", "true") == null)
                        while (Boolean.getBoolean("%s")) Thread.onSpinWait();
                });
                """
                        .formatted(DONE, BLOCK));
        PluginHost host = host(Map.of("bad", settings(2)));
        await(host.start());
        System.setProperty(BLOCK, "true");
        jar(
                "bad",
                SAYS_THAT_IT_BEGINS
                        + """
                        var blocked = io.vertx.core.Promise.promise();
                        context.vertx().setPeriodic(20, timer -> {
                            if (System.getProperty("%s") != null) blocked.tryComplete();
                        });
                        if (true) return blocked.future();
                        """
                                .formatted(DONE));

        Future<?> reloaded = host.reload("bad");
        eventually(() -> System.getProperty(BEGUN, "").equals("xx"));
        vertx.eventBus().publish("test.block", new JsonObject());

        await(reloaded);
        assertThat(System.getProperty(BEGUN)).isEqualTo("xxx");
        System.clearProperty(BLOCK);
        await(host.stop());
    }

    @Test
    void startsANewVersionThatBlocksItsEventLoopOnNoOther() throws IOException {
        jar("bad", "");
        PluginHost host = hostWithOthers();
        await(host.start());
        System.setProperty(BLOCK, "true");
        jar("bad", SAYS_THAT_IT_BEGINS + "while (Boolean.getBoolean(\"" + BLOCK + "\")) Thread.onSpinWait();");

        Future<?> reloaded = host.reload("bad");

        eventually(() -> !abandoned.isEmpty());
        eventually(() -> OTHERS.stream().map(this::loopOf).distinct().count() == 1);
        assertThat(OTHERS).allMatch(other -> status(host, other).state() == PluginState.READY);
        assertThat(System.getProperty(BEGUN)).isEqualTo("x");
        System.clearProperty(BLOCK);
        await(reloaded);
        await(host.stop());
    }

    @Test
    void startsANewVersionElsewhereThanTheOldOneServes() throws Exception {
        jar("bad", "");
        jar("c", "");
        PluginHost host = host(Map.of());
        await(host.start());
        System.setProperty(BLOCK, "true");
        jar("bad", SAYS_THAT_IT_BEGINS + "while (Boolean.getBoolean(\"" + BLOCK + "\")) Thread.onSpinWait();");

        Future<?> reloaded = host.reload("bad");

        eventually(() -> System.getProperty(BEGUN, "").equals("x"));
        CompletableFuture<Void> served = new CompletableFuture<>();
        loopOf("bad").execute(() -> served.complete(null));
        served.get(10, SECONDS);
        assertThat(status(host, "bad").state()).isEqualTo(PluginState.READY);
        System.clearProperty(BLOCK);
        await(reloaded);
        await(host.stop());
    }

    @Test
    void startsNothingElsewhereThatFailedByItself() throws Exception {
        ContextInternal context = ((VertxInternal) vertx).createEventLoopContext();
        EventLoops loops = new EventLoops((VertxInternal) vertx);
        loops.reserve(context);
        Hosting hosting = new Hosting(
                context,
                loops,
                new NoDatabases(),
                new Listener(),
                new Peers(context, List.of(), OtherInstances.NONE, id -> RequestLimits.DEFAULT),
                new AtomicLong());
        Promise<Void> start = Promise.promise();
        AtomicReference<ContextInternal> place = new AtomicReference<>();
        AtomicInteger starts = new AtomicInteger();
        PluginRun run = run(hosting, startContext -> {
            place.set((ContextInternal) Vertx.currentContext());
            starts.incrementAndGet();
            return start.future();
        });
        Promise<Void> ended = Promise.promise();
        context.runOnContext(v -> run.start().onComplete(ended));
        eventually(() -> place.get() != null);
        Promise<Boolean> left = Promise.promise();

        context.runOnContext(v -> {
            EventLoop loop = place.get().nettyEventLoop();
            CompletableFuture.runAsync(() -> start.fail("broken"), loop).join();
            left.complete(run.startElsewhere(loop));
        });

        assertThat(await(left.future())).isFalse();
        assertThatThrownBy(() -> await(ended.future())).hasMessageContaining("broken");
        assertThat(starts).hasValue(1);
    }

    private static PluginRun run(Hosting hosting, Function<PluginContext, Future<?>> start) {
        Plugin plugin = new Plugin() {
            @Override
            public String id() {
                return "todo";
            }

            @Override
            public Future<?> start(PluginContext context) {
                return start.apply(context);
            }
        };
        PluginDescriptor descriptor = new PluginDescriptor(
                "todo",
                "",
                "test",
                SharedLoopsTest.class.getClassLoader(),
                List.of(),
                List.of(),
                () -> plugin,
                PluginNeeds.UNSAID);
        return new PluginRun(
                hosting,
                new PluginVersion(descriptor, PluginSettings.DEFAULT, Config.empty()),
                Set.of(),
                new PluginRun.RunListener() {
                    @Override
                    public void proceeds(PluginRun run, PluginState step, String reason) {}

                    @Override
                    public void uncaught(Throwable failure) {}
                });
    }

    private static PluginSettings settings(int instances) {
        return new PluginSettings(
                true,
                instances,
                Threading.EVENT_LOOP,
                Duration.ofSeconds(10),
                PluginSettings.DEFAULT.stopLimit(),
                false);
    }

    @Test
    void waitsForNoPluginThatBlocksItsEventLoopBeyondTheTimeForItsStart() throws IOException {
        System.setProperty(BLOCK, "true");
        jar("bad", "while (Boolean.getBoolean(\"" + BLOCK + "\")) Thread.onSpinWait();");
        PluginHost host = host(Map.of(
                "bad",
                new PluginSettings(
                        true,
                        1,
                        Threading.EVENT_LOOP,
                        Duration.ofSeconds(1),
                        PluginSettings.DEFAULT.stopLimit(),
                        false)));

        long begin = System.nanoTime();
        await(host.start());

        assertThat(status(host, "bad").state()).isEqualTo(PluginState.FAILED);
        assertThat(System.nanoTime() - begin)
                .isLessThan(PluginSettings.DEFAULT.stopLimit().toNanos() / 2);
        System.clearProperty(BLOCK);
        eventually(() -> vertx.deploymentIDs().isEmpty());
    }

    @Test
    void movesTheOthersAwayFromWhatIsLeftOfAPluginThatFailed() throws IOException {
        jar(
                "bad",
                """
                var loop = ((io.vertx.core.internal.ContextInternal) io.vertx.core.Vertx.currentContext()).nettyEventLoop();
                new Thread(() -> {
                    while (!Boolean.getBoolean("%1$s")) Thread.onSpinWait();
                    loop.execute(() -> { while (Boolean.getBoolean("%1$s")) Thread.onSpinWait(); });
                }).start();
                if (true) throw new IllegalStateException("broken");
                """
                        .formatted(BLOCK));
        assertThatTheOthersMoveWhenTheirLoopIsBlocked();
    }

    @Test
    void movesTheOthersAwayThoughNobodyKnowsWhatBlocksTheirEventLoop() throws IOException {
        jar(
                "bad",
                """
                var free = new java.util.concurrent.CompletableFuture<Void>();
                var loop = ((io.vertx.core.internal.ContextInternal) io.vertx.core.Vertx.currentContext()).nettyEventLoop();
                context.subscribe("test.block", e -> {
                    // Nothing of the plugin is on the stack.
                    loop.execute(free::join);
                    new Thread(() -> { while (Boolean.getBoolean("%s")) Thread.onSpinWait(); free.complete(null); }).start();
                });
                """
                        .formatted(BLOCK));
        assertThatTheOthersMoveWhenTheirLoopIsBlocked();
    }

    private void assertThatTheOthersMoveWhenTheirLoopIsBlocked() throws IOException {
        PluginHost host = hostWithOthers();
        await(host.start());
        Map<String, EventLoop> before = new HashMap<>();
        OTHERS.forEach(other -> before.put(other, loopOf(other)));

        System.setProperty(BLOCK, "true");
        vertx.eventBus().publish("test.block", new JsonObject());

        eventually(() -> OTHERS.stream().anyMatch(abandoned::contains));
        Set<String> victims = new HashSet<>(abandoned);
        victims.remove("bad");
        eventually(() -> victims.stream()
                .allMatch(other ->
                        status(host, other).state() == PluginState.READY && loopOf(other) != before.get(other)));
        System.clearProperty(BLOCK);
        await(host.stop());
    }

    private PluginHost hostWithOthers() throws IOException {
        for (String other : OTHERS) {
            jar(other, "");
        }
        return host(Map.of());
    }

    private PluginHost host(Map<String, PluginSettings> settings) {
        return Hosts.of(vertx, plugins, Hosts.Rules.of(settings), new NoDatabases(), new Listener());
    }

    private void jar(String id, String inStart) throws IOException {
        jar(id, inStart, "");
    }

    private void jar(String id, String inStart, String beside) throws IOException {
        String name = id.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + id.substring(1) + "Plugin";
        new JarBuilder()
                .source(
                        "p." + name,
                        JarBuilder.pluginSource("p." + name, id)
                                .replace("return io.vertx", inStart + " return io.vertx")
                                .replaceFirst("\\}\\s*$", beside + "}"))
                .service(Plugin.class, "p." + name)
                .build(plugins.resolve(id + ".jar"));
    }

    private EventLoop loopOf(String id) {
        List<PluginInstance> instances = serving.get(id);
        return instances.isEmpty() ? null : ((ContextInternal) instances.get(0).context()).nettyEventLoop();
    }

    private static PluginStatus status(PluginHost host, String id) {
        return host.states().stream()
                .filter(status -> status.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(30, SECONDS)
                .join();
    }

    private final class Listener implements PluginListener {

        @Override
        public void changed(PluginStatus status, List<PluginInstance> instances) {
            serving.put(status.id(), instances);
        }

        @Override
        public void abandoned(String pluginId, List<PluginInstance> instances, String reason) {
            abandoned.add(pluginId);
        }
    }
}
