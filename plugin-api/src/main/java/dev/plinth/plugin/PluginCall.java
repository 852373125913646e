package dev.plinth.plugin;

import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * A call that another plugin makes.
 *
 * @param caller id of the plugin that calls
 * @param body this plugin's own copy
 * @param deadline when nobody waits for the answer any more, by this process's clock
 */
public record PluginCall(String caller, String method, JsonObject body, Instant deadline) {}
