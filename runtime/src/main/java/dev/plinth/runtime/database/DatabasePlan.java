package dev.plinth.runtime.database;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Secret;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the configuration says about the databases of several plugins.
 *
 * @param plugins by plugin id
 * @param prefixes of generated names
 * @param optionProblems what is wrong with the options
 */
public record DatabasePlan(
        Map<String, Resolution> plugins, NamePrefixes prefixes, DatabaseOptions options, List<Problem> optionProblems) {

    public DatabasePlan {
        plugins = Collections.unmodifiableMap(new LinkedHashMap<>(plugins));
        optionProblems = List.copyOf(optionProblems);
    }

    /** What one plugin resolves to. */
    public Resolution of(String pluginId) {
        Resolution resolution = plugins.get(pluginId);
        if (resolution == null) {
            throw new IllegalArgumentException("plugin '" + pluginId + "' is not in this plan");
        }
        return resolution;
    }

    /** Whether any plugin has a database of this kind. */
    public boolean hasAny(Class<? extends DatabaseSettings> kind) {
        return plugins.values().stream()
                .flatMap(resolution -> resolution.settings().stream())
                .anyMatch(kind::isInstance);
    }

    /**
     * Every password and key that the databases are reached with, wherever it came from; without those that an open value gives
     * away, such as a user's name.
     */
    public Set<String> secrets() {
        Set<String> secrets = new HashSet<>();
        Set<Object> open = new HashSet<>();
        for (Resolution resolution : plugins.values()) {
            resolution
                    .settings()
                    .ifPresent(settings -> settings.values().values().forEach(value -> {
                        if (value instanceof Secret secret) {
                            secrets.add(secret.reveal());
                        } else if (value != null) {
                            open.add(value);
                        }
                    }));
        }
        secrets.removeAll(open);
        return secrets;
    }

    /** Everything that was found, each problem once. */
    public List<Problem> problems() {
        return all().toList();
    }

    public List<Problem> warnings() {
        return all().filter(problem -> !problem.isError()).toList();
    }

    private Stream<Problem> all() {
        return Stream.concat(
                        optionProblems.stream(),
                        plugins.values().stream().flatMap(resolution -> resolution.problems().stream()))
                .distinct();
    }
}
