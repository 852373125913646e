package dev.plinth.runtime.plugin;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;

/**
 * One running object of a plugin.
 *
 * @param context on which all of its code runs
 * @param router its routes
 * @param vertx that it sees
 */
public record PluginInstance(Context context, Router router, Vertx vertx) {}
