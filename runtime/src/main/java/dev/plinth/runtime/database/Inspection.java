package dev.plinth.runtime.database;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was found out about one plugin's database.
 *
 * @param facts in words, by what they are about, in the order in which they are shown
 * @param problems what is in the way of using it, each with its remedy
 */
public record Inspection(Map<String, String> facts, List<String> problems) {

    public Inspection {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        problems = List.copyOf(problems);
    }

    /** The same, with one more problem; nothing is said twice. */
    public Inspection with(String problem) {
        if (problems.contains(problem)) {
            return this;
        }
        List<String> all = new ArrayList<>(problems);
        all.add(problem);
        return new Inspection(facts, all);
    }
}
