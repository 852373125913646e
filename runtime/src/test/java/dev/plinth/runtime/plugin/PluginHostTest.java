package dev.plinth.runtime.plugin;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.Plugin;
import dev.plinth.plugin.PluginContext;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Origin;
import dev.plinth.runtime.testing.LogLines;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

class PluginHostTest {

    private static final Duration PATIENT = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final Databases databases = new Databases();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Map<String, List<PluginInstance>> serving = new ConcurrentHashMap<>();

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void startsAPluginAndHandsOutItsRoutes() {
        PluginHost host = host(plugin("todo", context -> {
            context.router().get("/items").handler(request -> request.end("items"));
            return Future.succeededFuture();
        }));

        List<PluginStatus> states = await(host.start());

        assertThat(states).extracting(PluginStatus::state).containsExactly(PluginState.READY);
        eventually(() -> serving.containsKey("todo"));
        assertThat(serving.get("todo"))
                .singleElement()
                .satisfies(instance -> assertThat(instance.router().getRoutes()).hasSize(1));
    }

    @Test
    void goesThroughItsStatesInOrder() {
        PluginHost host = host(withMigration(plugin("todo", context -> Future.succeededFuture())));

        await(host.start());
        await(host.stop());

        eventually(() -> heard.contains("todo stopped"));
        assertThat(heard)
                .containsExactly("todo provisioning", "todo starting", "todo ready", "todo stopping", "todo stopped");
    }

    @Test
    void startsNothingThatIsToBeStartedAfterTheStop() {
        PluginHost host = host(plugin("todo", context -> Future.succeededFuture()));
        await(host.stop());

        List<PluginStatus> states = await(host.start());

        assertThat(states).extracting(PluginStatus::state).containsExactly(PluginState.STOPPED);
        assertThat(heard).containsExactly("todo stopped");
    }

    @Test
    void runsEachInstanceOnAContextOfItsOwn() {
        Set<Plugin> objects = ConcurrentHashMap.newKeySet();
        Supplier<Plugin> newPlugin = () -> new TestPlugin("todo", context -> Future.succeededFuture()) {
            {
                objects.add(this);
            }
        };
        PluginHost host = host(
                Map.of("todo", settings(3, Threading.EVENT_LOOP)),
                new PluginDescriptor(
                        "todo",
                        "",
                        "test",
                        getClass().getClassLoader(),
                        List.of(),
                        List.of(),
                        newPlugin,
                        PluginNeeds.UNSAID));

        await(host.start());

        eventually(() -> serving.containsKey("todo"));
        assertThat(objects).hasSize(3);
        assertThat(serving.get("todo"))
                .extracting(PluginInstance::context)
                .hasSize(3)
                .doesNotHaveDuplicates();
    }

    @Test
    void stopsTheInstancesBesideOneThatCannotBeMade() {
        AtomicInteger made = new AtomicInteger();
        AtomicInteger stopped = new AtomicInteger();
        Supplier<Plugin> newPlugin = () -> {
            if (made.incrementAndGet() == 2) {
                throw new IllegalStateException("no second one");
            }
            return new TestPlugin("todo", context -> Future.succeededFuture()) {
                @Override
                public Future<?> stop() {
                    stopped.incrementAndGet();
                    return Future.succeededFuture();
                }
            };
        };
        PluginHost host = host(Map.of("todo", settings(2, Threading.EVENT_LOOP)), descriptor("todo", newPlugin));

        List<PluginStatus> states = await(host.start());

        assertThat(states).singleElement().satisfies(status -> assertThat(status.detail())
                .contains("no second one"));
        assertThat(stopped).hasValue(1);
        assertThat(vertx.deploymentIDs()).isEmpty();
    }

