package dev.plinth.runtime.plugin;

import dev.plinth.plugin.CallException;
import dev.plinth.plugin.CallException.Code;
import dev.plinth.plugin.PluginCall;
import dev.plinth.runtime.bus.PluginCalls;
import dev.plinth.runtime.bus.PluginCalls.Call;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What one instance of a plugin says to other plugins, and hears from them. Any thread. */
final class Conversation {

    private final String pluginId;
    private final PluginNeeds needs;
    private final Hosting hosting;
    private final ContextInternal context;
    private final Map<String, Function<PluginCall, Future<JsonObject>>> methods = new ConcurrentHashMap<>();
    /** On their way to be registered. */
    private final Set<Future<Void>> subscribing = ConcurrentHashMap.newKeySet();

    private final Set<Promise<JsonObject>> asking = ConcurrentHashMap.newKeySet();
    private final Set<Promise<JsonObject>> answering = ConcurrentHashMap.newKeySet();
    private volatile @Nullable MessageConsumer<JsonObject> consumer;
    private volatile boolean ended;

    Conversation(PluginVersion version, Hosting hosting, ContextInternal context) {
        this.pluginId = version.id();
        this.needs = version.descriptor().needs();
        this.hosting = hosting;
        this.context = context;
    }

    Future<JsonObject> call(String peer, String method, JsonObject body, Duration deadline) {
        PromiseInternal<JsonObject> answer = context.promise();
        if (ended) {
            answer.fail(stopped());
        } else if (!mayCall(peer)) {
            answer.fail(new CallException(
                    Code.REFUSED,
                    "",
                    "plugin '" + pluginId + "' may not call plugin '" + peer + "': name it in " + JarDescriptor.FILE
                            + ", plugins." + pluginId + ".calls or .mayCall"));
        } else {
            ask(peer, method, body, deadline, answer);
        }
        return answer.future();
    }

    private void ask(String peer, String method, JsonObject body, Duration deadline, Promise<JsonObject> answer) {
        asking.add(answer);
        hosting.peers()
                .call(new Call(pluginId, peer, method, body, deadline, deadline), answer.future())
                .onComplete((reply, failure) -> {
                    asking.remove(answer);
                    if (failure == null) {
                        answer.tryComplete(reply);
                    } else {
                        answer.tryFail(failure);
                    }
                });
    }

    void answer(String method, Function<PluginCall, Future<JsonObject>> handler) {
        methods.put(method, handler);
    }

    void publish(String address, JsonObject event) {
        if (!address.startsWith(pluginId + ".") && !needs.addresses().contains(address)) {
            throw new CallException(
                    Code.REFUSED,
                    "",
                    "plugin '" + pluginId + "' may not publish to '" + address + "': use an address that begins with "
                            + pluginId + "., or name it in " + JarDescriptor.FILE + ", plugins." + pluginId
                            + ".permissions.addresses");
        }
        refuseRuntimesOwn(address);
        hosting.peers().publish(address, event);
    }

    void subscribe(String address, Consumer<JsonObject> listener) {
        refuseRuntimesOwn(address);
        Promise<Void> registered = Promise.promise();
        subscribing.add(registered.future());
        registered.future().onComplete((v, failure) -> subscribing.remove(registered.future()));
        context.runOnContext(v -> context.owner()
                .eventBus()
                .<Object>consumer(address, message -> {
                    if (message.body() instanceof JsonObject event) {
                        listener.accept(event);
                    }
                })
                .completion()
                .onComplete(registered));
    }

    /** Answers from now on. Completes when all instances of the backend know, of its methods and of its subscriptions. */
    Future<Void> open() {
        return Future.all(List.copyOf(subscribing)).compose(subscribed -> openMethods());
    }

    private Future<Void> openMethods() {
        return methods.isEmpty()
                ? Future.succeededFuture()
                : Future.future(open -> context.runOnContext(v -> {
                    MessageConsumer<JsonObject> opened =
                            new PluginCalls(context.owner()).receive(pluginId, this::receive);
                    consumer = opened;
                    opened.completion().onComplete(open);
                }));
    }

    /** Takes no more calls; completes when those are answered that it took. */
    Future<?> close() {
        MessageConsumer<JsonObject> open = consumer;
        consumer = null;
        Future<Void> unregistered = open == null ? Future.succeededFuture() : open.unregister();
        return unregistered.transform((v, failure) ->
                Future.join(answering.stream().map(Promise::future).toList()).mapEmpty());
    }

    /** Nobody waits for it any more, and it waits for nobody. */
    void end() {
        ended = true;
        asking.forEach(answer -> answer.tryFail(stopped()));
        answering.forEach(answer -> answer.tryFail(
                new CallException(Code.NOT_READY, "", "plugin '" + pluginId + "' stopped before it had answered")));
    }

    private Future<JsonObject> receive(PluginCall call) {
        Function<PluginCall, Future<JsonObject>> handler = methods.get(call.method());
        if (handler == null) {
            return Future.failedFuture(new CallException(
                    Code.UNKNOWN_METHOD, "", "plugin '" + pluginId + "' has no method '" + call.method() + "'"));
        }
        Promise<JsonObject> answer = Promise.promise();
        answering.add(answer);
        Future.<JsonObject>succeededFuture().compose(now -> handler.apply(call)).onComplete((reply, failure) -> {
            answering.remove(answer);
            if (failure == null) {
                answer.tryComplete(reply);
            } else {
                answer.tryFail(failure);
            }
        });
        return answer.future();
    }

    private boolean mayCall(String peer) {
        String id = peer.toLowerCase(Locale.ROOT);
        return needs.callsAny() || needs.calls().contains(id) || needs.mayCall().contains(id);
    }

    private void refuseRuntimesOwn(String address) {
        if (address.startsWith(PluginBus.RUNTIMES_OWN)) {
            throw new CallException(
                    Code.REFUSED,
                    "",
                    "plugin '" + pluginId + "': addresses that begin with " + PluginBus.RUNTIMES_OWN
                            + " are the runtime's own");
        }
    }

    private CallException stopped() {
        return new CallException(Code.STOPPED, "", "plugin '" + pluginId + "' has stopped");
    }
}
