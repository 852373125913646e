package dev.plinth.runtime.database;

import dev.plinth.runtime.bus.BackupRequest;
import dev.plinth.runtime.bus.BlockedLoop;
import dev.plinth.runtime.bus.DatabaseClient;
import dev.plinth.runtime.bus.DatabaseRecall;
import dev.plinth.runtime.bus.DatabaseRelease;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.LocalCodec;
import dev.plinth.runtime.database.DatabaseKind.Place;
import dev.plinth.runtime.database.migration.MigrationMeter;
import dev.plinth.runtime.database.migration.Migrator;
import dev.plinth.runtime.database.pool.PoolSnapshot;
import dev.plinth.runtime.database.pool.PoolsSnapshot;
import dev.plinth.runtime.database.pool.ServerSnapshot;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands each plugin of this process its own database: makes it exist, brings it up to date, and replies with the pool.
 *
 * <p>One per process. A plugin's pool is kept until the plugin is released; a failure is not kept, so the plugin may ask again.
 * While a server is away, the requests of its plugins stay open.
 */
public final class DatabaseVerticle extends VerticleBase implements DatabaseHealth, PoolMonitor {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseVerticle.class);

    private static final List<Class<?>> MESSAGES = List.of(
            DatabaseRequest.class,
            DatabaseReply.class,
            DatabaseRelease.class,
            DatabaseRecall.class,
            BlockedLoop.class,
            BackupRequest.class);
    private static final int FAILED = 1;
    /** So long after it was found to be blocked, what is open on an event loop is undone. */
    private static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(5);

    private static final Duration LEAKS_LOOKED_FOR = Duration.ofSeconds(10);
    private static final Duration PREPARED_QUICKLY = Duration.ofSeconds(5);

    private final Function<String, Resolution> plan;
    private final List<DatabaseKind<?>> kinds;
    private final Migrator migrator;
    private final LeakOptions leaks;

    // Used on this verticle's context only.
    private final Map<Run, PluginDatabase> plugins = new LinkedHashMap<>();
    /** How the last attempt ended of those that failed, and have not been there since. */
    private final Map<String, State> failures = new HashMap<>();

    private final Map<String, Server> servers = new HashMap<>();
    private final List<MessageConsumer<?>> consumers = new ArrayList<>();

    /**
     * @param plan what a plugin id resolves to
     * @param kinds one for each kind of settings
     */
    public DatabaseVerticle(Function<String, Resolution> plan, List<DatabaseKind<?>> kinds, Migrator migrator) {
        this(plan, kinds, migrator, LeakOptions.DEFAULT);
    }

    /**
     * The same with a word on connections that plugins keep.
     *
     * @param leaks when they are reported, and how
     */
    public DatabaseVerticle(
            Function<String, Resolution> plan, List<DatabaseKind<?>> kinds, Migrator migrator, LeakOptions leaks) {
        this.plan = plan;
        this.kinds = List.copyOf(kinds);
        this.migrator = migrator;
        this.leaks = leaks;
    }

    /** One life of one plugin. Equality is written out, as Java takes long to make its own when it is asked for first. */
    private record Run(String pluginId, long number) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Run run && number == run.number && pluginId.equals(run.pluginId);
        }

        @Override
        public int hashCode() {
            return 31 * pluginId.hashCode() + Long.hashCode(number);
        }
    }

    /** What the plugins on one server share. */
    record Server(Gate gate, ServerWatch watch) {}

    @Override
    public Future<?> start() {
        MESSAGES.forEach(this::registerCodec);
        consumers.add(vertx.eventBus().localConsumer(DatabaseRequest.ADDRESS, this::onRequest));
        consumers.add(vertx.eventBus().localConsumer(DatabaseRelease.ADDRESS, this::onRelease));
        consumers.add(vertx.eventBus().localConsumer(DatabaseRecall.ADDRESS, this::onRecall));
        consumers.add(vertx.eventBus().localConsumer(BlockedLoop.ADDRESS, this::onBlockedLoop));
        consumers.add(vertx.eventBus().localConsumer(BackupRequest.ADDRESS, this::onBackup));
        leaks.threshold().ifPresent(this::watchForLeaks);
        return Future.succeededFuture();
    }

    /** The timer ends with this verticle. */
    private void watchForLeaks(Duration threshold) {
        long pause = Math.max(100, Math.min(threshold.toMillis() / 4, LEAKS_LOOKED_FOR.toMillis()));
        vertx.setPeriodic(pause, id -> plugins.values()
                .forEach(plugin -> plugin.pool().ifPresent(pool -> pool.reportLeaks(threshold))));
    }

    private <T> void registerCodec(Class<T> message) {
        vertx.eventBus().registerDefaultCodec(message, new LocalCodec<>(message));
    }

    @Override
    public Future<?> stop() {
        return unregisterConsumers()
                .eventually(this::closePlugins)
                .eventually(this::closeConnectors)
                .onComplete(closed -> MESSAGES.forEach(vertx.eventBus()::unregisterDefaultCodec));
    }

    private Future<?> unregisterConsumers() {
        List<Future<Void>> all =
                consumers.stream().map(MessageConsumer::unregister).toList();
        consumers.clear();
        return Future.join(all);
    }

    private Future<?> closePlugins() {
        List<Future<Void>> all = plugins.values().stream()
                .map(plugin -> plugin.close("the backend is stopping"))
                .toList();
        plugins.clear();
        servers.values().forEach(server -> server.watch().close());
        servers.clear();
        return Future.join(all);
    }

    private Future<?> closeConnectors() {
        return Future.join(kinds.stream().map(kind -> kind.connector().close()).toList());
    }

    private void onRequest(Message<DatabaseRequest> message) {
        PluginDatabase plugin = database(message.body());
        plugin.reply()
                .onSuccess(reply -> answer(message, reply))
                .onFailure(failure ->
                        message.fail(plugin.isRefused() ? DatabaseClient.REFUSED : FAILED, failure.getMessage()));
    }

    /** Without this catch the asker would never hear of a reply that cannot be sent. */
    private static void answer(Message<DatabaseRequest> message, DatabaseReply reply) {
        try {
            message.reply(reply);
        } catch (RuntimeException e) {
            message.fail(FAILED, e.getMessage());
        }
    }

    private void onRelease(Message<DatabaseRelease> message) {
        DatabaseRelease release = message.body();
        PluginDatabase released = plugins.remove(new Run(release.pluginId(), release.run()));
        Future<Void> closed = released == null ? Future.succeededFuture() : released.close("the plugin has stopped");
        closed.onComplete(done -> message.reply(null));
    }

    private void onRecall(Message<DatabaseRecall> message) {
        DatabaseRecall recall = message.body();
        PluginDatabase plugin = plugins.get(new Run(recall.pluginId(), recall.run()));
        if (plugin != null) {
            takeBack(recall.pluginId(), plugin, recall.loop());
        }
    }

    private static void takeBack(String pluginId, PluginDatabase plugin, EventExecutor loop) {
        plugin.pool().ifPresent(pool -> pool.takeBack(loop).onSuccess(count -> {
            if (count > 0) {
                LOG.warn(
                        "plugin '{}': {} of its connections were taken back, as the event loop on which it took them"
                                + " is blocked",
                        pluginId,
                        count);
            }
        }));
    }

    /** What is open there is undone only later: who blocks it may yet go on, and would lose its work. */
    private void onBlockedLoop(Message<BlockedLoop> message) {
        EventExecutor loop = message.body().loop();
        AtomicBoolean goesOn = new AtomicBoolean();
        loop.execute(() -> goesOn.set(true));
        kinds.forEach(kind -> kind.connector().avoid(loop));
        vertx.setTimer(GIVEN_UP_AFTER.toMillis(), timer -> {
            if (!goesOn.get()) {
                kinds.forEach(kind -> kind.connector().giveUp(loop));
                plugins.forEach((run, plugin) -> takeBack(run.pluginId(), plugin, loop));
            }
        });
    }

    private void onBackup(Message<BackupRequest> message) {
        BackupRequest request = message.body();
        Future.<Place<?>>future(promise -> promise.complete(place(request.pluginId())))
                .compose(place -> place.backup(request.directory()))
                .onSuccess(copy -> message.reply(copy.toString()))
                .onFailure(failure -> message.fail(FAILED, failure.getMessage()));
    }

    /** All who ask for one run share one attempt; after a failure the next one who asks makes a new one. */
    private PluginDatabase database(DatabaseRequest request) {
        Run run = new Run(request.pluginId(), request.run());
        PluginDatabase known = plugins.get(run);
        if (known != null && !known.failed()) {
            return known;
        }
        PluginDatabase plugin = new PluginDatabase(
                vertx, migrator, request, () -> place(request.pluginId()), this::server, leaks.traces());
        plugins.put(run, plugin);
        plugin.open();
        plugin.reply()
                .onSuccess(ready -> failures.remove(request.pluginId()))
                .onFailure(failure -> keep(request.pluginId(), plugin, failure));
        return plugin;
    }

    /** One that was taken away before it was there has not failed. */
    private void keep(String pluginId, PluginDatabase plugin, Throwable failure) {
        if (!plugin.isClosed()) {
            Instant since =
                    failures.containsKey(pluginId) ? failures.get(pluginId).since() : Instant.now();
            failures.put(pluginId, new State(Status.DOWN, String.valueOf(failure.getMessage()), since));
        }
    }

    /**
     * Begins to connect to the database of a plugin that is going to ask for it. Any thread, once deployed; done on this verticle's event
     * loop, as a server's budget stays on the one that first connects there.
     */
    public void prepareEarly(String pluginId) {
        context.runOnContext(here -> place(pluginId).prepareEarly());
    }

    private Place<?> place(String pluginId) {
        return DatabaseKind.place(kinds, plan.apply(pluginId));
    }

    private Server server(Place<?> place) {
        return servers.computeIfAbsent(
                place.server(),
                name -> new Server(
                        new Gate(vertx, place::preparedAtOnce, PREPARED_QUICKLY),
                        new ServerWatch(vertx, name, place::probe)));
    }

    /** What was applied so far. Any thread. */
    public MigrationMeter migrations() {
        return migrator.meter();
    }

    /** For operators, over the same connectors; not to be closed. */
    public DatabaseTools tools() {
        return new DatabaseTools(plan, kinds, migrator);
    }

    /** The event loops which serve all plugins, this verticle's own first: what blocks one holds up everybody. Once deployed. */
    public List<Context> loops() {
        return Stream.concat(Stream.of(context), kinds.stream().flatMap(DatabaseKind::loops))
                .toList();
    }

    /** May be called from any thread; the result comes on the caller's context. */
    @Override
    public Future<Map<String, State>> check() {
        Promise<Map<String, State>> promise = Promise.promise();
        context.runOnContext(here -> checkAll().onComplete(promise));
        return promise.future();
    }

    /** May be called from any thread; the result comes on the caller's context. */
    @Override
    public Future<PoolsSnapshot> pools() {
        Promise<PoolsSnapshot> promise = Promise.promise();
        context.runOnContext(here -> promise.complete(snapshot()));
        return promise.future();
    }

    private PoolsSnapshot snapshot() {
        Map<String, ServerSnapshot> serversByName = new TreeMap<>();
        Map<String, PoolSnapshot> poolsById = new TreeMap<>();
        plugins.forEach((run, plugin) -> plugin.pool().ifPresent(pool -> {
            poolsById.put(run.pluginId(), pool.snapshot());
            serversByName.computeIfAbsent(pool.serverName(), name -> pool.server());
        }));
        return new PoolsSnapshot(List.copyOf(serversByName.values()), List.copyOf(poolsById.values()));
    }

    private Future<Map<String, State>> checkAll() {
        Map<String, Future<State>> checks = new TreeMap<>();
        // The eldest life of a plugin is the one that serves.
        plugins.forEach((run, plugin) -> checks.computeIfAbsent(run.pluginId(), id -> plugin.check()));
        return Future.join(List.copyOf(checks.values())).map(done -> {
            Map<String, State> states = new TreeMap<>(failures);
            // One that is tried again is still down.
            checks.forEach((id, check) ->
                    states.merge(id, check.result(), (before, now) -> now.status() == Status.PREPARING ? before : now));
            return states;
        });
    }
}
