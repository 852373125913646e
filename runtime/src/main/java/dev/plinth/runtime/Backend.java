package dev.plinth.runtime;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.bus.DatabaseClient;
import dev.plinth.runtime.bus.DatabaseReply;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.database.DatabaseHealth;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.DatabaseVerticle;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.pool.PoolsSnapshot;
import dev.plinth.runtime.database.postgres.CurrentPasswords;
import dev.plinth.runtime.database.sqlite.SqliteConnector;
import dev.plinth.runtime.http.Endpoint;
import dev.plinth.runtime.http.Health;
import dev.plinth.runtime.http.HttpService;
import dev.plinth.runtime.http.HttpSettings;
import dev.plinth.runtime.http.ListenSettings;
import dev.plinth.runtime.http.PluginSites;
import dev.plinth.runtime.http.admin.AdminServer;
import dev.plinth.runtime.http.metrics.HttpMeter;
import dev.plinth.runtime.http.metrics.LoopLag;
import dev.plinth.runtime.http.metrics.PrometheusPage;
import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.OtherInstances;
import dev.plinth.runtime.plugin.PluginControl;
import dev.plinth.runtime.plugin.PluginDatabases;
import dev.plinth.runtime.plugin.PluginDescriptor;
import dev.plinth.runtime.plugin.PluginHost;
import dev.plinth.runtime.plugin.PluginInstance;
import dev.plinth.runtime.plugin.PluginListener;
import dev.plinth.runtime.plugin.PluginRules;
import dev.plinth.runtime.plugin.PluginSettings;
import dev.plinth.runtime.plugin.PluginStatus;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One backend in this process: databases, plugins and the server in front of them. The only place that knows all three. Any
 * thread.
 */
public final class Backend {

    /** How many event loops the runtime keeps to itself: for connections, plugins' states, databases, logins and operators. */
    public static final int EVENT_LOOPS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(Backend.class);
    private static final long CLOSE_SECONDS = 2;

    private final Vertx vertx;
    private final Current current;
    private final CurrentPasswords passwords;
    private final DatabaseVerticle databases;
    private final Optional<String> firstToAsk;
    private final PluginSites sites;
    private final PluginHost plugins;
    private final HttpService http;
    private final AdminServer admin;
    private final Optional<PeerInstances> peers;
    private final HttpMeter meter = new HttpMeter();
    private final LoopLag lag = new LoopLag();
    /** Of the public server, for as long as it takes work. */
    private volatile Optional<String> address = Optional.empty();

    private volatile Optional<String> databaseDeployment = Optional.empty();

    /** Wires everything together; nothing runs yet. */
    public Backend(Vertx vertx, BackendSettings settings, Discovery discovery, PluginJars jars, ProcessInfo process) {
        if (settings.databases().hasAny(SqliteSettings.class)) {
            SqliteConnector.loadAhead();
        }
        this.vertx = vertx;
        this.passwords = new CurrentPasswords(settings.databases());
        this.current = new Current(settings, jars, passwords);
        this.databases = DatabaseWiring.verticle(
                vertx, current::databaseOf, settings.databases().options(), passwords);
        this.firstToAsk = firstToAsk(settings, discovery);
        this.sites = new PluginSites();
        this.peers = Optional.of(settings.peers())
                .filter(others -> !others.isEmpty())
                .map(others -> new PeerInstances(vertx, others, settings.admin().token()));
        this.plugins = new PluginHost(
                vertx,
                discovery,
                new PluginRules.Admission(settings.config(), settings.plugins()),
                jars.loader(),
                current,
                new BusDatabases(new DatabaseClient(vertx), current, databases),
                new Sites(sites, lag),
                peers.<OtherInstances>map(others -> others).orElse(OtherInstances.NONE),
                settings.http()::limitsOf);
        peers.ifPresent(others -> plugins.keepOff(others.context()));
        this.http = new HttpService(vertx, settings.http(), sites, this::health, meter);
        // A plugin that blocks its event loop must not hold up the connections of the others.
        plugins.keepOff(http.context());
        AdminOperations operations = new AdminOperations(
                vertx, process, () -> current.settings().databases(), plugins, databases, () -> address);
        BackendMetrics metrics =
                new BackendMetrics(process.version(), plugins, databases, databases.migrations(), http::inFlight);
        this.admin =
                new AdminServer(vertx, settings.admin(), operations, new PrometheusPage(vertx, meter, lag, metrics));
        plugins.keepOff(admin.context());
        lag.watch(http.context());
        lag.watch(admin.context());
    }

    /** The first plugin of which it is known that it will ask for its database. */
    private static Optional<String> firstToAsk(BackendSettings settings, Discovery discovery) {
        return discovery.plugins().stream()
                .filter(PluginDescriptor::hasMigrations)
                .map(PluginDescriptor::id)
                .filter(id -> settings.plugins()
                                .getOrDefault(id, PluginSettings.DEFAULT)
                                .isToStart()
                        && settings.databases().of(id).settings().isPresent())
                .findFirst();
    }

