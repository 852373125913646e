package dev.plinth.runtime.plugin;

import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.PluginCall;
import dev.plinth.plugin.PluginConfig;
import dev.plinth.plugin.PluginContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** What one instance of a plugin is given. */
final class HostedContext implements PluginContext {

    private final PluginRun plugin;
    private final ContextInternal context;
    private final StartClock clock;
    private final Router router;
    private final Conversation conversation;
    private final List<HealthCheck> checks = new CopyOnWriteArrayList<>();
    private final List<Consumer<PluginConfig>> configListeners = new CopyOnWriteArrayList<>();

    HostedContext(PluginRun plugin, ContextInternal context, StartClock clock) {
        this.plugin = plugin;
        this.context = context;
        this.clock = clock;
        this.router = Router.router(plugin.vertx());
        this.conversation = new Conversation(plugin.version(), plugin.hosting(), context);
    }

    @Override
    public String id() {
        return plugin.id();
    }

    @Override
    public Vertx vertx() {
        return plugin.vertx();
    }

    @Override
    public PluginConfig config() {
        return plugin.config();
    }

    @Override
    public Future<Pool> database() {
        PromiseInternal<Pool> promise = context.promise();
        clock.pause();
        plugin.openDatabase().onComplete((reply, failure) -> {
            clock.resume();
            if (failure == null) {
                promise.complete(reply.pool());
            } else {
                promise.fail(failure);
            }
        });
        return promise.future();
    }

    @Override
    public Dialect dialect() {
        return plugin.dialect();
    }

    @Override
    public Router router() {
        if (!plugin.version().descriptor().needs().routes()) {
            throw new IllegalStateException(
                    JarDescriptor.FILE + " asks for no routes; set plugins." + id() + ".permissions.routes to true");
        }
        return router;
    }

    @Override
    public void health(String name, Supplier<Future<?>> check) {
        checks.add(new HealthCheck(name, check));
    }

    @Override
    public void onConfigChange(Consumer<PluginConfig> listener) {
        configListeners.add(listener);
    }

    @Override
    public Future<JsonObject> call(String pluginId, String method, JsonObject body) {
        return call(pluginId, method, body, plugin.version().settings().callLimit());
    }

    @Override
    public Future<JsonObject> call(String pluginId, String method, JsonObject body, Duration deadline) {
        return conversation.call(pluginId, method, body, deadline);
    }

    @Override
    public void answer(String method, Function<PluginCall, Future<JsonObject>> handler) {
        conversation.answer(method, handler);
    }

    @Override
    public void publish(String address, JsonObject event) {
        conversation.publish(address, event);
    }

    @Override
    public void subscribe(String address, Consumer<JsonObject> listener) {
        conversation.subscribe(address, listener);
    }

    Conversation conversation() {
        return conversation;
    }

    String deploymentId() {
        return context.deploymentID();
    }

    PluginInstance instance() {
        return new PluginInstance(context, router, plugin.vertx());
    }

    void configChanged(PluginConfig config) {
        configListeners.forEach(listener -> context.runOnContext(v -> listener.accept(config)));
    }

    List<Future<CheckOutcome>> runChecks(ContextInternal watch) {
        return checks.stream().map(check -> check.run(context, watch)).toList();
    }
}
