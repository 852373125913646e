package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.LoadedConfig;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.http.ListenSettings;
import dev.plinth.runtime.plugin.PluginState;
import dev.plinth.runtime.plugin.PluginStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first lines of a start, for the person who reads them. */
final class StartReport {

    private static final Logger LOG = LoggerFactory.getLogger("plinth");
    /** More would push the rest off the screen. */
    private static final int MOST_LINES = 8;

    private final Console console;
    private final LogFormat format;
    private final Optional<StartTimes> times;
    private final long beganNanos = System.nanoTime();

    /**
     * A report to a console: lines for people, log events for programs.
     *
     * @param times empty when nobody wants to know
     */
    StartReport(Console console, LogFormat format, Optional<StartTimes> times) {
        this.console = console;
        this.format = format;
        this.times = times;
    }

    /** Something that takes time is done. */
    void step(String name) {
        times.ifPresent(all -> all.step(name));
    }

    void configuration(LoadedConfig loaded) {
        say("Plinth " + Version.number() + " on Java " + System.getProperty("java.runtime.version"));
        String layers = String.join(", ", loaded.layerNames());
        line("configuration", layers.isEmpty() ? "none found: the built-in defaults" : layers);
    }

    /** What is wrong, though the start goes on. */
    void problems(List<Problem> problems) {
        problems.forEach(this::problem);
    }

    private void problem(Problem problem) {
        if (format == LogFormat.TEXT) {
            line(problem.isError() ? "error" : "warning", Failures.printable(console.shortened(problem.toString())));
        } else if (problem.isError()) {
            LOG.error("{}", problem);
        } else {
            LOG.warn("{}", problem);
        }
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
        line("plugins", summary(plugins));
        missing(plugins);
        line("listening", url);
        line("operators", operators.url() + ", for plinth status and /metrics");
        line("try", "curl " + url + "/health/ready");
        where(url, plugins);
        times.ifPresent(all -> line("took", all.toString()));
        console.err().flush();
        console.out()
                .println("plinth ready " + scheme + "://127.0.0.1:" + listen.port() + " (" + counts(plugins) + ")");
        console.out().flush();
        SystemdNotice.ready(console);
    }

    private void missing(List<PluginStatus> plugins) {
        List<PluginStatus> missing = plugins.stream()
                .filter(status ->
                        !status.state().isServing() && !status.reason().isEmpty())
                .toList();
        missing.stream()
                .limit(MOST_LINES)
                .forEach(status -> line("", status.id() + " " + status.state() + ": " + status.reason()));
        if (missing.size() > MOST_LINES) {
            line("", "and " + (missing.size() - MOST_LINES) + " more; plinth plugin list names them");
        }
    }

    private void where(String url, List<PluginStatus> plugins) {
        List<String> serving = plugins.stream()
                .filter(status -> status.state().isServing())
                .map(PluginStatus::id)
                .toList();
        if (serving.size() > MOST_LINES) {
            line("", serving.size() + " plugins answer below " + url + "/api/; plinth plugin list names them");
        } else {
            serving.forEach(id -> line("", "plugin " + id + " answers below " + url + "/api/" + id + "/"));
        }
    }

    /** Where the time of each plugin went, the slowest first. */
    void slowest(Instant begin, List<PluginStatus> plugins) {
        if (times.isEmpty()) {
            return;
        }
        line(
                "slowest",
                plugins.stream()
                        .filter(status -> status.state().isServing())
                        .sorted(Comparator.comparing(PluginStatus::since).reversed())
                        .limit(MOST_LINES)
                        .map(status -> status.id() + " after "
                                + Duration.between(begin, status.since()).toMillis() + " ms")
                        .collect(Collectors.joining(", ")));
    }

    void failed(Throwable failure) {
        failed(String.valueOf(failure.getMessage()));
    }

    /** The configuration cannot be used. */
    void failed(List<Problem> problems) {
        if (format == LogFormat.TEXT) {
            Failures.report(console, problems, false);
        } else {
            problems.forEach(this::problem);
        }
    }

    private void failed(String message) {
        if (format == LogFormat.TEXT) {
            console.err().println("plinth: " + message);
        } else {
            LOG.error("{}", message);
        }
    }

    /** {@code 12 ready in 1.8 s, 1 failed}. */
    private String summary(List<PluginStatus> plugins) {
        if (plugins.isEmpty()) {
            return "none: put a jar into a directory of backend.pluginDirectories";
        }
        long failed = count(plugins, state -> state == PluginState.FAILED);
        long waiting = count(plugins, PluginState::isStarting);
        // Written by hand: what formats numbers in all languages takes longer to load than a plugin to start.
        long tenths = Math.round((System.nanoTime() - beganNanos) / 1e8);
        return count(plugins, PluginState::isServing) + " ready in " + tenths / 10 + "." + tenths % 10 + " s"
                + (failed == 0 ? "" : ", " + failed + " failed")
                + (waiting == 0 ? "" : ", " + waiting + " waiting for their database");
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
        if (format == LogFormat.TEXT) {
            console.err().printf("  %-14s %s%n", label, text);
        } else {
            say(label.isEmpty() ? text : label + ": " + text);
        }
    }

    private void say(String text) {
        if (format == LogFormat.TEXT) {
            console.err().println(text);
        } else {
            LOG.info("{}", text);
        }
    }
}
