package dev.plinth.runtime.plugin;

import dev.plinth.plugin.CallException;
import dev.plinth.runtime.bus.PluginCalls.Call;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** The plugins of this backend that run in other processes. Any thread. */
public interface OtherInstances {

    /** This process is all there is. */
    OtherInstances NONE = new OtherInstances() {

        @Override
        public boolean have(String pluginId) {
            return false;
        }

        @Override
        public Future<JsonObject> call(Call call) {
            return Future.failedFuture(call.failure(CallException.Code.UNKNOWN_PLUGIN, "", "there is no such plugin"));
        }

        @Override
        public void publish(String address, JsonObject event) {}
    };

    /** Whether the configuration says that another instance has this plugin. */
    boolean have(String pluginId);

    /** Asks one of them. Fails with {@link CallException} only, at the latest at the call's deadline. */
    Future<JsonObject> call(Call call);

    /** Tells all of them. Nobody learns whether it arrived. */
    void publish(String address, JsonObject event);
}
