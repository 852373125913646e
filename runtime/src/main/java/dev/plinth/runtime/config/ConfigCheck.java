package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that is wrong with a configuration.
 *
 * @param problems of the whole configuration, in its order
 */
public record ConfigCheck(List<Problem> problems) {

    public ConfigCheck {
        problems = List.copyOf(problems);
    }

    /**
     * Checks a configuration that loaded.
     *
     * @param rules what is to be checked beside the schemas
     */
    public static ConfigCheck of(LoadedConfig loaded, ConfigSchema schema, List<ConfigRule> rules) {
        List<Problem> all = new ArrayList<>(loaded.warnings());
        all.addAll(KeyCheck.check(loaded.config(), schema));
        rules.forEach(rule -> all.addAll(rule.check(loaded.config())));
        return new ConfigCheck(withoutRepetition(all));
    }

    ConfigCheck with(List<Problem> more) {
        List<Problem> all = new ArrayList<>(problems);
        all.addAll(more);
        return new ConfigCheck(all);
    }

    /** The schema and a rule may both object to one value: once is enough. */
    private static List<Problem> withoutRepetition(List<Problem> problems) {
        Set<String> errors = new HashSet<>();
        return problems.stream()
                .filter(problem -> !problem.isError()
                        || problem.key().isEmpty()
                        || errors.add(problem.key() + " " + problem.code()))
                .distinct()
                .toList();
    }

    public boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }

    /** Whether a problem concerns one plugin alone: its own section, or its deviations from the general database. */
    private static boolean concerns(Problem problem, String pluginId) {
        return isBelow(problem.key(), pluginId) || isBelow(problem.key(), "backend.database.plugin." + pluginId);
    }

    private static boolean isBelow(String key, String prefix) {
        return key.equals(prefix) || key.startsWith(prefix + ".") || key.startsWith(prefix + "[");
    }

    /** The errors that fail one plugin and nothing else. */
    public List<Problem> errorsOf(String pluginId) {
        return problems.stream()
                .filter(problem -> problem.isError() && concerns(problem, pluginId))
                .toList();
    }

    /** All that concerns one plugin: its section, its database, and how it is run. */
    public List<Problem> problemsOf(String pluginId) {
        return problems.stream()
                .filter(problem -> concerns(problem, pluginId) || isBelow(problem.key(), "backend.plugins." + pluginId))
                .toList();
    }

    /** The errors that stop the start. */
    public List<Problem> fatal(Set<String> pluginIds) {
        return problems.stream()
                .filter(Problem::isError)
                .filter(problem -> !isBelow(problem.key(), "backend.database.plugin"))
                .filter(problem -> pluginIds.stream().noneMatch(id -> concerns(problem, id)))
                .toList();
    }
}
