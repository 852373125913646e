package dev.plinth.runtime.plugin;

import dev.plinth.plugin.Plugin;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.Objects;

/** One instance of a plugin as a verticle. */
final class PluginVerticle implements Deployable {

    private final PluginRun run;
    private final Plugin plugin;

    PluginVerticle(PluginRun run, Plugin plugin) {
        this.run = run;
        this.plugin = plugin;
    }

    /** Vert.x deals the loops out in turn: the next try gets another one. */
    static final class ReservedLoopException extends RuntimeException {

        ReservedLoopException() {
            super("this event loop is the runtime's own", null, false, false);
        }
    }

    @Override
    public Future<?> deploy(Context verticleContext) {
        if (run.isReserved(verticleContext)) {
            return Future.failedFuture(new ReservedLoopException());
        }
        ContextInternal context = (ContextInternal) verticleContext;
        context.exceptionHandler(run::uncaught);
        Promise<Object> started = run.newStart(context);
        StartClock clock = run.startClock(started);
        HostedContext pluginContext = new HostedContext(run, context, clock);
        clock.start();
        callStart(pluginContext).onComplete((ok, failure) -> {
            clock.stop();
            if (failure == null) {
                run.started(pluginContext);
                started.tryComplete();
            } else {
                started.tryFail(failure);
            }
        });
        return started.future();
    }

    @Override
    public Future<?> undeploy(Context context) {
        try {
            return plugin.stop();
        } catch (RuntimeException | LinkageError e) {
            return Future.failedFuture(e);
        }
    }

    private Future<?> callStart(HostedContext context) {
        try {
            Future<?> started = plugin.start(context);
            // An author may forget what the annotations forbid.
            return Objects.requireNonNull(started, "start() returned null, not a future");
        } catch (Exception | LinkageError e) {
            return Future.failedFuture(e);
        }
    }
}
