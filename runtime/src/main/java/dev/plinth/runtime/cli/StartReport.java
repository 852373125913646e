package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.LoadedConfig;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.http.ListenSettings;
import dev.plinth.runtime.plugin.PluginState;
import dev.plinth.runtime.plugin.PluginStatus;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The first lines of a start, for the person who reads them. */
final class StartReport {

    private final Console console;
    private final PrintStream err;
    private final Optional<StartTimes> times;

    /**
     * A report to a console.
     *
     * @param times empty when nobody wants to know
     */
    StartReport(Console console, Optional<StartTimes> times) {
        this.console = console;
        this.err = console.err();
        this.times = times;
    }

    /** Something that takes time is done. */
    void step(String name) {
        times.ifPresent(all -> all.step(name));
    }

    void configuration(LoadedConfig loaded) {
        err.println("Plinth " + Version.number() + " on Java " + Runtime.version());
        String layers = String.join(", ", loaded.layerNames());
        line("configuration", layers.isEmpty() ? "none found: the built-in defaults" : layers);
    }

    /** What is wrong, though the start goes on. */
    void problems(List<Problem> problems) {
        problems.forEach(
                problem -> line(problem.isError() ? "error" : "warning", Failures.printable(problem.toString())));
    }

    void databases(DatabasePlan plan) {
        Map<String, Long> places = plan.plugins().values().stream()
                .flatMap(resolution -> resolution.settings().stream())
                .collect(Collectors.groupingBy(
                        DatabaseSettings::neighbourhood, LinkedHashMap::new, Collectors.counting()));
        places.forEach(
                (place, count) -> line("database", places.size() == 1 ? place : place + " (" + count + " plugins)"));
    }

    /** Tells people where things stand, and programs, in the one line on stdout, where to connect. */
    void ready(String scheme, ListenSettings listen, ListenSettings operators, List<PluginStatus> plugins) {
        String url = listen.url(scheme);
        line(
                "plugins",
                plugins.isEmpty() ? "none: put a jar into a directory of backend.pluginDirectories" : list(plugins));
        line("listening", url);
        line("operators", operators.url() + ", for plinth status and /metrics");
        line("try", "curl " + url + "/health/ready");
        plugins.stream()
                .filter(status -> status.state().isServing())
                .forEach(status ->
                        line("", "plugin " + status.id() + " answers below " + url + "/api/" + status.id() + "/"));
        times.ifPresent(all -> line("took", all.toString()));
        err.flush();
        console.out()
                .println("plinth ready " + scheme + "://127.0.0.1:" + listen.port() + " (" + counts(plugins) + ")");
        console.out().flush();
        SystemdNotice.ready(console);
    }

    void failed(Throwable failure) {
        err.println("plinth: " + failure.getMessage());
    }

    private static String list(List<PluginStatus> plugins) {
        return plugins.stream()
                .map(status -> status.id() + " " + status.state()
                        + (status.reason().isEmpty() ? "" : " (" + status.reason() + ")"))
                .collect(Collectors.joining(", "));
    }

    private static String counts(List<PluginStatus> plugins) {
        long ready = count(plugins, PluginState::isServing);
        long failed = count(plugins, state -> state == PluginState.FAILED);
        long waiting = count(plugins, PluginState::isStarting);
        return ready + " plugins ready, " + failed + " failed"
                + (waiting == 0 ? "" : ", " + waiting + " waiting for their database");
    }

    private static long count(List<PluginStatus> plugins, Predicate<PluginState> wanted) {
        return plugins.stream().map(PluginStatus::state).filter(wanted).count();
    }

    private void line(String label, String text) {
        err.printf("  %-14s %s%n", label, text);
    }
}
