package dev.plinth.runtime.database;

import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the configuration says about one plugin's database.
 *
 * @param settings empty when a problem is an error
 * @param problems errors and warnings, those of the section that all plugins share among them
 * @param origins where each value comes from, for people, by the names that {@code db plan} uses
 */
public record Resolution(
        String pluginId, Optional<DatabaseSettings> settings, List<Problem> problems, Map<String, String> origins) {

    /** The origin of what nobody gave. */
    public static final String DEFAULT = "default";

    public Resolution {
        problems = List.copyOf(problems);
        origins = Map.copyOf(origins);
    }

    /** The first error, when there is one. */
    public Optional<Problem> error() {
        return problems.stream().filter(Problem::isError).findFirst();
    }

    /** Whether the configuration or a variable gave this value. */
    public boolean isGiven(String name) {
        String origin = origins.get(name);
        return origin != null && !origin.equals(DEFAULT);
    }

    /**
     * The settings to connect with.
     *
     * @throws ConfigException with all problems, when one is an error
     */
    public DatabaseSettings require() {
        return settings.orElseThrow(() -> new ConfigException(problems));
    }
}
