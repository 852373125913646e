package dev.plinth.example.catalog;

import io.vertx.ext.web.handler.HttpException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One {@code filter} parameter, such as {@code kind=component,spec.type=service,metadata.annotations.x}: every property named must
 * be there, and have one of the values given for it, if any. All compared without case.
 *
 * @param properties the accepted values of each property; none: any value will do
 */
record Filter(Map<String, List<String>> properties) {

    /** @throws HttpException 400 for a condition without property */
    static Filter parse(String text) {
        Map<String, List<String>> properties = new LinkedHashMap<>();
        for (String condition : text.split(",", -1)) {
            if (!condition.isBlank()) {
                add(condition, properties);
            }
        }
        return new Filter(properties);
    }

    private static void add(String condition, Map<String, List<String>> properties) {
        String[] sides = condition.split("=", 2);
        String name = Texts.fold(sides[0].strip());
        if (name.isEmpty()) {
            throw new HttpException(400, "filter: expected property=value or property, got \"" + condition + "\"");
        }
        List<String> values = properties.computeIfAbsent(name, none -> new ArrayList<>());
        if (sides.length == 2) {
            values.add(Texts.fold(sides[1].strip()));
        }
    }
}
