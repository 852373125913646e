package dev.plinth.runtime.cli;

import dev.plinth.runtime.BackendSettings;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.ConfigLoader;
import dev.plinth.runtime.config.ConfigRequest;
import dev.plinth.runtime.config.LoadedConfig;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.plugin.Discovery;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts the backend and keeps it running until a signal. */
@Command(name = "start", description = "Start the backend with all plugins, until SIGTERM or SIGINT.")
final class StartCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--conf-dir", paramLabel = "DIR", description = "Where the app-config files are (default: conf).")
    private @Nullable Path confDir;

    @Option(names = "--config", paramLabel = "FILE", description = "A file that replaces the usual ones; repeatable.")
    private List<String> configs = new ArrayList<>();

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A value above all layers; repeatable.")
    private List<String> sets = new ArrayList<>();

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Short for --set backend.listen.port=N; 0 picks a free one.")
    private @Nullable Integer port;

    @Option(names = "--log-format", description = "${COMPLETION-CANDIDATES}; text by default on a terminal, else json.")
    private @Nullable LogFormat logFormat;

    StartCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        Logging.configure(logFormat == null ? LogFormat.TEXT : logFormat, console.err(), Map.of());
        try {
            return start();
        } catch (ConfigException e) {
            e.problems().forEach(problem -> console.err().println(problem));
            return ExitCode.CONFIGURATION;
        }
    }

    private int start() throws InterruptedException {
        LoadedConfig loaded = ConfigLoader.load(request());
        StartReport report = new StartReport(console);
        report.configuration(loaded);
        Problems problems = new Problems();
        Config config = loaded.config();
        Discovery discovery = Discovery.run(
                StartCommand.class.getClassLoader(),
                BackendSettings.pluginDirectories(config, console.workingDirectory(), problems));
        BackendSettings settings =
                BackendSettings.read(config, discovery, console.environment(), console.workingDirectory(), problems);
        problems.throwIfErrors();
        List<Problem> warnings = new ArrayList<>(loaded.warnings());
        warnings.addAll(discovery.problems());
        report.warnings(warnings);
        report.databases(settings.databases());
        return new RunningBackend(report, settings, discovery).run();
    }

    private ConfigRequest request() {
        List<String> all = new ArrayList<>(sets);
        if (port != null) {
            all.add("backend.listen.port=" + port);
        }
        return new ConfigRequest(
                Optional.ofNullable(confDir), configs, all, console.environment(), console.workingDirectory());
    }
}
