package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How one plugin is run: {@code backend.plugins.<id>}, with Backstage's {@code backend.startup} for what follows when it cannot.
 *
 * @param startLimit bounds {@code start()} alone; waiting for the database is not counted
 * @param stopLimit bounds {@code stop()}
 * @param callLimit deadline of calls of other plugins that give none
 * @param abortOnFailure whether the whole start fails with this plugin
 * @param refusal what is wrong with the plugin's own configuration, so that it must not be started
 */
public record PluginSettings(
        boolean enabled,
        int instances,
        Threading threading,
        Duration startLimit,
        Duration stopLimit,
        Duration callLimit,
        boolean abortOnFailure,
        Optional<String> refusal) {

    /** What holds when the configuration says nothing. */
    public static final PluginSettings DEFAULT =
            new PluginSettings(true, 1, Threading.EVENT_LOOP, Duration.ofSeconds(60), Duration.ofSeconds(30), false);

    private static final int MAX_INSTANCES = 1_000;

    public PluginSettings {
        if (instances < 1 || instances > MAX_INSTANCES) {
            throw new IllegalArgumentException("instances must be from 1 to " + MAX_INSTANCES + ", was " + instances);
        }
        if (startLimit.toMillis() < 1 || stopLimit.toMillis() < 1 || callLimit.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "limits must be positive, were " + startLimit + ", " + stopLimit + " and " + callLimit);
        }
    }

    /** With the usual limit for calls, for a plugin whose own configuration is in order. */
    public PluginSettings(
            boolean enabled,
            int instances,
            Threading threading,
            Duration startLimit,
            Duration stopLimit,
            boolean abortOnFailure) {
        this(
                enabled,
                instances,
                threading,
                startLimit,
                stopLimit,
                Duration.ofSeconds(30),
                abortOnFailure,
                Optional.empty());
    }

    /** Whether it is enabled, and nothing is wrong with its configuration. */
    public boolean isToStart() {
        return enabled && refusal.isEmpty();
    }

    /** Reads the settings of one plugin; what is wrong goes to the problems, with the default in its place. */
    public static PluginSettings read(Config root, String pluginId, Problems problems) {
        Config plugin = root.at("backend.plugins").child(pluginId);
        return new PluginSettings(
                plugin.at("enabled").bool(problems).orElse(DEFAULT.enabled),
                instances(plugin.at("instances"), problems),
                threading(plugin.at("threading"), problems),
                limit(plugin.at("startTimeout"), DEFAULT.startLimit, problems),
                limit(plugin.at("stopTimeout"), DEFAULT.stopLimit, problems),
                limit(plugin.at("callTimeout"), DEFAULT.callLimit, problems),
                abortOnFailure(root.at("backend.startup"), pluginId, problems),
                Optional.empty());
    }

    /**
     * The {@code sha256} of each plugin that has one, by plugin id in lower case; what is wrong goes to the problems, and nothing
     * fits it.
     */
    public static Map<String, String> checksums(Config root, Problems problems) {
        Map<String, String> checksums = new HashMap<>();
        for (Config plugin : root.at("backend.plugins").children()) {
            Config config = plugin.at("sha256");
            Optional<String> text = config.string(problems).map(digits -> digits.toLowerCase(Locale.ROOT));
            if (text.isPresent() && !text.get().matches("[0-9a-f]{64}")) {
                problems.addAll(config.wrongType("the 64 hexadecimal digits of a SHA-256")
                        .problems());
            }
            text.ifPresent(digits -> checksums.put(plugin.name().toLowerCase(Locale.ROOT), digits));
        }
        return checksums;
    }

    /** The same for a plugin that must not be started. */
    public PluginSettings refusedFor(String reason) {
        return new PluginSettings(
                enabled, instances, threading, startLimit, stopLimit, callLimit, abortOnFailure, Optional.of(reason));
    }

    private static int instances(Config config, Problems problems) {
        long instances = config.wholeNumber(problems).orElse((long) DEFAULT.instances);
        if (instances < 1 || instances > MAX_INSTANCES) {
            problems.addAll(config.wrongType("a whole number from 1 to " + MAX_INSTANCES)
                    .problems());
            return DEFAULT.instances;
        }
        return (int) instances;
    }

    private static Threading threading(Config config, Problems problems) {
        Optional<String> text = config.string(problems);
        if (text.isEmpty()) {
            return DEFAULT.threading;
        }
        Optional<Threading> threading = Threading.of(text.get());
        if (threading.isEmpty()) {
            problems.addAll(config.wrongType("\"event-loop\", \"worker\" or \"virtual-thread\"")
                    .problems());
        }
        return threading.orElse(DEFAULT.threading);
    }

    private static Duration limit(Config config, Duration defaultLimit, Problems problems) {
        Optional<Duration> limit = config.duration(problems);
        if (limit.isPresent() && limit.get().toMillis() < 1) {
            problems.addAll(
                    config.wrongType("a duration of at least a millisecond").problems());
            return defaultLimit;
        }
        return limit.orElse(defaultLimit);
    }

    private static boolean abortOnFailure(Config startup, String pluginId, Problems problems) {
        Config own = startup.at("plugins").child(pluginId).at("onPluginBootFailure");
        Config general = startup.at("default.onPluginBootFailure");
        return aborts(own, problems).or(() -> aborts(general, problems)).orElse(false);
    }

    private static Optional<Boolean> aborts(Config config, Problems problems) {
        Optional<String> text = config.string(problems);
        if (text.isPresent() && !text.get().equals("abort") && !text.get().equals("continue")) {
            problems.addAll(config.wrongType("\"abort\" or \"continue\"").problems());
            return Optional.empty();
        }
        return text.map("abort"::equals);
    }
}
