package dev.plinth.runtime.cli;

import dev.plinth.runtime.Backend;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.impl.VertxThread;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.VertxThreadFactory;
import java.util.concurrent.TimeUnit;

/** How Vert.x is set up for a backend. */
final class VertxSetup {

    /** Whoever connects anew after an outage must not be led to where the server was before it. */
    private static final int NAMES_KEPT_SECONDS = 1;

    private static final String FLIGHT_RECORDER = "io.netty.jfr.enabled";

    private VertxSetup() {}

    static Vertx vertx() {
        // Java's flight recorder, which Netty would load for events of its own, takes longer than a plugin's start.
        if (System.getProperty(FLIGHT_RECORDER) == null) {
            System.setProperty(FLIGHT_RECORDER, "false");
        }
        Vertx vertx = VertxBootstrap.create()
                .options(options())
                .threadFactory(new RuntimeThreads())
                .init()
                .vertx();
        // Who accepts connections is needed anyway, and Java takes long to put the name of its first thread together.
        ((VertxInternal) vertx).acceptorEventLoopGroup().execute(() -> {});
        return vertx;
    }

    /** All plugins share these threads, so none has the class loader of the plugin for which it happens to be made. */
    private static final class RuntimeThreads implements VertxThreadFactory {

        @Override
        public VertxThread newVertxThread(
                Runnable target, String name, boolean worker, long maxExecTime, TimeUnit maxExecTimeUnit) {
            VertxThread thread = INSTANCE.newVertxThread(target, name, worker, maxExecTime, maxExecTimeUnit);
            thread.setContextClassLoader(VertxSetup.class.getClassLoader());
            return thread;
        }
    }

    static VertxOptions options() {
        return new VertxOptions()
                // Threads that inherit a plugin's class loader would keep it from being unloaded.
                .setDisableTCCL(true)
                // The plugin host looks after the event loops, and knows whose code blocks one.
                .setBlockedThreadCheckInterval(1)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.DAYS)
                .setAddressResolverOptions(new AddressResolverOptions()
                        .setCacheMaxTimeToLive(NAMES_KEPT_SECONDS)
                        .setHostsRefreshPeriod(Math.toIntExact(TimeUnit.SECONDS.toMillis(NAMES_KEPT_SECONDS))))
                .setEventLoopPoolSize(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE + Backend.EVENT_LOOPS);
    }
}
