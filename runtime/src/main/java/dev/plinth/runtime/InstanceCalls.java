package dev.plinth.runtime;

import dev.plinth.plugin.CallException;
import dev.plinth.plugin.CallException.Code;
import dev.plinth.runtime.bus.PluginCalls.Call;
import dev.plinth.runtime.http.admin.Refusal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** Calls between instances as JSON: the one place that knows its form. */
final class InstanceCalls {

    private static final String CALLER = "caller";
    private static final String PATIENCE = "patience";
    private static final String BODY = "body";
    private static final String ANSWER = "answer";
    private static final String FAILURE = "failure";

    private InstanceCalls() {}

    static JsonObject write(Call call) {
        return new JsonObject()
                .put(CALLER, call.caller())
                .put(PATIENCE, Math.max(1, call.left().toMillis()))
                .put(BODY, call.body());
    }

    static Call read(String pluginId, String method, JsonObject json) {
        if (json.getValue(CALLER) instanceof String caller
                && json.getValue(PATIENCE) instanceof Number patience
                && json.getValue(BODY) instanceof JsonObject body) {
            Duration left = Duration.ofMillis(patience.longValue());
            return new Call(caller, pluginId, method, body, left, left);
        }
        throw new Refusal(
                Refusal.Kind.INVALID,
                "expected {\"caller\": \"todo\", \"patience\": 1000, \"body\": {}}, patience in milliseconds");
    }

    static JsonObject answer(JsonObject answer) {
        return new JsonObject().put(ANSWER, answer);
    }

    static JsonObject failure(CallException failure) {
        return new JsonObject()
                .put(
                        FAILURE,
                        new JsonObject()
                                .put("code", failure.code().name())
                                .put("error", failure.error())
                                .put("message", failure.getMessage()));
    }

    /** What the other instance says, as if the plugin were here. */
    static JsonObject result(JsonObject json) {
        JsonObject failure = json.getJsonObject(FAILURE);
        if (failure != null) {
            throw new CallException(
                    Code.valueOf(failure.getString("code")), failure.getString("error"), failure.getString("message"));
        }
        return json.getJsonObject(ANSWER);
    }
}
