package dev.plinth.runtime.plugin;

import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.PluginConfig;
import dev.plinth.plugin.PluginContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.ext.web.Router;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What one instance of a plugin is given. */
final class HostedContext implements PluginContext {

    private final PluginRun plugin;
    private final ContextInternal context;
    private final StartClock clock;
    private final Router router;
    private final List<HealthCheck> checks = new CopyOnWriteArrayList<>();
    private final List<Consumer<PluginConfig>> configListeners = new CopyOnWriteArrayList<>();

    HostedContext(PluginRun plugin, ContextInternal context, StartClock clock) {
        this.plugin = plugin;
        this.context = context;
        this.clock = clock;
        this.router = Router.router(context.owner());
    }

    @Override
    public String id() {
        return plugin.id();
    }

    @Override
    public Vertx vertx() {
        return context.owner();
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

    PluginInstance instance() {
        return new PluginInstance(context, router);
    }

    void configChanged(PluginConfig config) {
        configListeners.forEach(listener -> context.runOnContext(v -> listener.accept(config)));
    }

    List<Future<HealthCheck.Result>> runChecks(ContextInternal watch) {
        return checks.stream().map(check -> check.run(context, watch)).toList();
    }
}
