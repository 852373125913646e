package dev.plinth.runtime;

import dev.plinth.plugin.CallException;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.config.ConfigCheck;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.ConfigSchema;
import dev.plinth.runtime.config.Explanation;
import dev.plinth.runtime.config.ExplanationJson;
import dev.plinth.runtime.config.Masking;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.database.DatabaseDocuments;
import dev.plinth.runtime.database.DatabaseHealth;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseVerticle;
import dev.plinth.runtime.database.PlanJson;
import dev.plinth.runtime.database.PoolMonitor;
import dev.plinth.runtime.database.pool.PoolsJson;
import dev.plinth.runtime.http.admin.MigrationRequest;
import dev.plinth.runtime.http.admin.Operations;
import dev.plinth.runtime.http.admin.PluginOrder;
import dev.plinth.runtime.http.admin.Refusal;
import dev.plinth.runtime.plugin.PluginControl;
import dev.plinth.runtime.plugin.PluginException;
import dev.plinth.runtime.plugin.PluginHost;
import dev.plinth.runtime.plugin.PluginSnapshot;
import dev.plinth.runtime.plugin.PluginState;
import dev.plinth.runtime.plugin.PluginStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Answers operators: brings together what plugins, databases and configuration tell. Any thread. */
final class AdminOperations implements Operations {

    private final Vertx vertx;
    private final ProcessInfo process;
    private final Supplier<DatabasePlan> plan;
    private final PluginHost plugins;
    private final DatabaseHealth databases;
    private final PoolMonitor pools;
    private final DatabaseDocuments documents;
    private final Supplier<Optional<String>> address;

    /** @param address of the public server; empty once it takes no more work */
    AdminOperations(
            Vertx vertx,
            ProcessInfo process,
            Supplier<DatabasePlan> plan,
            PluginHost plugins,
            DatabaseVerticle databases,
            Supplier<Optional<String>> address) {
        this.vertx = vertx;
        this.process = process;
        this.plan = plan;
        this.plugins = plugins;
        this.databases = databases;
        this.pools = databases;
        this.documents = new DatabaseDocuments(databases.tools());
        this.address = address;
    }

    @Override
    public Future<JsonObject> instance() {
        return vertx.executeBlocking(this::describeInstance, false);
    }

    private JsonObject describeInstance() {
        Instant started =
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
        JsonArray files = new JsonArray();
        process.configuration().get().files().stream()
                .filter(Files::exists)
                .map(Path::toString)
                .sorted()
                .forEach(files::add);
        Optional<String> serving = address.get();
        return new JsonObject()
                .put("version", process.version())
                .put("java", Runtime.version().toString())
                .put("pid", ProcessHandle.current().pid())
                .put("startedAt", started.toString())
                .put("state", state(serving.isPresent()))
                .put("url", serving.orElse(""))
                .put("workingDirectory", process.workingDirectory().toString())
                .put("configurationFiles", files);
    }

    private String state(boolean serving) {
        boolean starting =
                plugins.states().stream().anyMatch(status -> status.state().isStarting());
        return !serving ? "stopping" : starting ? "starting" : "ready";
    }

    @Override
    public Future<JsonObject> plugins() {
        return plugins.plugins().map(all -> document(all).put("leftOut", leftOut()));
    }

    private JsonArray leftOut() {
        JsonArray jars = new JsonArray();
        plugins.leftOut()
                .forEach(jar -> jars.add(new JsonObject()
                        .put("source", jar.source())
                        .put("reason", jar.reason())
                        .put("since", jar.since().toString())));
        return jars;
    }

    @Override
    public Future<JsonObject> plugin(String pluginId) {
        return plugins.plugins().map(all -> all.stream()
                .filter(plugin -> plugin.status().id().equalsIgnoreCase(pluginId))
                .map(AdminOperations::document)
                .findFirst()
                .orElseThrow(() -> unknown(pluginId)));
    }

    @Override
    public Future<JsonObject> order(String pluginId, PluginOrder order) {
        PluginControl control = plugins;
        Future<List<PluginStatus>> done =
                switch (order) {
                    case RELOAD -> control.reload(pluginId);
                    case RESTART -> control.restart(pluginId).map(List::of);
                    case STOP -> control.stop(pluginId).map(List::of);
                    case START -> control.start(pluginId).map(List::of);
                };
        return done.recover(AdminOperations::refused).compose(this::now);
    }

    private Future<JsonObject> now(List<PluginStatus> concerned) {
        Optional<PluginStatus> failed = concerned.stream()
                .filter(status -> status.state() == PluginState.FAILED)
                .findFirst();
        if (failed.isPresent()) {
            PluginStatus status = failed.get();
            return Future.failedFuture(
                    new Refusal(Refusal.Kind.CONFLICT, "plugin '" + status.id() + "' failed: " + status.detail()));
        }
        Set<String> ids = concerned.stream().map(PluginStatus::id).collect(Collectors.toUnmodifiableSet());
        return plugins.plugins()
                .map(all -> document(all.stream()
                        .filter(plugin -> ids.contains(plugin.status().id()))
                        .toList()));
    }

