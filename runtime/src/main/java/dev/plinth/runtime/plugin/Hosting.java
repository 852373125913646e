package dev.plinth.runtime.plugin;

import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all plugins of one host share.
 *
 * @param context on which the host and everything about states runs
 * @param runs tells the lives of plugins apart
 */
record Hosting(
        ContextInternal context,
        EventLoops loops,
        PluginDatabases databases,
        PluginListener listener,
        Peers peers,
        AtomicLong runs) {}
