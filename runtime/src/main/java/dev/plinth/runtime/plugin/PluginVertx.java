package dev.plinth.runtime.plugin;

import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Vert.x that all share, as one run of a plugin sees it: what would end or change it for everybody is refused, and what the plugin
 * deploys is known. Guards against mistakes; code in the same process that means harm finds a way around it. Thread-safe.
 */
final class PluginVertx extends VertxWrapper {

    private static final Logger LOG = LoggerFactory.getLogger(PluginVertx.class);

    private final String pluginId;
    private final PluginBus bus;
    private final Set<String> deployed = ConcurrentHashMap.newKeySet();

    PluginVertx(String pluginId, VertxInternal shared) {
        super(shared);
        this.pluginId = pluginId;
        this.bus = new PluginBus(pluginId, shared.eventBus());
    }

    /** Takes back what the plugin left behind when it stopped. */
    void end() {
        bus.end();
        deploymentIDs().forEach(id -> {
            LOG.warn(
                    "plugin '{}' left a verticle deployed, which is undeployed now; do so when the plugin stops",
                    pluginId);
            delegate.undeploy(id)
                    .onFailure(failure ->
                            LOG.warn("plugin '{}': a verticle that it left failed to stop", pluginId, failure));
        });
    }

    @Override
    public EventBus eventBus() {
        return bus;
    }

    @Override
    public Future<Void> close() {
        return Future.failedFuture(refusal("close Vert.x, which all plugins share; the runtime does when it ends"));
    }

    @Override
    public Vertx exceptionHandler(@Nullable Handler<Throwable> handler) {
        throw refusal("set the exception handler of the Vert.x that all plugins share; set that of its own context");
    }

    @Override
    public Future<String> deployVerticle(Supplier<? extends Deployable> supplier, DeploymentOptions options) {
        return known(super.deployVerticle(supplier, options));
    }

    @Override
    public Future<String> deployVerticle(Class<? extends Deployable> verticle, DeploymentOptions options) {
        return known(super.deployVerticle(verticle, options));
    }

    @Override
    public Future<String> deployVerticle(String name, DeploymentOptions options) {
        return known(super.deployVerticle(name, options));
    }

    @Override
    public Future<Void> undeploy(String deploymentId) {
        return deployed.contains(deploymentId)
                ? super.undeploy(deploymentId)
                : Future.failedFuture(refusal("undeploy '" + deploymentId + "', which it has not deployed"));
    }

    /** The plugin's own. */
    @Override
    public Set<String> deploymentIDs() {
        Set<String> own = new HashSet<>(super.deploymentIDs());
        own.retainAll(deployed);
        return own;
    }

    private Future<String> known(Future<String> deployment) {
        return deployment.onSuccess(deployed::add);
    }

    private IllegalStateException refusal(String what) {
        return new IllegalStateException("plugin '" + pluginId + "' must not " + what);
    }
}
