package dev.plinth.runtime.cli;

import ch.qos.logback.classic.Level;
import dev.plinth.runtime.BackendSettings;
import dev.plinth.runtime.DatabaseWiring;
import dev.plinth.runtime.ProcessInfo;
import dev.plinth.runtime.config.ConfigCheck;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.ConfigLoader;
import dev.plinth.runtime.config.ConfigRequest;
import dev.plinth.runtime.config.ConfigSchema;
import dev.plinth.runtime.config.ConfigWatcher;
import dev.plinth.runtime.config.LoadedConfig;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.config.SecretTexts;
import dev.plinth.runtime.logging.PrintedLines;
import dev.plinth.runtime.logging.Secrets;
import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.PluginLoader;
import dev.plinth.runtime.plugin.PluginSettings;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Starts the backend and keeps it running until a signal. Used by one thread. */
final class BackendStart {

    private final Console console;
    private final StartOptions options;
    private final InstalledPlugins plugins;

    BackendStart(Console console, StartOptions options) {
        this.console = console;
        this.options = options;
        this.plugins = new InstalledPlugins(console);
    }

    /** Blocks for as long as the backend runs; answers the exit code. */
    int run() {
        LogFormat format = options.logFormat().orElse(console.errTerminal() ? LogFormat.TEXT : LogFormat.JSON);
        boolean coloured = console.errTerminal() && !console.environment().containsKey("NO_COLOR");
        Secrets secrets = Logging.configure(format, console.err(), Level.INFO, coloured);
        StartReport report = new StartReport(
                console, format, options.verbose() ? Optional.of(StartTimes.ofProcess()) : Optional.empty());
        CompletableFuture<Vertx> vertx =
                CompletableFuture.supplyAsync(BackendStart::prepare, task -> new Thread(task, "plinth-vertx").start());
        PrintedLines.Capture prints = PrintedLines.capture();
        try (ExitOnSignal signal = ExitOnSignal.listen()) {
            return start(vertx, signal, report, secrets).run();
        } catch (ConfigException e) {
            // Whoever ends while it is being made leaves its directory behind.
            vertx.join();
            report.failed(e.problems());
            return Failures.exitCode(e.problems());
        } finally {
            prints.close();
        }
    }

    /** What depends on no configuration, and takes as long as to read one: done meanwhile. */
    private static Vertx prepare() {
        var unused = ConfigSchema.runtime();
        return VertxSetup.vertx();
    }

    /** What runs afterwards, which may be for long, keeps no plugin that was found here and replaced since. */
    private RunningBackend start(
            CompletableFuture<Vertx> vertx, ExitOnSignal signal, StartReport report, Secrets secrets) {
        ConfigRequest request = options.request();
        LoadedConfig loaded;
        try {
            loaded = ConfigLoader.load(request, vertx::join);
        } catch (ConfigException e) {
            // What is wrong with the keys is to be told along with it, or each mistake would cost a start.
            throw new ConfigException(recheck(request).problems());
        }
        secrets.add(SecretTexts.of(loaded.config()));
        report.step("configuration");
        DatabaseWiring.loadAhead(loaded.config());

        PluginLoader loader = plugins.loader(loaded.config());
        Supplier<Discovery> search = loader.discover(PluginSettings.checksums(loaded.config(), new Problems()));
        report.configuration(loaded);
        Discovery discovery = search.get();
        report.step("finding plugins");
        Installation installation = new Installation(console, loaded, discovery);
        Installation.Judgement judged = installation.judge();
        ConfigCheck check = judged.check();
        BackendSettings settings = judged.settings();
        secrets.add(settings.databases().secrets());
        List<Problem> fatal = check.fatal(settings.plugins().keySet());
        if (!fatal.isEmpty()) {
            throw new ConfigException(check.problems());
        }
        report.problems(discovery.problems());
        report.problems(check.problems());
        Logging.set(settings.config().at("logging"));
        report.databases(settings.databases());
        report.step("checking settings");
        ConfigWatcher watcher = new ConfigWatcher(request, loaded, judged.schema(), List.of(plugins), vertx::join);
        installation.follow(watcher);
        ProcessInfo process = new ProcessInfo(
                Version.number(),
                console.workingDirectory(),
                watcher::current,
                installation::schema,
                () -> recheck(request));
        Vertx made = vertx.join();
        report.step("waiting for Vert.x");
        RunningBackend running =
                new RunningBackend(made, report, settings, discovery, new InstalledJars(loader, installation), process);
        watcher.subscribe("", config -> secrets.add(SecretTexts.of(config)));
        running.follow(watcher, installation::withDefaults);
        Thread.setDefaultUncaughtExceptionHandler(running::uncaught);
        signal.stopsFirst(caller -> caller.ifPresentOrElse(running::stopAfterExitBy, running::stop));
        return running;
    }

    /** With what is in the files now. */
    private ConfigCheck recheck(ConfigRequest request) {
        return ConfigLoader.check(request, plugins, List.of(plugins)).check();
    }
}