    @Test
    void givesNoDatabaseToAPluginThatHasStopped() {
        List<PluginContext> contexts = new CopyOnWriteArrayList<>();
        PluginHost host = host(plugin("todo", context -> {
            contexts.add(context);
            return context.database();
        }));
        await(host.start());
        await(host.stop());

        assertThatThrownBy(() -> await(contexts.get(0).database()))
                .hasCauseInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("plugin 'todo': it has stopped");
        assertThat(databases.opened).containsExactly("todo");
    }

    @Test
    void keepsPluginsOffTheRuntimesOwnEventLoops() {
        Context own = vertx.getOrCreateContext();
        PluginHost host = host(
                Map.of("todo", settings(40, Threading.EVENT_LOOP)),
                plugin("todo", context -> Future.succeededFuture()));
        host.keepOff(own);

        await(host.start());

        eventually(() -> serving.containsKey("todo"));
        assertThat(serving.get("todo"))
                .hasSize(40)
                .extracting(instance -> ((ContextInternal) instance.context()).nettyEventLoop())
                .doesNotContain(((ContextInternal) own).nettyEventLoop());
        await(host.stop());
        assertThat(vertx.deploymentIDs()).isEmpty();
    }

    @Test
    void runsAPluginOnWorkersWhenAsked() {
        Promise<Boolean> onWorker = Promise.promise();
        PluginHost host = host(Map.of("todo", settings(1, Threading.WORKER)), plugin("todo", context -> {
            onWorker.complete(Context.isOnWorkerThread());
            return Future.succeededFuture();
        }));

        await(host.start());

        assertThat(await(onWorker.future())).isTrue();
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_20)
    void refusesVirtualThreadsOnAnOldJavaForThatPluginOnly() {
        PluginHost host = host(
                Map.of("todo", settings(1, Threading.VIRTUAL_THREAD)),
                plugin("todo", context -> Future.succeededFuture()),
                plugin("catalog", context -> Future.succeededFuture()));

        List<PluginStatus> states = await(host.start());

        assertThat(states).extracting(PluginStatus::state).containsExactly(PluginState.FAILED, PluginState.READY);
        assertThat(states.get(0).detail()).contains("backend.plugins.todo.threading", "needs Java 21");
    }

    @Test
    void servesTheOthersWhenOneThrows() {
        PluginHost host = host(
                plugin("throws", context -> {
                    throw new IllegalStateException("boom at 10.0.0.5:5432");
                }),
                plugin("fails", context -> Future.failedFuture("no")),
                plugin("returnsNull", context -> null),
                plugin("todo", context -> Future.succeededFuture()));

        List<PluginStatus> states = await(host.start());

        assertThat(states)
                .extracting(PluginStatus::state)
                .containsExactly(PluginState.FAILED, PluginState.FAILED, PluginState.FAILED, PluginState.READY);
        assertThat(states.get(0).reason()).isEqualTo("start() failed with IllegalStateException");
        assertThat(states.get(0).detail()).contains("boom");
    }

    @Test
    void failsAPluginWhoseStartHangs() {
        PluginHost host = host(
                Map.of("hangs", limited(Duration.ofMillis(100))),
                plugin("hangs", context -> Promise.promise().future()),
                plugin("todo", context -> Future.succeededFuture()));

        List<PluginStatus> states = await(host.start());

        assertThat(states).extracting(PluginStatus::state).containsExactly(PluginState.FAILED, PluginState.READY);
        assertThat(states.get(0).detail()).contains("100 ms", "backend.plugins.hangs.startTimeout");
    }

    @Test
    void failsAPluginWhoseStartBlocksItsEventLoop() {
        CountDownLatch blocked = new CountDownLatch(1);
        PluginHost host = host(Map.of("blocks", limited(Duration.ofMillis(100))), plugin("blocks", context -> {
            blocked.await();
            return Future.succeededFuture();
        }));

        List<PluginStatus> states = await(host.start());
        blocked.countDown();

        assertThat(states).extracting(PluginStatus::state).containsExactly(PluginState.FAILED);
        eventually(() -> vertx.deploymentIDs().isEmpty());
    }

