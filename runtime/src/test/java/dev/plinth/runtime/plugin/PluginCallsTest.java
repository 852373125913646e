package dev.plinth.runtime.plugin;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.plugin.CallException;
import dev.plinth.plugin.CallException.Code;
import dev.plinth.plugin.Plugin;
import dev.plinth.plugin.PluginCall;
import dev.plinth.plugin.PluginContext;
import dev.plinth.runtime.config.Config;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Plugins that call each other and publish events. */
class PluginCallsTest {

    private static final JsonObject BODY = new JsonObject().put("name", "x");
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final CompletableFuture<PluginContext> caller = new CompletableFuture<>();

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void answersACallOnEachOnesOwnContext() {
        CompletableFuture<PluginCall> heard = new CompletableFuture<>();
        CompletableFuture<Context> own = new CompletableFuture<>();
        start(answering("catalog", context -> {
            own.complete(Vertx.currentContext());
            context.answer("get", call -> {
                assertThat(((io.vertx.core.internal.ContextInternal) Vertx.currentContext()).unwrap())
                        .isSameAs(own.join());
                heard.complete(call);
                return Future.succeededFuture(
                        new JsonObject().put("found", call.body().getString("name")));
            });
        }));

        assertThat(await(call("Catalog", "get"))).isEqualTo(new JsonObject().put("found", "x"));
        assertThat(heard.join().caller()).isEqualTo("todo");
        assertThat(heard.join().deadline())
                .isBetween(Instant.now(), Instant.now().plusSeconds(31));
    }

    @Test
    void handsOverACopyOfTheBody() {
        JsonObject sent = BODY.copy();
        start(answering(
                "catalog",
                context -> context.answer("get", call -> {
                    call.body().put("name", "changed");
                    return Future.succeededFuture(call.body());
                })));

        assertThat(await(caller.join().call("catalog", "get", sent)).getString("name"))
                .isEqualTo("changed");
        assertThat(sent.getString("name")).isEqualTo("x");
    }

    @Test
    void tellsTheCallerThePluginsOwnErrors() {
        start(answering(
                "catalog",
                context -> context.answer(
                        "get", call -> Future.failedFuture(new CallException("no-such-entity", "there is no x")))));

        CallException failure = failure(call("catalog", "get"));

        assertThat(failure.code()).isEqualTo(Code.APPLICATION);
        assertThat(failure.error()).isEqualTo("no-such-entity");
        assertThat(failure).hasMessageContaining("plugin 'todo': call of catalog.get: there is no x");
    }

    @Test
    void letsThePluginSayWhatCausedItsOwnError() {
        IllegalStateException cause = new IllegalStateException("away");

        assertThat(new CallException("no-such-entity", "there is no x").initCause(cause))
                .hasCause(cause);
    }

    @Test
    void tellsTheCallerNothingOfWhatBroke() {
        start(answering("catalog", context -> {
            context.answer("throws", call -> {
                throw new IllegalStateException("password is hunter2");
            });
            context.answer("null", call -> null);
        }));

        assertThat(failure(call("catalog", "throws")).code()).isEqualTo(Code.FAILED);
        assertThat(failure(call("catalog", "throws"))).message().doesNotContain("hunter2");
        assertThat(failure(call("catalog", "null")).code()).isEqualTo(Code.FAILED);
    }

    @Test
    void namesWhatIsNotThere() {
        start(answering("catalog", context -> context.answer("get", call -> Future.succeededFuture())), plugin("mute"));

        assertThat(failure(call("nobody", "get")).code()).isEqualTo(Code.UNKNOWN_PLUGIN);
        assertThat(failure(call("catalog", "put")).code()).isEqualTo(Code.UNKNOWN_METHOD);
        assertThat(failure(call("mute", "get")).code()).isEqualTo(Code.UNKNOWN_METHOD);
    }

    @Test
    void keepsTheDeadline() {
        start(answering(
                "catalog",
                context -> context.answer(
                        "get", call -> Promise.<JsonObject>promise().future())));

        CallException failure = failure(caller.join().call("catalog", "get", BODY, Duration.ofMillis(50)));

        assertThat(failure.code()).isEqualTo(Code.DEADLINE);
        assertThat(failure).hasMessageContaining("50 ms");
    }