    /**
     * Opens the server, so that requests can wait for plugins that are starting.
     *
     * @return the port; fails when it is taken
     */
    public Future<Integer> listen() {
        return vertx.deployVerticle(databases)
                .compose(deployed -> {
                    databaseDeployment = Optional.of(deployed);
                    databases.loops().forEach(plugins::keepOff);
                    databases.loops().forEach(lag::watch);
                    firstToAsk.ifPresent(databases::prepareEarly);
                    return http.start();
                })
                .onSuccess(port -> address = Optional.of(url(current.settings().http(), port)));
    }

    private static String url(HttpSettings http, int port) {
        return new ListenSettings(http.listen().host(), port).url(http.tls().isPresent() ? "https" : "http");
    }

    /**
     * Opens the server for operators.
     *
     * @return where it listens; fails when the configured address is taken
     */
    public Future<ListenSettings> listenToOperators() {
        return admin.start();
    }

    /**
     * Starts all plugins at once.
     *
     * @return completes when each serves or has failed; stays open while a database is away; fails as soon as a plugin fails
     *     that must not
     */
    public Future<List<PluginStatus>> startPlugins() {
        if (current.settings().watchPlugins()) {
            plugins.watch();
        }
        return plugins.start().onSuccess(started -> databases.pools().onSuccess(Backend::sayWhatIsShared));
    }

    /** A server that has not told yet what there is to share is spoken of as soon as it does. */
    private static void sayWhatIsShared(PoolsSnapshot pools) {
        pools.servers().stream()
                .filter(server -> server.share().isPresent())
                .forEach(server -> LOG.info("{}", server.describe()));
    }

    /** Where each plugin stands. */
    public List<PluginStatus> states() {
        return plugins.states();
    }

    /** For operators: what plugins there are, and changes to them. */
    public PluginControl pluginControl() {
        return plugins;
    }

    /** How the plugins' databases are; never fails. */
    public Future<Map<String, DatabaseHealth.State>> databases() {
        return databases.check();
    }

    /** What the plugins' pools are doing; never fails. */
    public Future<PoolsSnapshot> pools() {
        return databases.pools();
    }

    /**
     * Copies a plugin's SQLite database, as it is at one moment, into a new file in this directory, while the plugin serves.
     *
     * @return the file; fails with a message for the operator
     */
    public Future<Path> backup(String pluginId, Path directory) {
        return new DatabaseClient(vertx).backup(pluginId, directory);
    }

    /** Hands changed sections to the plugins, and changed secrets to connections made from now on. Reads files. */
    public void configChanged(Config config) {
        passwords.update(current.settings().databasesIn(config));
        plugins.configChanged(config);
        http.configChanged(config);
        admin.configChanged(config);
        config.at("backend.admin.token")
                .secret(new Problems())
                .ifPresent(token -> peers.ifPresent(others -> others.use(token)));
    }

    /** Tells of an exception that ended a thread. Any thread. */
    public void uncaught(Thread thread, Throwable failure) {
        plugins.uncaught(thread, failure);
    }

    /** As {@link #stop()}, after code of the jar with this class loader has called {@code System.exit}. */
    public Future<Void> stopAfterExitBy(String loaderName) {
        return plugins.abandon(loaderName).eventually(this::stop);
    }

    /** Readiness says no, requests in flight finish, plugins stop, databases close. Never takes longer than its limits. */
    public Future<Void> stop() {
        return stop(http::drain);
    }

    /** As {@link #stop()}, when the start has failed: no load balancer was told to send requests here, none needs time to notice. */
    public Future<Void> giveUp() {
        return stop(http::drainAtOnce);
    }

    private Future<Void> stop(Supplier<Future<Void>> drain) {
        // A promise of no context: closing Vert.x ends every event loop that could still deliver the news.
        Promise<Void> stopped = Promise.promise();
        address = Optional.empty();
        drain.get()
                .eventually(plugins::stop)
                .eventually(http::close)
                .eventually(admin::close)
                // Not left to the end of Vert.x, which is not waited for when a plugin blocks an event loop.
                .eventually(() -> databaseDeployment.map(vertx::undeploy).orElse(Future.succeededFuture()))
                .onComplete(drained -> closeVertx(stopped));
        return stopped.future();
    }

    private Future<List<Health.PluginHealth>> health() {
        return Future.join(plugins.check(), databases.check()).map(both -> both.<List<PluginStatus>>resultAt(0).stream()
                .map(status -> health(status, both.<Map<String, DatabaseHealth.State>>resultAt(1)))
                .toList());
    }

