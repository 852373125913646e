package dev.plinth.runtime.plugin;

import dev.plinth.plugin.CallException;
import dev.plinth.plugin.CallException.Code;
import dev.plinth.runtime.bus.PluginCalls.Call;
import dev.plinth.runtime.gate.PluginGate;
import dev.plinth.runtime.gate.RequestLimits;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Lets only so many calls of one plugin by another be in flight. Each pair has a gate of its own: neither a caller that makes too
 * many nor a plugin that does not answer keeps others from calling, and being called. Any thread.
 */
final class CallGates {

    private final ContextInternal runtimes;
    private final Function<String, RequestLimits> limits;
    private final Map<Pair, PluginGate> gates = new ConcurrentHashMap<>();
    private final Map<EventLoop, ContextInternal> places = new ConcurrentHashMap<>();

    /** With a context that ends with no plugin, and what each plugin takes at once, by its id. */
    CallGates(ContextInternal runtimes, Function<String, RequestLimits> limits) {
        this.runtimes = runtimes;
        this.limits = limits;
    }

    private record Pair(String caller, String called) {

        static Pair of(Call call) {
            return new Pair(
                    call.caller().toLowerCase(Locale.ROOT), call.pluginId().toLowerCase(Locale.ROOT));
        }
    }

    /** Sends the call when it is its turn. What is sent must come to an end by the call's deadline. */
    Future<JsonObject> pass(Call call, Function<Call, Future<JsonObject>> send) {
        return Future.future(
                answer -> ofNoPlugin().emit(call, now -> passHere(now, send).onComplete(answer)));
    }

    /** Where a call comes to its end though its caller has ended, and with it the caller's workers, and what awaits replies. */
    private ContextInternal ofNoPlugin() {
        ContextInternal current = runtimes.owner().getOrCreateContext();
        return current.isEventLoopContext()
                ? places.computeIfAbsent(current.nettyEventLoop(), this::placeOn)
                : runtimes;
    }

    private ContextInternal placeOn(EventLoop loop) {
        return runtimes.owner()
                .contextBuilder()
                .withEventLoop(loop)
                .withClassLoader(CallGates.class.getClassLoader())
                .build();
    }

    private Future<JsonObject> passHere(Call call, Function<Call, Future<JsonObject>> send) {
        RequestLimits atOnce = limits.apply(call.pluginId());
        PluginGate gate = gates.computeIfAbsent(Pair.of(call), pair -> new PluginGate());
        return gate.enter(atOnce)
                ? send.apply(call).onComplete((answer, failure) -> gate.leave())
                : await(call, atOnce, gate, send);
    }

    private Future<JsonObject> await(
            Call call, RequestLimits atOnce, PluginGate gate, Function<Call, Future<JsonObject>> send) {
        long begin = System.nanoTime();
        ContextInternal context = runtimes.owner().getOrCreateContext();
        Promise<Void> turn = context.promise();
        if (!gate.await(atOnce, turn)) {
            return Future.failedFuture(busy(call, atOnce, "and " + atOnce.waiting() + " waiting"));
        }
        return turn.future()
                .timeout(Math.max(1, call.left().toMillis()), TimeUnit.MILLISECONDS)
                .transform((inside, timeout) -> timeout != null && gate.giveUp(turn)
                        ? Future.failedFuture(busy(
                                call,
                                atOnce,
                                "and its turn did not come within "
                                        + call.deadline().toMillis() + " ms"))
                        // From the event loop anew: one that fails at once lets in the next one, and so on.
                        : Future.future(answer -> context.runOnContext(
                                v -> send.apply(call.after(Duration.ofNanos(System.nanoTime() - begin)))
                                        .onComplete((reply, failure) -> gate.leave())
                                        .onComplete(answer))));
    }

    private static CallException busy(Call call, RequestLimits atOnce, String state) {
        return call.failure(
                Code.BUSY,
                "",
                "plugin '" + call.caller() + "' has " + atOnce.atWork() + " calls of plugin '" + call.pluginId()
                        + "' in flight " + state + "; make fewer at once, or raise backend.plugins." + call.pluginId()
                        + ".maxConcurrentRequests");
    }
}