    @Test
    void refusesMoreCallsOfOnePluginByAnotherThanMayBeInFlight() {
        CompletableFuture<PluginContext> second = new CompletableFuture<>();
        start(
                hanging("catalog", new LinkedBlockingQueue<>()),
                answering("search", context -> context.answer("get", call -> Future.succeededFuture(BODY))),
                answering("second", second::complete));
        List<Future<JsonObject>> inFlight = calls(1_100);

        assertThat(inFlight).noneMatch(Future::isComplete);
        CallException refused = failure(call("catalog", "get"));
        assertThat(refused.code()).isEqualTo(Code.BUSY);
        assertThat(refused)
                .hasMessage(
                        "plugin 'todo': call of catalog.get: plugin 'todo' has 1000 calls of plugin 'catalog' in flight"
                                + " and 100 waiting; make fewer at once, or raise backend.plugins.catalog.maxConcurrentRequests");
        assertThat(await(call("search", "get"))).isEqualTo(BODY);
        assertThat(await(second.join().call("catalog", "now", BODY))).isEqualTo(BODY);
    }

    @Test
    void makesTheCallsThatWaitInOrderAsThoseBeforeThemEnd() throws Exception {
        BlockingQueue<Promise<JsonObject>> taken = new LinkedBlockingQueue<>();
        start(hanging("catalog", taken));
        List<Future<JsonObject>> all = calls(1_001);
        for (int i = 0; i < 999; i++) {
            taken.take();
        }
        Promise<JsonObject> oneOfTheFirst = taken.poll(20, SECONDS);
        assertThat(taken).isEmpty();

        oneOfTheFirst.complete(BODY);

        Promise<JsonObject> theOneThatWaited = taken.poll(20, SECONDS);
        theOneThatWaited.complete(new JsonObject().put("name", "it waited"));
        assertThat(await(all.get(1_000)).getString("name")).isEqualTo("it waited");
    }

    @Test
    void doesNotMakeACallWhoseTurnDoesNotComeInTime() throws Exception {
        BlockingQueue<Promise<JsonObject>> taken = new LinkedBlockingQueue<>();
        start(hanging("catalog", taken));
        List<Future<JsonObject>> inFlight = calls(1_000);

        CallException late = failure(caller.join().call("catalog", "get", BODY, Duration.ofMillis(50)));

        assertThat(late.code()).isEqualTo(Code.BUSY);
        assertThat(late)
                .hasMessageContaining(
                        "1000 calls of plugin 'catalog' in flight and its turn did not come within 50 ms");
        for (int i = 0; i < 1_000; i++) {
            taken.take().complete(BODY);
        }
        await(Future.all(inFlight));
        assertThat(await(call("catalog", "now"))).isEqualTo(BODY);
        assertThat(taken).isEmpty();
    }

    @Test
    void hasRoomAgainForCallsWhenTheDeadlineOfOthersIsOver() {
        start(hanging("catalog", new LinkedBlockingQueue<>()));
        PluginContext todo = caller.join();

        List<Future<JsonObject>> tooLate = IntStream.range(0, 1_000)
                .mapToObj(i -> todo.call("catalog", "get", BODY, Duration.ofMillis(300)))
                .toList();

        assertThat(await(call("catalog", "now"))).isEqualTo(BODY);
        assertThat(tooLate).allSatisfy(call -> assertThat(failure(call).code()).isEqualTo(Code.DEADLINE));
    }

    @Test
    void waitsForAPluginThatIsStarting() {
        Promise<Void> started = Promise.promise();
        TestPlugin slow = new TestPlugin("catalog", context -> {
            context.answer("get", call -> Future.succeededFuture(BODY));
            return started.future();
        });
        PluginHost host = host(descriptor(slow, PluginNeeds.UNSAID), caller(PluginNeeds.UNSAID));
        Future<?> all = host.start();
        Future<JsonObject> waiting = caller.orTimeout(20, SECONDS).join().call("catalog", "get", BODY);
        assertThat(failure(caller.join().call("catalog", "get", BODY, Duration.ofMillis(50)))
                        .code())
                .isEqualTo(Code.DEADLINE);
        assertThat(waiting.isComplete()).isFalse();

        started.complete();

        assertThat(await(waiting)).isEqualTo(BODY);
        await(all);
    }

