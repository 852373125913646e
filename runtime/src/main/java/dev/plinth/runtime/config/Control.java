package dev.plinth.runtime.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the configuration says of its own loading. Read from the layers' {@code config} sections before anything else.
 *
 * @param includeRoots outside of which no include may read; none: no restriction
 */
record Control(List<Path> includeRoots, List<StoreSettings> stores) {

    static final String SECTION = "config";

    private static final Control NONE = new Control(List.of(), List.of());

    static Control read(List<ConfigNode.Mapping> sections, Path workingDirectory, Problems problems) {
        Config config = Config.root(Merge.layers(sections)).child(SECTION);
        if (!config.isPresent()) {
            return NONE;
        }
        List<Path> roots = new ArrayList<>();
        for (Config root : config.at("includeRoots").items(problems)) {
            root.string(problems)
                    .flatMap(name -> SourceFiles.resolve(workingDirectory, name))
                    .ifPresent(roots::add);
        }
        List<StoreSettings> stores = config.at("stores").items(problems).stream()
                .flatMap(store -> StoreSettings.read(store, problems).stream())
                .toList();
        return new Control(roots, stores);
    }

    /** A layer reduced to this section; an empty one when it has none. */
    static ConfigNode.Mapping sectionOf(ConfigNode tree) {
        ConfigNode section =
                tree instanceof ConfigNode.Mapping mapping ? mapping.entries().get(SECTION) : null;
        Map<String, ConfigNode> entries = section == null ? Map.of() : Map.of(SECTION, section);
        return new ConfigNode.Mapping(entries, tree.origin());
    }
}
