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
    private final Promise<Boolean> stays;
    /** Made where it runs: its constructor is code of its own, which may take long. */
    private volatile @Nullable Plugin plugin;

    private volatile @Nullable ContextInternal place;
    private volatile @Nullable Promise<Object> start;

    PluginVerticle(PluginRun run) {
        this.run = run;
        this.begins = run.hosting().context().promise();
        this.stays = run.hosting().context().promise();
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

    /** Whether it stays where it begins. Completes on the host's context when its start is over, or not waited for any more. */
    Future<Boolean> stays(Future<String> deployment) {
        deployment.onComplete(over -> stays.tryComplete(true));
        return stays.future();
    }

    /** Where it starts; null before. */
    @Nullable
    ContextInternal place() {
        return place;
    }

    /** Its start is not waited for any more once there is no hope for the loop that it is on. */
    void leaveOnceGivenUp(EventLoops loops) {
        ContextInternal known = place;
        if (known != null) {
            loops.unlessGivenUp(known, stays.future().mapEmpty()).onComplete(v -> stays.tryComplete(false));
        }
    }

    /** Its start is not waited for any more, unless it is over, well or not. Answers whether that is so. */
    boolean leave(Throwable reason) {
        Promise<Object> starting = start;
        return starting != null && starting.tryFail(reason) && stays.tryComplete(false);
    }

    private static final class WrongLoopException extends RuntimeException {

        WrongLoopException() {
            super("it starts on another event loop", null, false, false);
        }
    }

    @Override
    public Future<?> deploy(Context verticleContext) {
        boolean welcome = run.mayStartOn(verticleContext);
        if (!begins.tryComplete(welcome) || !welcome) {
            return Future.failedFuture(new WrongLoopException());
        }
        ContextInternal context = (ContextInternal) verticleContext;
        context.exceptionHandler(run::uncaught);
        Promise<Object> started = run.newStart(context);
        start = started;
        place = context;
        StartClock clock = run.startClock(started);
        HostedContext pluginContext = new HostedContext(run, context, clock);
        clock.start();
        callStart(pluginContext).onComplete((ok, failure) -> {
            clock.stop();
            if (failure != null) {
                started.tryFail(failure);
                return;
            }
            run.started(pluginContext);
            if (!started.tryComplete()) {
                run.startedInVain(pluginContext, undeploy(context));
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