    @Test
    void saysThatAPluginHasFailedOrStopped() {
        PluginHost host = start(
                answering("catalog", context -> context.answer("get", call -> Future.succeededFuture(BODY))),
                descriptor(new TestPlugin("broken", context -> Future.failedFuture("no")), PluginNeeds.UNSAID));
        await(host.stop("catalog"));

        assertThat(failure(call("broken", "get")).code()).isEqualTo(Code.NOT_READY);
        assertThat(failure(call("catalog", "get"))).hasMessageContaining("plugin 'catalog' is stopped");
        await(host.start("catalog"));
        assertThat(await(call("catalog", "get"))).isEqualTo(BODY);
    }

    @Test
    void answersWhatItTookBeforeItStops() {
        Promise<JsonObject> answer = Promise.promise();
        CompletableFuture<PluginCall> taken = new CompletableFuture<>();
        PluginHost host = start(answering(
                "catalog",
                context -> context.answer("get", call -> {
                    taken.complete(call);
                    return answer.future();
                })));
        Future<JsonObject> pending = call("catalog", "get");
        taken.orTimeout(20, SECONDS).join();

        Future<?> stopped = host.stop("catalog");
        answer.complete(BODY);

        await(stopped);
        assertThat(await(pending)).isEqualTo(BODY);
    }

    @Test
    void endsTheCallsOfAPluginThatStops() {
        PluginHost host = start(answering(
                "catalog",
                context -> context.answer(
                        "get", call -> Promise.<JsonObject>promise().future())));
        Future<JsonObject> pending = call("catalog", "get");

        await(host.stop("todo"));

        assertThat(failure(pending).code()).isEqualTo(Code.STOPPED);
        assertThat(failure(call("catalog", "get")).code()).isEqualTo(Code.STOPPED);
    }

    /** What is left to do for a caller that has ended is done, though its workers are gone, and what awaited replies. */
    @ParameterizedTest
    @EnumSource(names = {"EVENT_LOOP", "WORKER"})
    void aPluginThatStopsLeavesItsPlacesToItsNextRunAndItsCallsThatWaitAreNotMade(Threading threading)
            throws Exception {
        BlockingQueue<Promise<JsonObject>> taken = new LinkedBlockingQueue<>();
        BlockingQueue<Calling> runs = new LinkedBlockingQueue<>();
        PluginHost host = Hosts.fixed(
                vertx,
                Config.empty(),
                List.of(
                        hanging("catalog", taken),
                        answering("todo", context -> runs.add(new Calling(context, vertx.getOrCreateContext())))),
                Map.of("todo", new PluginSettings(true, 1, threading, LONG, LONG, false)),
                new NoDatabases(),
                (status, instances) -> {});
        await(host.start());
        List<Future<JsonObject>> calls = runs.take().calls("get", 1_001);
        List<Promise<JsonObject>> answers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            answers.add(taken.take());
        }

        await(host.stop("todo"));
        await(host.start("todo"));
        answers.forEach(answer -> answer.complete(BODY));