    private static <T> Future<T> refused(Throwable failure) {
        if (!(failure instanceof PluginException exception)) {
            return Future.failedFuture(failure);
        }
        Refusal.Kind kind =
                exception.kind() == PluginException.Kind.UNKNOWN ? Refusal.Kind.UNKNOWN : Refusal.Kind.CONFLICT;
        return Future.failedFuture(new Refusal(kind, String.valueOf(exception.getMessage())));
    }

    private static Refusal unknown(String pluginId) {
        return new Refusal(Refusal.Kind.UNKNOWN, "there is no plugin '" + pluginId + "'");
    }

    private static JsonObject document(Collection<PluginSnapshot> snapshots) {
        JsonArray all = new JsonArray();
        snapshots.forEach(plugin -> all.add(document(plugin)));
        return new JsonObject().put("plugins", all);
    }

    private static JsonObject document(PluginSnapshot plugin) {
        PluginStatus status = plugin.status();
        return new JsonObject()
                .put("id", status.id())
                .put("state", status.state().toString())
                .put("reason", status.reason())
                .put("detail", status.detail())
                .put("since", status.since().toString())
                .put("attempts", status.attempts())
                .put("version", plugin.version())
                .put("source", plugin.source())
                .put("uncaughtExceptions", plugin.uncaught())
                .put("reloadFailure", plugin.reloadFailure())
                .put("checks", checks(plugin))
                .put("database", plugin.database());
    }

    private static JsonArray checks(PluginSnapshot plugin) {
        JsonArray checks = new JsonArray();
        plugin.checks()
                .forEach(check -> checks.add(new JsonObject()
                        .put("name", check.name())
                        .put("passes", check.passed())
                        .put("failure", check.failure())));
        return checks;
    }

    @Override
    public Future<JsonObject> checkConfig(Optional<String> pluginId) {
        Optional<String> id = pluginId.map(this::known);
        return vertx.executeBlocking(() -> check(id), false);
    }

    private JsonObject check(Optional<String> pluginId) {
        ConfigCheck check = process.check().get();
        List<Problem> problems = pluginId.map(check::problemsOf).orElseGet(check::problems);
        return new JsonObject()
                .put(
                        "problems",
                        new JsonArray(problems.stream().map(Problem::toPlain).toList()));
    }

    /** The id as the plugin itself writes it. */
    private String known(String pluginId) {
        return plugins.states().stream()
                .map(PluginStatus::id)
                .filter(id -> id.equalsIgnoreCase(pluginId))
                .findFirst()
                .orElseThrow(() -> unknown(pluginId));
    }

    @Override
    public Future<JsonObject> databases() {
        return databases.check().map(this::document);
    }

    private JsonObject document(Map<String, DatabaseHealth.State> states) {
        JsonObject document = new PlanJson(false, false).of(plan.get());
        JsonObject all = document.getJsonObject("plugins");
        for (String id : all.fieldNames()) {
            DatabaseHealth.State state = states.get(id);
            all.getJsonObject(id)
                    .put("state", state == null ? "none" : state.status().name().toLowerCase(Locale.ROOT))
                    .put("reason", state == null ? "" : state.reason())
                    .put("since", state == null ? null : state.since().toString());
        }
        return document;
    }

    @Override
    public Future<JsonObject> migrations(Optional<String> pluginId) {
        return pluginId.isPresent()
                ? documents.status(requests(pluginId))
                : documents.statusOfAll(requests(pluginId), plan.get().prefixes());
    }

    @Override
    public Future<JsonObject> migrate(Optional<String> pluginId, MigrationRequest request) {
        return documents.migrate(requests(pluginId), request.dryRun(), request.repair());
    }

    @Override
    public Future<JsonObject> backup(Optional<String> pluginId, Path directory) {
        return documents.backup(requests(pluginId), directory);
    }

    private List<DatabaseRequest> requests(Optional<String> pluginId) {
        Optional<String> id = pluginId.map(this::known);
        return plugins.databaseRequests().stream()
                .filter(request -> id.isEmpty() || request.pluginId().equals(id.get()))
                .toList();
    }

    @Override
    public Future<JsonObject> config(String key) {
        return vertx.executeBlocking(() -> explain(key), false);
    }

    private JsonObject explain(String key) {
        List<Explanation> explanations;
        try {
            ConfigSchema schema = process.schema().get();
            explanations = Explanation.of(key, process.configuration().get().withSchema(schema), schema);
        } catch (ConfigException e) {
            throw new Refusal(Refusal.Kind.INVALID, "key: " + e.getMessage());
        }
        if (explanations.isEmpty()) {
            throw new Refusal(Refusal.Kind.UNKNOWN, "no layer sets the key " + key + ", and no schema describes it");
        }
        return new JsonObject(new ExplanationJson(Masking::plain).document(explanations));
    }

    @Override
    public Future<JsonObject> pools() {
        return pools.pools().map(PoolsJson::of);
    }

    @Override
    public Future<JsonObject> call(String pluginId, String method, JsonObject call) {
        return plugins.call(InstanceCalls.read(pluginId, method, call))
                .map(InstanceCalls::answer)
                .recover(failure -> failure instanceof CallException told
                        ? Future.succeededFuture(InstanceCalls.failure(told))
                        : Future.failedFuture(failure));
    }

    @Override
    public Future<JsonObject> publish(String address, JsonObject event) {
        plugins.publish(address, event);
        return Future.succeededFuture(new JsonObject());
    }
}
