package dev.plinth.runtime.bus;

import dev.plinth.plugin.Dialect;
import io.vertx.sqlclient.Pool;

/** The plugin's pool, handed over within the process. */
public record DatabaseReply(Pool pool, Dialect dialect) {}
