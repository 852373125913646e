package dev.plinth.runtime.database;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was found out about one plugin's database.
 *
 * @param facts in words, by what they are about, in the order in which they are shown
 * @param problems what is in the way of using it, each with its remedy
 * @param migrating what is in the way of migrating it, should that be needed; may be empty
 */
public record Inspection(Map<String, String> facts, List<String> problems, Optional<String> migrating) {

    public Inspection {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        problems = List.copyOf(problems);
    }

    public Inspection(Map<String, String> facts, List<String> problems) {
        this(facts, problems, Optional.empty());
    }

    /** The same, with one more problem; nothing is said twice. */
    public Inspection with(String problem) {
        if (problems.contains(problem)) {
            return this;
        }
        List<String> all = new ArrayList<>(problems);
        all.add(problem);
        return new Inspection(facts, all, migrating);
    }
}
