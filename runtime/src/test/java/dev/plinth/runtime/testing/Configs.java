package dev.plinth.runtime.testing;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Origin;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Configurations for tests, from JSON. */
public final class Configs {

    private static final Origin ORIGIN = new Origin("test.yaml", 1, 1);

    private Configs() {}

    public static Config of(JsonObject json) {
        return Config.root(node(json));
    }

    private static ConfigNode node(Object value) {
        if (value instanceof JsonObject object) {
            Map<String, ConfigNode> entries = new LinkedHashMap<>();
            object.fieldNames().forEach(name -> entries.put(name, node(object.getValue(name))));
            return new ConfigNode.Mapping(entries, ORIGIN);
        }
        if (value instanceof JsonArray array) {
            List<ConfigNode> items = array.stream().map(Configs::node).toList();
            return new ConfigNode.Sequence(items, ORIGIN);
        }
        Object scalar = value instanceof Integer number ? (Object) number.longValue() : value;
        return new ConfigNode.Scalar(scalar, ORIGIN, false);
    }
}
