package dev.plinth.runtime.plugin;

import dev.plinth.plugin.CallException;
import dev.plinth.plugin.CallException.Code;
import dev.plinth.runtime.bus.PluginCalls;
import dev.plinth.runtime.bus.PluginCalls.Call;
import dev.plinth.runtime.gate.RequestLimits;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** What plugins know of each other, in this process and in others. Any thread. */
final class Peers {

    private final ContextInternal context;
    private final List<HostedPlugin> plugins;
    private final OtherInstances others;
    private final PluginCalls calls;
    private final CallGates gates;

    /** With the host's context and its list of all plugins. */
    Peers(
            ContextInternal context,
            List<HostedPlugin> plugins,
            OtherInstances others,
            Function<String, RequestLimits> limits) {
        this.context = context;
        this.plugins = plugins;
        this.others = others;
        this.calls = new PluginCalls(context.owner());
        this.gates = new CallGates(context, limits);
    }

    boolean mayExist(String pluginId) {
        return find(pluginId).isPresent() || others.have(pluginId);
    }

    /**
     * In this process if it serves or is starting here, else in another. Fails with {@link CallException} only.
     *
     * @param answer as its caller waits for it: if that is over when it is the call's turn, the call is not made
     */
    Future<JsonObject> call(Call call, Future<?> answer) {
        return pass(
                call,
                turn -> answer.isComplete()
                        ? Future.failedFuture(turn.failure(Code.STOPPED, "", "nobody waits for its answer any more"))
                        : send(turn));
    }

    private Future<JsonObject> send(Call call) {
        boolean here = find(call.pluginId()).filter(Peers::mayAnswer).isPresent();
        return !here && others.have(call.pluginId()) ? others.call(call) : sendHere(call);
    }

    /** One that another instance was asked for. Fails with {@link CallException} only. */
    Future<JsonObject> callHere(Call call) {
        return pass(call, this::sendHere);
    }

    /** Ids of plugins that there are not are any number. */
    private Future<JsonObject> pass(Call call, Function<Call, Future<JsonObject>> send) {
        return mayExist(call.pluginId()) ? gates.pass(call, send) : send.apply(call);
    }

    /** Waits for a plugin that is starting. */
    private Future<JsonObject> sendHere(Call call) {
        long begin = System.nanoTime();
        return awaitReady(call).compose(ready -> calls.send(call.after(Duration.ofNanos(System.nanoTime() - begin))));
    }

    /** To whoever has subscribed, in all instances. */
    void publish(String address, JsonObject event) {
        publishHere(address, event);
        others.publish(address, event);
    }

    void publishHere(String address, JsonObject event) {
        context.owner().eventBus().publish(address, event, new DeliveryOptions().setLocalOnly(true));
    }

    private Future<?> awaitReady(Call call) {
        Optional<HostedPlugin> peer = find(call.pluginId());
        if (peer.isEmpty()) {
            return Future.failedFuture(
                    call.failure(Code.UNKNOWN_PLUGIN, "", "there is no plugin '" + call.pluginId() + "'"));
        }
        if (peer.get().isServing()) {
            return Future.succeededFuture();
        }
        return Future.<PluginStatus>future(settled ->
                        context.runOnContext(v -> peer.get().settled().onComplete(settled)))
                .timeout(Math.max(1, call.left().toMillis()), TimeUnit.MILLISECONDS)
                .transform((status, failure) -> failure instanceof TimeoutException
                        ? Future.failedFuture(call.failure(
                                Code.DEADLINE, "", "plugin '" + call.pluginId() + "' did not become ready in time"))
                        : serving(call, peer.get().status()));
    }

    private static Future<?> serving(Call call, PluginStatus status) {
        return status.state().isServing()
                ? Future.succeededFuture()
                : Future.failedFuture(call.failure(
                        Code.NOT_READY,
                        "",
                        "plugin '" + call.pluginId() + "' is " + status.state()
                                + (status.reason().isEmpty() ? "" : ": " + status.reason())));
    }

    private static boolean mayAnswer(HostedPlugin plugin) {
        return plugin.isServing() || plugin.status().state().isStarting();
    }

    private Optional<HostedPlugin> find(String pluginId) {
        return plugins.stream()
                .filter(plugin -> plugin.id().equalsIgnoreCase(pluginId))
                .findFirst();
    }
}
