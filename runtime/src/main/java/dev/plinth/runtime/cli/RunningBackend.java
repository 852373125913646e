package dev.plinth.runtime.cli;

import dev.plinth.runtime.Backend;
import dev.plinth.runtime.BackendSettings;
import dev.plinth.runtime.PluginJars;
import dev.plinth.runtime.ProcessInfo;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigWatcher;
import dev.plinth.runtime.database.DatabaseHealth;
import dev.plinth.runtime.http.ListenSettings;
import dev.plinth.runtime.logging.PluginCode;
import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.PluginState;
import dev.plinth.runtime.plugin.PluginStatus;
import io.vertx.core.Closeable;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A backend in this process, from its first deployment to the signal that ends it. Used on the main thread, which it blocks. */
final class RunningBackend {

    private static final Logger LOG = LoggerFactory.getLogger("plinth");
    private static final long PROGRESS_SECONDS = 1;
    private static final int MOST_NAMES = 8;
    /** Draining and stopping have limits of their own; this is for faults in them. */
    private static final long STOP_SECONDS = 120;

    private final StartReport report;
    private final String scheme;
    private final ListenSettings listen;
    private final Backend backend;
    /** Vert.x does not hold it. */
    private final Closeable hook = this::closes;

    private volatile boolean ending;

    RunningBackend(
            Vertx vertx,
            StartReport report,
            BackendSettings settings,
            Discovery discovery,
            PluginJars jars,
            ProcessInfo process) {
        this.report = report;
        this.scheme = settings.http().tls().isPresent() ? "https" : "http";
        this.listen = settings.http().listen();
        this.backend = new Backend(vertx, settings, discovery, jars, process);
        ((VertxInternal) vertx).addCloseHook(hook);
    }

    /** Hands changed sections to the plugins from now on. */
    void follow(ConfigWatcher watcher, UnaryOperator<Config> withDefaults) {
        watcher.subscribe("", config -> backend.configChanged(withDefaults.apply(config)));
        watcher.subscribe("logging", Logging::set);
        watcher.subscribe(
                "backend", new BackendChanges(watcher.current().config().at("backend"))::tell);
        watcher.start();
    }

    /** Tells of an exception that ended a thread. Any thread. */
    void uncaught(Thread thread, Throwable failure) {
        backend.uncaught(thread, failure);
    }

    /** Blocks for as long as the backend runs; answers the exit code when it could not start. */
    int run() {
        try {
            serve();
            return await(Promise.<Integer>promise().future());
        } catch (ExecutionException e) {
            report.failed(Objects.requireNonNullElse(e.getCause(), e));
            ending = true;
            awaitStop(backend.giveUp());
            Logging.finish();
            return ExitCode.FAILURE;
        }
    }

    private void serve() throws ExecutionException {
        // Both at once: each has an event loop of its own.
        Future<ListenSettings> operatorsListening = backend.listenToOperators();
        int port = await(backend.listen());
        ListenSettings operators = await(operatorsListening);
        report.step("listening");
        Instant begin = Instant.now();
        Future<List<PluginStatus>> settled = backend.startPlugins();
        Progress progress = new Progress();
        while (!settlesWithin(settled, PROGRESS_SECONDS) && !allWaitForDatabases()) {
            progress.tell(stillStarting(backend.states()));
        }
        if (settled.failed()) {
            await(settled);
        }
        if (ending) {
            return;
        }
        report.step("plugins with their databases");
        report.slowest(begin, backend.states());
        report.ready(scheme, new ListenSettings(listen.host(), port), operators, backend.states());
    }

    /** A database that is away may stay so for long; the rest of the backend is up. */
    private boolean allWaitForDatabases() throws ExecutionException {
        return allWait(backend.states(), await(backend.databases()));
    }