    private static Health.PluginHealth health(PluginStatus status, Map<String, DatabaseHealth.State> databases) {
        DatabaseHealth.State database = databases.get(status.id());
        boolean down = database != null && database.status() == DatabaseHealth.Status.DOWN;
        String reason = status.reason().isEmpty() && down ? "its database is not available" : status.reason();
        return new Health.PluginHealth(
                status.id(),
                status.state().toString(),
                status.state().isStarting(),
                status.state().isServing() && !down,
                reason,
                status.since(),
                database == null ? "none" : database.status().toString().toLowerCase(Locale.ROOT));
    }

    /** A plugin that blocks its event loop for good would keep it from ever closing. */
    private void closeVertx(Promise<Void> stopped) {
        CompletableFuture<Void> closed = vertx.close().toCompletionStage().toCompletableFuture();
        var unused = closed.orTimeout(CLOSE_SECONDS, TimeUnit.SECONDS).whenComplete((nothing, late) -> {
            if (late != null) {
                LOG.warn("not all event loops ended within {} s: a plugin blocks one", CLOSE_SECONDS);
            }
            stopped.complete();
        });
    }

    /** Tells the server where plugins stand. */
    private record Sites(PluginSites sites, LoopLag lag) implements PluginListener {

        @Override
        public void changed(PluginStatus status, List<PluginInstance> instances) {
            instances.forEach(instance -> lag.watch(instance.context()));
            if (status.state().isServing() && !instances.isEmpty()) {
                sites.serving(
                        status.id(),
                        instances.stream()
                                .map(instance -> new Endpoint(instance.context(), instance.router(), instance.vertx()))
                                .toList());
            } else if (status.state().isStarting()) {
                sites.starting(status.id(), status.reason());
            } else {
                sites.unavailable(status.id(), status.reason());
            }
        }

        @Override
        public Future<?> idle(String pluginId, List<PluginInstance> instances) {
            return sites.idle(pluginId, contexts(instances));
        }

        @Override
        public void abandoned(String pluginId, List<PluginInstance> instances, String reason) {
            sites.abandon(pluginId, contexts(instances), reason);
        }

        @Override
        public void gone(String pluginId, List<PluginInstance> instances) {
            sites.unmount(pluginId, contexts(instances), "it has stopped");
        }

        @Override
        public void removed(String pluginId) {
            sites.remove(pluginId);
        }

        private static List<Context> contexts(List<PluginInstance> instances) {
            return instances.stream().map(PluginInstance::context).toList();
        }
    }

    /** The settings as they are now: jars that come bring theirs along. */
    private static final class Current implements PluginRules {

        private final PluginJars jars;
        private final CurrentPasswords passwords;
        private volatile BackendSettings settings;

        Current(BackendSettings settings, PluginJars jars, CurrentPasswords passwords) {
            this.settings = settings;
            this.jars = jars;
            this.passwords = passwords;
        }

        BackendSettings settings() {
            return settings;
        }

        Resolution databaseOf(String pluginId) {
            return settings.databases().of(pluginId);
        }

        @Override
        public Map<String, String> checksums() {
            return jars.checksums();
        }

        @Override
        public Duration startLimit(Set<String> pluginIds) {
            return jars.startLimit(pluginIds);
        }

        @Override
        public synchronized PluginRules.Admission admit(Discovery jar) {
            settings = jars.add(jar);
            passwords.update(settings.databases());
            return new PluginRules.Admission(settings.config(), settings.plugins());
        }
    }

    /** The plugin host's way to the databases: over the event bus. */
    private record BusDatabases(DatabaseClient client, Current current, DatabaseHealth health)
            implements PluginDatabases {

        @Override
        public Future<DatabaseReply> open(DatabaseRequest request) {
            return client.request(request);
        }

        @Override
        public Future<?> release(String pluginId, long run) {
            return client.release(pluginId, run);
        }

        @Override
        public void recall(String pluginId, long run, EventExecutor loop) {
            client.recall(pluginId, run, loop);
        }

        @Override
        public void blocked(EventExecutor loop) {
            client.blocked(loop);
        }

        @Override
        public Future<Map<String, String>> states() {
            return health.check().map(BusDatabases::describe);
        }

        private static Map<String, String> describe(Map<String, DatabaseHealth.State> states) {
            Map<String, String> words = new HashMap<>();
            states.forEach((id, state) -> words.put(
                    id,
                    state.status().toString().toLowerCase(Locale.ROOT)
                            + (state.reason().isEmpty() ? "" : ": " + state.reason())));
            return words;
        }

        @Override
        public Dialect dialect(String pluginId) {
            return current.databaseOf(pluginId)
                    .settings()
                    .map(DatabaseSettings::dialect)
                    .orElse(Dialect.POSTGRESQL);
        }
    }
}
