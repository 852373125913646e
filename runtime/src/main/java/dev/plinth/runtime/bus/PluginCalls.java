package dev.plinth.runtime.bus;

import dev.plinth.plugin.CallException;
import dev.plinth.plugin.CallException.Code;
import dev.plinth.plugin.PluginCall;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls from plugin to plugin as messages within this process. Any thread. */
public final class PluginCalls {

    private static final Logger LOG = LoggerFactory.getLogger(PluginCalls.class);
    private static final String ADDRESS = "plinth.call.";
    private static final String CALLER = "caller";
    private static final String METHOD = "method";
    private static final String PATIENCE = "patience";
    private static final int CALL_FAILED = 3;

    private final Vertx vertx;

    public PluginCalls(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * One call.
     *
     * @param deadline for all of it, as the caller gave it
     * @param left what is left of it
     */
    public record Call(
            String caller, String pluginId, String method, JsonObject body, Duration deadline, Duration left) {

        /** The same, when some of its time is over. */
        public Call after(Duration elapsed) {
            return new Call(caller, pluginId, method, body, deadline, left.minus(elapsed));
        }

        public CallException failure(Code code, String error, String message) {
            return new CallException(code, error, this + ": " + message);
        }

        public CallException tooLate() {
            return failure(Code.DEADLINE, "", "no answer within " + deadline.toMillis() + " ms");
        }

        @Override
        public String toString() {
            return "plugin '" + caller + "': call of " + pluginId + "." + method;
        }
    }

    /** Within this process. Fails with {@link CallException} only. */
    public Future<JsonObject> send(Call call) {
        DeliveryOptions options = new DeliveryOptions()
                .setLocalOnly(true)
                .setSendTimeout(Math.max(1, call.left().toMillis()))
                .addHeader(CALLER, call.caller())
                .addHeader(METHOD, call.method())
                .addHeader(PATIENCE, String.valueOf(call.left().toMillis()));
        return vertx.eventBus()
                .<JsonObject>request(address(call.pluginId()), call.body(), options)
                .map(Message::body)
                .recover(failure -> Future.failedFuture(translate(call, failure)));
    }

    /** Has a plugin's calls answered, on the context on which this is called. The handler may fail in any way. */
    public MessageConsumer<JsonObject> receive(String pluginId, Function<PluginCall, Future<JsonObject>> handler) {
        return vertx.eventBus()
                .<JsonObject>localConsumer(address(pluginId), message -> answer(pluginId, message, handler));
    }

    private static void answer(
            String pluginId, Message<JsonObject> message, Function<PluginCall, Future<JsonObject>> handler) {
        long patience = Long.parseLong(message.headers().get(PATIENCE));
        PluginCall call = new PluginCall(
                message.headers().get(CALLER),
                message.headers().get(METHOD),
                message.body(),
                Instant.now().plusMillis(patience));
        Future.<JsonObject>succeededFuture()
                .compose(now -> handler.apply(call))
                .onSuccess(message::reply)
                .onFailure(failure -> message.fail(CALL_FAILED, encode(pluginId, call, failure)));
    }

    /** Only what the plugin's author meant for callers leaves the plugin. */
    private static String encode(String pluginId, PluginCall call, Throwable failure) {
        if (failure instanceof CallException known) {
            return text(known.code(), known.error(), String.valueOf(known.getMessage()));
        }
        LOG.error("plugin '{}': call of '{}' by plugin '{}' failed", pluginId, call.method(), call.caller(), failure);
        return text(Code.FAILED, "", "plugin '" + pluginId + "' failed; its log names this call");
    }

    private static String text(Code code, String error, String message) {
        return new JsonObject()
                .put("code", code.name())
                .put("error", error)
                .put("message", message)
                .encode();
    }

    /** The one place where a failure that crossed the bus becomes a type again. */
    private static CallException translate(Call call, Throwable failure) {
        if (!(failure instanceof ReplyException reply)) {
            return call.failure(Code.FAILED, "", failure.toString());
        }
        return switch (reply.failureType()) {
            case TIMEOUT -> call.tooLate();
            case NO_HANDLERS -> call.failure(Code.UNKNOWN_METHOD, "", "it answers no calls");
            case ERROR, RECIPIENT_FAILURE -> decode(call, reply);
        };
    }

    private static CallException decode(Call call, ReplyException reply) {
        if (reply.failureCode() != CALL_FAILED) {
            return call.failure(Code.FAILED, "", String.valueOf(reply.getMessage()));
        }
        JsonObject told = new JsonObject(String.valueOf(reply.getMessage()));
        return call.failure(Code.valueOf(told.getString("code")), told.getString("error"), told.getString("message"));
    }

    private static String address(String pluginId) {
        return ADDRESS + pluginId.toLowerCase(Locale.ROOT);
    }
}