    /** Where none is starting, none waits: on a slow machine the first second may pass before there is any. */
    static boolean allWait(List<PluginStatus> plugins, Map<String, DatabaseHealth.State> databases) {
        List<PluginStatus> starting =
                plugins.stream().filter(status -> status.state().isStarting()).toList();
        return !starting.isEmpty()
                && starting.stream()
                        .allMatch(status -> status.state() == PluginState.PROVISIONING
                                && databases.containsKey(status.id())
                                && databases.get(status.id()).status() == DatabaseHealth.Status.DOWN);
    }

    /** Empty when the last one has just begun to serve. */
    static Optional<String> stillStarting(List<PluginStatus> all) {
        List<String> starting = all.stream()
                .filter(status -> status.state().isStarting())
                .map(status -> status.id() + " (" + status.state() + ")")
                .toList();
        int more = starting.size() - MOST_NAMES;
        return starting.isEmpty()
                ? Optional.empty()
                : Optional.of("still starting " + starting.size() + " of " + all.size() + " plugins: "
                        + starting.stream().limit(MOST_NAMES).collect(Collectors.joining(", "))
                        + (more > 0 ? " and " + more + " more" : ""));
    }

    /** Ever more rarely, the longer it takes. */
    private static final class Progress {

        private int seconds;
        private int next = 1;

        void tell(Optional<String> line) {
            if (++seconds >= next && line.isPresent()) {
                LOG.info("{}", line.get());
                next *= 2;
            }
        }
    }

    /** Blocks until everything has stopped, or its time is over. */
    void stop() {
        ending = true;
        awaitStop(backend.stop());
    }

    /** As {@link #stop()}, when code of this class loader ends the process. */
    void stopAfterExitBy(String loaderName) {
        ending = true;
        awaitStop(backend.stopAfterExitBy(loaderName));
    }

    /** Without Vert.x nothing works, nor comes back: whoever supervises the process starts it again. */
    private void closes(Completable<Void> done) {
        done.succeed();
        if (!ending) {
            LOG.error(
                    "the Vert.x that all plugins share was closed at {}; the process ends, as a plugin must not do that",
                    StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                            .walk(frames ->
                                    frames.filter(RunningBackend::isOfPlugin).findFirst())
                            .map(frame -> frame.toStackTraceElement().toString())
                            .orElse("an unknown place"));
            new Thread(RunningBackend::halt, "plinth-shutdown").start();
        }
    }

    private static boolean isOfPlugin(StackWalker.StackFrame frame) {
        return frame.getDeclaringClass().getClassLoader() instanceof PluginCode;
    }

    private static void halt() {
        Logging.finish();
        Runtime.getRuntime().halt(ExitCode.FAILURE);
    }

    private static void awaitStop(Future<Void> stopping) {
        try {
            await(stopping, STOP_SECONDS);
            LOG.info("stopped");
        } catch (ExecutionException | TimeoutException e) {
            LOG.error("not everything stopped in order", e);
        }
    }

    private static boolean settlesWithin(Future<?> future, long seconds) {
        try {
            await(future, seconds);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private static <T> T await(Future<T> future) throws ExecutionException {
        CompletableFuture<T> awaited = future.toCompletionStage().toCompletableFuture();
        return undisturbed(awaited::get);
    }

    private static <T> T await(Future<T> future, long seconds) throws ExecutionException, TimeoutException {
        CompletableFuture<T> awaited = future.toCompletionStage().toCompletableFuture();
        return undisturbed(() -> awaited.get(seconds, TimeUnit.SECONDS));
    }

    private interface Wait<T, E extends Exception> {

        T result() throws InterruptedException, ExecutionException, E;
    }

    /** A plugin may interrupt threads that are not its own; nobody else does it to those that wait here. */
    private static <T, E extends Exception> T undisturbed(Wait<T, E> wait) throws ExecutionException, E {
        while (true) {
            try {
                return wait.result();
            } catch (InterruptedException e) {
                LOG.warn(
                        "something has interrupted the thread '{}'; a plugin must not do that to threads of others",
                        Thread.currentThread().getName());
            }
        }
    }
}
