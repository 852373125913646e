package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.List;

/** Collects all problems, so that they can be reported together. Not thread-safe. */
public final class Problems {

    private final List<Problem> list = new ArrayList<>();

    public void add(Problem problem) {
        list.add(problem);
    }

    public void addAll(List<Problem> problems) {
        list.addAll(problems);
    }

    public List<Problem> list() {
        return List.copyOf(list);
    }

    public boolean hasErrors() {
        return errorCount() > 0;
    }

    int errorCount() {
        int errors = 0;
        for (Problem problem : list) {
            errors += problem.isError() ? 1 : 0;
        }
        return errors;
    }

    /**
     * Ends the collecting.
     *
     * @throws ConfigException with everything collected, when at least one is an error
     */
    public void throwIfErrors() {
        if (hasErrors()) {
            throw new ConfigException(list);
        }
    }
}
