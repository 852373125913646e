package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.Resolution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compares the plugins with each other: ids must differ in more than case, and what two plugins share is told. */
final class Sharing {

    private Sharing() {}

    static Map<String, Resolution> check(Map<String, Resolution> plugins) {
        Map<String, List<Problem>> found = new LinkedHashMap<>();
        plugins.keySet().forEach(id -> found.put(id, new ArrayList<>()));
        refuseEqualIds(found);
        warnOfSharedPlaces(plugins, found);
        Map<String, Resolution> checked = new LinkedHashMap<>();
        plugins.forEach((id, resolution) -> checked.put(id, with(resolution, found.getOrDefault(id, List.of()))));
        return checked;
    }

    private static void refuseEqualIds(Map<String, List<Problem>> found) {
        Map<String, String> first = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        found.keySet().forEach(id -> {
            String other = first.putIfAbsent(id, id);
            if (other != null) {
                duplicate(found, id, other);
                duplicate(found, other, id);
            }
        });
    }

    private static void duplicate(Map<String, List<Problem>> found, String id, String other) {
        add(
                found,
                id,
                Problem.error(
                        "duplicate-plugin-id", key(id), "", "plugin '" + other + "' has the same id but for case", ""));
    }

    private static void warnOfSharedPlaces(Map<String, Resolution> plugins, Map<String, List<Problem>> found) {
        List<DatabaseSettings> all = plugins.values().stream()
                .flatMap(resolution -> resolution.settings().stream())
                .toList();
        all.forEach(settings -> warn(settings, all, found));
    }

    private static void warn(DatabaseSettings settings, List<DatabaseSettings> all, Map<String, List<Problem>> found) {
        List<String> others = new ArrayList<>();
        for (DatabaseSettings other : all) {
            if (other != settings && settings.overlaps(other)) {
                others.add("'" + other.pluginId() + "'");
            }
        }
        if (!others.isEmpty()) {
            add(
                    found,
                    settings.pluginId(),
                    Problem.warning(
                            "shared-database",
                            key(settings.pluginId()),
                            "",
                            "plugin '" + settings.pluginId() + "' shares " + settings.location() + " with "
                                    + String.join(", ", others),
                            "give each plugin its own"));
        }
    }

    private static Resolution with(Resolution resolution, List<Problem> found) {
        if (found.isEmpty()) {
            return resolution;
        }
        List<Problem> problems = new ArrayList<>(resolution.problems());
        problems.addAll(found);
        boolean refused = found.stream().anyMatch(Problem::isError);
        return new Resolution(
                resolution.pluginId(),
                resolution.settings().filter(settings -> !refused),
                problems,
                resolution.origins());
    }

    private static void add(Map<String, List<Problem>> found, String id, Problem problem) {
        found.computeIfAbsent(id, key -> new ArrayList<>()).add(problem);
    }

    private static String key(String id) {
        return "backend.database.plugin." + id;
    }
}
