package dev.plinth.runtime.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;

/**
 * One running instance of a plugin, to which requests are brought.
 *
 * @param context on which all of the router's handlers run
 * @param vertx that the handlers see
 */
public record Endpoint(Context context, Router router, Vertx vertx) {}