    @Test
    void doesNotCountWaitingForTheDatabaseAsStarting() {
        databases.away("todo");
        PluginHost host =
                host(Map.of("todo", limited(Duration.ofMillis(200))), plugin("todo", PluginContext::database));

        Future<List<PluginStatus>> started = host.start();
        eventually(() -> host.states().get(0).state() == PluginState.PROVISIONING);
        await(vertx.timer(400, MILLISECONDS));
        assertThat(host.states().get(0).state()).isEqualTo(PluginState.PROVISIONING);
        databases.comes("todo");

        assertThat(await(started)).extracting(PluginStatus::state).containsExactly(PluginState.READY);
    }

    @Test
    void handsOverTheDatabaseOnThePluginsContext() {
        Promise<Boolean> same = Promise.promise();
        PluginHost host = host(plugin("todo", context -> {
            Context own = Vertx.currentContext();
            return context.database().onSuccess(pool -> same.complete(Vertx.currentContext() == own));
        }));

        await(host.start());

        assertThat(await(same.future())).isTrue();
    }

    @Test
    void asksForTheDatabaseOnceForAllInstances() {
        PluginHost host = host(
                Map.of("todo", settings(4, Threading.EVENT_LOOP)),
                withMigration(plugin("todo", PluginContext::database)));

        await(host.start());

        assertThat(databases.opened).containsExactly("todo");
    }

    @Test
    void runsNoMigrationAndAsksForNoDatabaseWithoutNeed() {
        PluginHost host = host(plugin("todo", context -> Future.succeededFuture()));

        await(host.start());

        assertThat(databases.opened).isEmpty();
    }

    @Test
    void neverStartsAPluginWhoseDatabaseCannotBeBroughtUpToDate() {
        databases.broken("todo", "V1__item.sql failed at 10.0.0.5");
        List<String> started = new CopyOnWriteArrayList<>();
        PluginHost host = host(withMigration(plugin("todo", context -> {
            started.add("todo");
            return Future.succeededFuture();
        })));

        List<PluginStatus> states = await(host.start());

        assertThat(started).isEmpty();
        assertThat(states).singleElement().satisfies(status -> {
            assertThat(status.state()).isEqualTo(PluginState.FAILED);
            assertThat(status.reason()).isEqualTo("its database could not be prepared");
            assertThat(status.detail()).contains("V1__item.sql");
        });
    }

    @Test
    void takesTheDatabaseBackAfterTheLastInstanceStopped() {
        List<String> order = databases.events;
        Plugin plugin = new TestPlugin("todo", PluginContext::database) {
            @Override
            public Future<?> stop() {
                order.add("stop");
                return Future.succeededFuture();
            }
        };
        PluginHost host = host(Map.of("todo", settings(2, Threading.EVENT_LOOP)), descriptor("todo", () -> plugin));

        await(host.start());
        await(host.stop());

        assertThat(order).containsExactly("stop", "stop", "release todo");
    }

    @Test
    void takesTheDatabaseOfAFailedPluginBack() {
        PluginHost host =
                host(plugin("todo", context -> context.database().compose(pool -> Future.failedFuture("no"))));

        await(host.start());

        assertThat(databases.events).containsExactly("release todo");
    }

    @Test
    void stopsAtOnceAPluginThatStillWaitsForItsDatabase() {
        databases.away("todo");
        databases.away("catalog");
        PluginHost host = host(
                plugin("todo", PluginContext::database),
                withMigration(plugin("catalog", context -> Future.succeededFuture())));
        Future<List<PluginStatus>> started = host.start();
        eventually(() -> host.states().stream().allMatch(status -> status.state() == PluginState.PROVISIONING));

        await(host.stop());
        databases.comes("catalog");

        assertThat(await(started)).extracting(PluginStatus::state).containsOnly(PluginState.STOPPED);
        eventually(() -> vertx.deploymentIDs().isEmpty());
    }

