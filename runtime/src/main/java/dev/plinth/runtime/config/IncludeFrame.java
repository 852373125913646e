package dev.plinth.runtime.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a part of the configuration was written.
 *
 * @param directory what the paths in it relate to
 * @param chain the includes that led here, the outermost first
 * @param depth of objects and lists above
 */
record IncludeFrame(Path directory, List<String> chain, int depth) {

    static IncludeFrame of(Path directory) {
        return new IncludeFrame(directory, List.of(), 0);
    }

    IncludeFrame deeper() {
        return new IncludeFrame(directory, chain, depth + 1);
    }

    IncludeFrame included(Path directory, String what) {
        List<String> longer = new ArrayList<>(chain);
        longer.add(what);
        return new IncludeFrame(directory, longer, depth);
    }
}
