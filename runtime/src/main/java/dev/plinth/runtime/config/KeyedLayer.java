package dev.plinth.runtime.config;

import java.util.List;
import java.util.Map;

/** Makes a tree from single keys, each with a value of its own: {@code APP_CONFIG_*} and {@code --set}. */
final class KeyedLayer {

    private KeyedLayer() {}

    /** The value of a text: JSON where it is that, else the text itself. */
    static ConfigNode value(String text, Origin origin) {
        try {
            return JsonReader.read(text, origin);
        } catch (JsonReader.JsonException e) {
            return new ConfigNode.Scalar(text, origin, false);
        }
    }

    /** An object with this value at the end of the path. */
    static ConfigNode.Mapping nested(List<String> path, ConfigNode value) {
        ConfigNode result = value;
        for (int i = path.size() - 1; i >= 0; i--) {
            result = new ConfigNode.Mapping(Map.of(path.get(i), result), value.origin());
        }
        return (ConfigNode.Mapping) result;
    }
}