        assertThat(await(runs.take().calls("now", 1).get(0))).isEqualTo(BODY); // long before the deadline of those
        assertThat(taken).isEmpty();
        assertThat(calls).extracting(Future::cause).allSatisfy(failure -> assertThat(failure)
                .isInstanceOfSatisfying(CallException.class, stopped -> assertThat(stopped.code())
                        .isEqualTo(Code.STOPPED)));
    }

    /** One run of a plugin, which calls from its own context. */
    private record Calling(PluginContext plugin, Context own) {

        List<Future<JsonObject>> calls(String method, int count) {
            return await(Future.future(called -> own.runOnContext(v -> called.complete(IntStream.range(0, count)
                    .mapToObj(i -> plugin.call("catalog", method, BODY))
                    .toList()))));
        }
    }

    @Test
    void letsAPluginCallOnlyWhomItsDescriptorNames() {
        PluginHost host = host(
                answering("catalog", context -> context.answer("get", call -> Future.succeededFuture(BODY))),
                answering("search", context -> context.answer("get", call -> Future.succeededFuture(BODY))),
                caller(needs(Set.of("catalog"), Set.of())));
        await(host.start());

        assertThat(await(call("catalog", "get"))).isEqualTo(BODY);
        assertThat(failure(call("search", "get")).code()).isEqualTo(Code.REFUSED);
    }

    @Test
    void doesNotStartAPluginWithoutThoseThatItCalls() {
        PluginHost host = host(caller(needs(Set.of("catalog"), Set.of())));

        assertThat(await(host.start())).singleElement().satisfies(status -> {
            assertThat(status.state()).isEqualTo(PluginState.FAILED);
            assertThat(status.detail()).contains("it calls plugin 'catalog', which is not installed");
        });
    }

    @Test
    void publishesToAllWhoHaveSubscribed() {
        List<JsonObject> heard = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> both = new CompletableFuture<>();
        Consumer<PluginContext> subscribing = context -> context.subscribe("todo.done", event -> {
            heard.add(event);
            if (heard.size() == 2) {
                both.complete(null);
            }
        });
        host(answering("one", subscribing), answering("two", subscribing), caller(needs(Set.of(), Set.of("audit"))))
                .start()
                .toCompletionStage()
                .toCompletableFuture()
                .join();

        caller.join().publish("todo.done", BODY);
        caller.join().publish("audit", BODY);

        both.orTimeout(20, SECONDS).join();
        assertThat(heard).containsExactly(BODY, BODY);
        assertThatThrownBy(() -> caller.join().publish("catalog.changed", BODY))
                .isInstanceOf(CallException.class)
                .hasMessageContaining("permissions.addresses");
        assertThatThrownBy(() -> caller.join().subscribe("plinth.database", event -> {}))
                .isInstanceOf(CallException.class);
    }

    /** Of a method that leaves the answers to the test, and another one that answers. */
    private static PluginDescriptor hanging(String id, BlockingQueue<Promise<JsonObject>> taken) {
        return answering(id, context -> {
            context.answer("now", call -> Future.succeededFuture(BODY));
            context.answer("get", call -> {
                Promise<JsonObject> answer = Promise.promise();
                taken.add(answer);
                return answer.future();
            });
        });
    }

    private List<Future<JsonObject>> calls(int count) {
        return IntStream.range(0, count).mapToObj(i -> call("catalog", "get")).toList();
    }

    private Future<JsonObject> call(String pluginId, String method) {
        return caller.orTimeout(20, SECONDS).join().call(pluginId, method, BODY);
    }

    private PluginHost start(PluginDescriptor... others) {
        PluginDescriptor[] all = java.util.Arrays.copyOf(others, others.length + 1);
        all[others.length] = caller(PluginNeeds.UNSAID);
        PluginHost host = host(all);
        await(host.start());
        return host;
    }

    private PluginHost host(PluginDescriptor... plugins) {
        return Hosts.fixed(
                vertx, Config.empty(), List.of(plugins), Map.of(), new NoDatabases(), (status, instances) -> {});
    }

    private PluginDescriptor caller(PluginNeeds needs) {
        return descriptor(
                new TestPlugin("todo", context -> {
                    caller.complete(context);
                    return Future.succeededFuture();
                }),
                needs);
    }

    private static PluginNeeds needs(Set<String> calls, Set<String> addresses) {
        return new PluginNeeds(calls, Set.of(), false, false, false, addresses, false);
    }

    private static PluginDescriptor plugin(String id) {
        return answering(id, context -> {});
    }

    private static PluginDescriptor answering(String id, Consumer<PluginContext> inStart) {
        return descriptor(
                new TestPlugin(id, context -> {
                    inStart.accept(context);
                    return Future.succeededFuture();
                }),
                PluginNeeds.UNSAID);
    }

    private static PluginDescriptor descriptor(Plugin plugin, PluginNeeds needs) {
        return new PluginDescriptor(
                plugin.id(),
                "",
                "test",
                PluginCallsTest.class.getClassLoader(),
                List.of(),
                List.of(),
                () -> plugin,
                needs);
    }

    private static CallException failure(Future<JsonObject> call) {
        try {
            throw new AssertionError("answered with " + await(call));
        } catch (CompletionException e) {
            return (CallException) e.getCause();
        }
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(LONG.toSeconds(), SECONDS)
                .join();
    }

    private record TestPlugin(String id, Function<PluginContext, Future<?>> start) implements Plugin {

        @Override
        public Future<?> start(PluginContext context) {
            return start.apply(context);
        }
    }
}
