package dev.plinth.runtime.plugin;

import dev.plinth.plugin.Plugin;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One instance of a plugin as a verticle. */
final class PluginVerticle implements Deployable {

    private final PluginRun run;
    private final Promise<Boolean> begins;
    /** Made where it runs: its constructor is code of its own, which may take long. */
    private volatile @Nullable Plugin plugin;

    PluginVerticle(PluginRun run) {
        this.run = run;
        this.begins = run.hosting().context().promise();
    }

    /** Whether it starts: not on an event loop of the runtime, and not when that came too late. Completes on the host's context. */
    Future<Boolean> begins() {
        return begins.future();
    }

    /** It does not start any more, unless it does already. */
    void giveUp() {
        begins.tryComplete(false);
    }

    void neverBegins(Throwable failure) {
        begins.tryFail(failure);
    }

    private static final class WrongLoopException extends RuntimeException {

        WrongLoopException() {
            super("it starts on another event loop", null, false, false);
        }
    }

    @Override
    public Future<?> deploy(Context verticleContext) {
        boolean welcome = !run.isReserved(verticleContext);
        if (!begins.tryComplete(welcome) || !welcome) {
            return Future.failedFuture(new WrongLoopException());
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
        Plugin made = plugin;
        try {
            return made == null
                    ? Future.succeededFuture()
                    : Objects.requireNonNull(made.stop(), "stop() returned null, not a future");
        } catch (RuntimeException | Error e) {
            return Future.failedFuture(e);
        }
    }

    /** Threads that it makes have the plugin's class loader from it, which tells whose they are when they are left. */
    private Future<?> callStart(HostedContext context) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(run.version().descriptor().classLoader());
        try {
            Plugin made = run.version().descriptor().newInstance().get();
            plugin = made;
            Future<?> started = made.start(context);
            // An author may forget what the annotations forbid.
            return Objects.requireNonNull(started, "start() returned null, not a future");
        } catch (Exception | Error e) {
            return Future.failedFuture(e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
