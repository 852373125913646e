package dev.plinth.runtime.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lays later layers over earlier ones: objects key by key, all else whole; null takes the earlier value away. */
final class Merge {

    private final boolean keepNulls;

    private Merge(boolean keepNulls) {
        this.keepNulls = keepNulls;
    }

    /** All layers as one, without the nulls. */
    static ConfigNode.Mapping layers(List<ConfigNode.Mapping> layers) {
        return new Merge(false).all(layers);
    }

    /** Parts of one layer; nulls stay, for they take away what earlier layers say. */
    static ConfigNode.Mapping parts(List<ConfigNode.Mapping> parts) {
        return new Merge(true).all(parts);
    }

    private ConfigNode.Mapping all(List<ConfigNode.Mapping> trees) {
        ConfigNode.Mapping result = new ConfigNode.Mapping(Map.of(), Origin.DEFAULT);
        for (ConfigNode.Mapping tree : trees) {
            result = objects(result, tree);
        }
        return result;
    }

    private @Nullable ConfigNode values(@Nullable ConfigNode earlier, ConfigNode later) {
        if (Nodes.isNull(later)) {
            return keepNulls ? later : null;
        }
        return later instanceof ConfigNode.Mapping mapping ? objects(earlier, mapping) : later;
    }

    private ConfigNode.Mapping objects(@Nullable ConfigNode earlier, ConfigNode.Mapping later) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        if (earlier instanceof ConfigNode.Mapping mapping) {
            entries.putAll(mapping.entries());
        }
        for (Map.Entry<String, ConfigNode> entry : later.entries().entrySet()) {
            String name = entry.getKey();
            ConfigNode merged = values(entries.get(name), entry.getValue());
            if (merged == null) {
                entries.remove(name);
            } else {
                entries.put(name, merged);
            }
        }
        return new ConfigNode.Mapping(Collections.unmodifiableMap(entries), later.origin());
    }
}