    @Test
    void stopsInTimeThoughAPluginsStopHangs() {
        Plugin plugin = new TestPlugin("hangs", context -> Future.succeededFuture()) {
            @Override
            public Future<?> stop() {
                return Promise.promise().future();
            }
        };
        PluginHost host = host(Map.of("hangs", limited(Duration.ofMillis(100))), descriptor("hangs", () -> plugin));

        await(host.start());
        await(host.stop());

        assertThat(host.states()).extracting(PluginStatus::state).containsExactly(PluginState.STOPPED);
    }

    @Test
    void stopsAtOnceAPluginWhoseStopIsBroken() {
        PluginHost host = host(
                descriptor("nothing", () -> stopping("nothing", () -> null)),
                descriptor(
                        "overflows",
                        () -> stopping("overflows", () -> {
                            throw new StackOverflowError("made up");
                        })));

        await(host.start());
        long begin = System.nanoTime();
        await(host.stop());

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PluginSettings.DEFAULT.stopLimit());
        assertThat(host.states()).extracting(PluginStatus::state).containsOnly(PluginState.STOPPED);
    }

    @Test
    void tellsTheSameFailureEverMoreRarely() {
        AtomicInteger starts = new AtomicInteger();
        PluginHost host = host(
                plugin("same", context -> {
                    throw new IOException("away");
                }),
                plugin("changing", context -> {
                    throw new IOException(starts.incrementAndGet() == 3 ? "refused" : "away");
                }));

        try (LogLines log = LogLines.of(HostedPlugin.class)) {
            await(host.start());
            eventually(() -> host.states().stream()
                    .allMatch(status -> status.attempts() == 3 && status.state() == PluginState.FAILED));
            eventually(() -> log.lines().size() == 5);

            assertThat(log.lines())
                    .containsExactlyInAnyOrder(
                            "plugin 'same' failed to start; attempt 1, the next one in 1 s",
                            "plugin 'same' failed to start; attempt 2, the next one in 2 s",
                            "plugin 'changing' failed to start; attempt 1, the next one in 1 s",
                            "plugin 'changing' failed to start; attempt 2, the next one in 2 s",
                            "plugin 'changing' failed to start; attempt 3, the next one in 4 s");
        }
    }

    @Test
    void triesAgainWhatMayPassAndNothingElse() {
        AtomicInteger startsOfAway = new AtomicInteger();
        AtomicInteger startsOfBroken = new AtomicInteger();
        PluginHost host = host(
                plugin("away", context -> {
                    if (startsOfAway.incrementAndGet() < 3) {
                        throw new IOException("the service is away");
                    }
                    return Future.succeededFuture();
                }),
                plugin("broken", context -> {
                    startsOfBroken.incrementAndGet();
                    throw new IllegalStateException("broken");
                }));

        assertThat(await(host.start())).extracting(PluginStatus::state).containsOnly(PluginState.FAILED);
        eventually(() -> host.states().get(0).state() == PluginState.READY);

        assertThat(host.states()).extracting(PluginStatus::attempts).containsExactly(3, 1);
        assertThat(startsOfBroken).hasValue(1);
        assertThat(host.states().get(1).reason()).isEqualTo("start() failed with IllegalStateException");
        assertThat(heard.stream().filter(what -> what.startsWith("away")))
                .containsSubsequence("away failed", "away starting", "away failed", "away starting", "away ready");
    }

    @Test
    void triesEverMoreRarely() {
        assertThat(IntStream.rangeClosed(1, 8).mapToObj(Backoff::after).map(Duration::toSeconds))
                .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    }

    @Test
    void letsNoPluginEndWhatAllShare() {
        List<Throwable> refused = new CopyOnWriteArrayList<>();
        String others = await(vertx.deployVerticle(new VerticleBase() {}));
        PluginHost host = host(plugin("good", context -> Future.succeededFuture()), plugin("bad", context -> {
            return Future.join(
                            context.vertx().close().onFailure(refused::add),
                            context.vertx().undeploy(others).onFailure(refused::add),
                            trying(() -> context.vertx().exceptionHandler(ignored -> {}))
                                    .onFailure(refused::add),
                            trying(() -> context.vertx().eventBus().consumer("plinth.database"))
                                    .onFailure(refused::add),
                            trying(() -> context.vertx().eventBus().addInboundInterceptor(ignored -> {}))
                                    .onFailure(refused::add))
                    .otherwiseEmpty();
        }));

        await(host.start());

        assertThat(refused).hasSize(5).allSatisfy(failure -> assertThat(failure).hasMessageContaining("plugin 'bad'"));
        assertThat(host.states()).extracting(PluginStatus::state).containsOnly(PluginState.READY);
        assertThat(vertx.deploymentIDs()).hasSize(3).contains(others);
    }

    @Test
    void undeploysWhatAPluginLeftDeployed() throws Exception {
        PluginHost host = host(plugin(
                "leaves",
                context -> Future.<String>future(deployed -> new Thread(() -> context.vertx()
                                .deployVerticle(new VerticleBase() {})
                                .onComplete(deployed))
                        .start())));
        await(host.start());
        assertThat(vertx.deploymentIDs()).hasSize(2);

        await(host.stop("leaves"));

        eventually(() -> vertx.deploymentIDs().isEmpty());
    }

    private static Future<?> trying(Runnable what) {
        return Future.succeededFuture().map(now -> {
            what.run();
            return now;
        });
    }

    private static Plugin stopping(String id, Supplier<Future<?>> how) {
        return new TestPlugin(id, context -> Future.succeededFuture()) {
            @Override
            public Future<?> stop() {
                return how.get();
            }
        };
    }

    @Test
    void stopsStartsAndRestartsAPluginOnDemand() {
        AtomicInteger starts = new AtomicInteger();
        PluginHost host = host(
                plugin("todo", context -> {
                    starts.incrementAndGet();
                    return Future.succeededFuture();
                }),
                plugin("catalog", context -> Future.succeededFuture()));
        await(host.start());

        assertThat(await(host.stop("todo")).state()).isEqualTo(PluginState.STOPPED);
        assertThat(vertx.deploymentIDs()).hasSize(1);
        assertThat(await(host.start("TODO")).state()).isEqualTo(PluginState.READY);
        assertThat(await(host.start("todo")).state()).isEqualTo(PluginState.READY);
        assertThat(starts).hasValue(2);
        assertThat(await(host.restart("todo")).state()).isEqualTo(PluginState.READY);
        assertThat(starts).hasValue(3);
        assertThat(heard.stream().filter(what -> what.startsWith("catalog")))
                .containsExactly("catalog starting", "catalog ready");
    }

    @Test
    void tellsWhyAnOperationIsNotPossible() {
        PluginHost host = host(plugin("todo", context -> Future.succeededFuture()));
        await(host.start());

        assertThatThrownBy(() -> await(host.stop("nobody")))
                .cause()
                .isInstanceOfSatisfying(PluginException.class, failure -> assertThat(failure.kind())
                        .isEqualTo(PluginException.Kind.UNKNOWN));
        assertThatThrownBy(() -> await(host.reload("todo")))
                .cause()
                .isInstanceOfSatisfying(PluginException.class, failure -> assertThat(failure.kind())
                        .isEqualTo(PluginException.Kind.CONFLICT));
    }

    @Test
    void leavesADisabledPluginAlone() {
        PluginSettings off = new PluginSettings(false, 1, Threading.EVENT_LOOP, PATIENT, PATIENT, false);
        PluginHost host = host(Map.of("todo", off), plugin("todo", context -> Future.succeededFuture()));

        List<PluginStatus> states = await(host.start());

        assertThat(states).singleElement().satisfies(status -> {
            assertThat(status.state()).isEqualTo(PluginState.STOPPED);
            assertThat(status.reason()).isEqualTo("disabled");
        });
    }

    @Test
    void abortsTheStartForAPluginThatMustNotFail() {
        databases.away("waits");
        PluginSettings abort = new PluginSettings(true, 1, Threading.EVENT_LOOP, PATIENT, PATIENT, true);
        PluginHost host = host(
                Map.of("todo", abort),
                plugin("waits", PluginContext::database),
                plugin("todo", context -> Future.failedFuture("no")));

        assertThatThrownBy(() -> await(host.start()))
                .hasCauseInstanceOf(PluginException.class)
                .hasMessageContaining("plugin 'todo' failed")
                .hasMessageContaining("onPluginBootFailure");
    }

    @Test
    void saysThatAClassIsMissingAndNotItsNameAlone() {
        PluginHost host = host(plugin("todo", context -> {
            throw new NoClassDefFoundError("com/acme/Missing");
        }));

        assertThat(await(host.start()))
                .singleElement()
                .extracting(PluginStatus::detail)
                .isEqualTo("java.lang.NoClassDefFoundError: com/acme/Missing");
    }

    @Test
    void isDegradedWhileACheckFails() {
        Promise<Object> never = Promise.promise();
        List<Future<?>> answers = new CopyOnWriteArrayList<>(List.of(Future.failedFuture("queue is full")));
        PluginHost host = host(
                plugin("todo", context -> {
                    context.health("queue", () -> answers.get(0));
                    return Future.succeededFuture();
                }),
                plugin("hangs", context -> {
                    context.health("peer", never::future);
                    return Future.succeededFuture();
                }));
        await(host.start());

        List<PluginStatus> states = await(host.check());

        assertThat(states).extracting(PluginStatus::state).containsOnly(PluginState.DEGRADED);
        assertThat(states.get(0).reason()).isEqualTo("check 'queue' fails");
        never.complete(); // as each further look would wait for it
        answers.set(0, Future.failedFuture("queue is gone"));
        eventually(() -> await(host.check()).get(0).detail().equals("queue: queue is gone"));
        assertThat(host.states().get(0).since()).isEqualTo(states.get(0).since());
        answers.set(0, Future.succeededFuture());
        eventually(() -> await(host.check()).get(0).state() == PluginState.READY);
    }

    @Test
    void tellsAPluginOfItsNewConfigurationOnly() {
        List<String> todo = new CopyOnWriteArrayList<>();
        List<String> catalog = new CopyOnWriteArrayList<>();
        PluginHost host = host(
                plugin("todo", context -> {
                    todo.add(context.config().getString("title", "none"));
                    context.onConfigChange(config -> todo.add(config.getString("title")));
                    return Future.succeededFuture();
                }),
                plugin("catalog", context -> {
                    context.onConfigChange(config -> catalog.add("changed"));
                    return Future.succeededFuture();
                }));
        await(host.start());

        host.configChanged(config("todo", "title", "groceries"));
        host.configChanged(config("todo", "title", "groceries"));

        eventually(() -> todo.size() == 2);
        assertThat(todo).containsExactly("none", "groceries");
        assertThat(catalog).isEmpty();
    }

    @Test
    void failsAPluginWhoseConfigurationIsWrongAndSaysWhere() {
        PluginHost host = Hosts.fixed(
                vertx,
                config("todo", "max", "many"),
                List.of(plugin("todo", context -> {
                    context.config().getInt("max");
                    return Future.succeededFuture();
                })),
                Map.of(),
                databases,
                this::changed);

        assertThat(await(host.start())).singleElement().satisfies(status -> {
            assertThat(status.reason()).isEqualTo("its configuration is wrong");
            assertThat(status.detail()).contains("app-config.yaml:3:7", "todo.max", "a whole number");
        });
    }

    @Test
    void containsAnExceptionThatNobodyCaught() {
        Promise<Void> after = Promise.promise();
        PluginHost host = host(plugin("todo", context -> {
            context.vertx().runOnContext(v -> {
                throw new IllegalStateException("uncaught");
            });
            context.vertx().runOnContext(v -> after.complete());
            return Future.succeededFuture();
        }));

        await(host.start());
        await(after.future());

        assertThat(host.states()).extracting(PluginStatus::state).containsExactly(PluginState.READY);
    }

    private PluginHost host(PluginDescriptor... plugins) {
        return host(Map.of(), plugins);
    }

    private PluginHost host(Map<String, PluginSettings> settings, PluginDescriptor... plugins) {
        return Hosts.fixed(vertx, Config.empty(), List.of(plugins), settings, databases, this::changed);
    }

    private void changed(PluginStatus status, List<PluginInstance> instances) {
        heard.add(status.id() + " " + status.state());
        if (!instances.isEmpty()) {
            serving.put(status.id(), instances);
        }
    }

    private static PluginSettings settings(int instances, Threading threading) {
        return new PluginSettings(true, instances, threading, PATIENT, PATIENT, false);
    }

    private static PluginSettings limited(Duration limit) {
        return new PluginSettings(true, 1, Threading.EVENT_LOOP, limit, limit, false);
    }

    private static PluginDescriptor plugin(String id, Start start) {
        return descriptor(id, () -> new TestPlugin(id, start));
    }

    private static PluginDescriptor descriptor(String id, Supplier<Plugin> plugin) {
        return new PluginDescriptor(
                id,
                "",
                "test",
                PluginHostTest.class.getClassLoader(),
                List.of(),
                List.of(),
                plugin,
                PluginNeeds.UNSAID);
    }

    private static PluginDescriptor withMigration(PluginDescriptor plugin) {
        return new PluginDescriptor(
                plugin.id(),
                plugin.version(),
                plugin.source(),
                plugin.classLoader(),
                List.of(new MigrationFile("V1__item.sql", "CREATE TABLE item")),
                List.of(),
                plugin.newInstance(),
                plugin.needs());
    }

    private static Config config(String section, String key, String value) {
        Origin origin = new Origin("app-config.yaml", 3, 7);
        ConfigNode leaf = new ConfigNode.Scalar(value, origin, false);
        ConfigNode mapping = new ConfigNode.Mapping(Map.of(key, leaf), origin);
        return Config.root(new ConfigNode.Mapping(Map.of(section, mapping), origin));
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, SECONDS)
                .join();
    }

    private interface Start {
        Future<?> start(PluginContext context) throws Exception;
    }

    private static class TestPlugin implements Plugin {

        private final String id;
        private final Start start;

        TestPlugin(String id, Start start) {
            this.id = id;
            this.start = start;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public Future<?> start(PluginContext context) throws Exception {
            return start.start(context);
        }
    }

    /** Databases that are there, away or broken, as a test wants. */
    private final class Databases implements PluginDatabases {

        private final List<String> opened = new CopyOnWriteArrayList<>();
        private final List<String> events = new CopyOnWriteArrayList<>();
        private final Map<String, Promise<DatabaseReply>> prepared = new ConcurrentHashMap<>();
        private final Pool pool = PgBuilder.pool()
                .connectingTo(new PgConnectOptions())
                .using(vertx)
                .build();

        void away(String id) {
            prepared.put(id, Promise.promise());
        }

        void comes(String id) {
            prepared.get(id).complete(new DatabaseReply(pool, Dialect.SQLITE));
        }

        void broken(String id, String message) {
            away(id);
            prepared.get(id).fail(new DatabaseUnavailableException(message));
        }

        @Override
        public Future<DatabaseReply> open(DatabaseRequest request) {
            opened.add(request.pluginId());
            Promise<DatabaseReply> answer = prepared.get(request.pluginId());
            return answer == null ? Future.succeededFuture(new DatabaseReply(pool, Dialect.SQLITE)) : answer.future();
        }

        @Override
        public Future<?> release(String pluginId, long run) {
            events.add("release " + pluginId);
            return Future.succeededFuture();
        }

        @Override
        public Dialect dialect(String pluginId) {
            return Dialect.SQLITE;
        }
    }
}
