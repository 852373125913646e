package dev.plinth.runtime.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes what the schemas say as Markdown. */
public final class ConfigDocs {

    private static final String HEADER = "| key | type | default | meaning |\n| --- | --- | --- | --- |\n";

    private static final String ESSENTIAL = "essential";
    private static final String FREQUENT = "frequent";

    private final ConfigSchema schema;
    private final Map<String, String> rows = new LinkedHashMap<>();

    private ConfigDocs(ConfigSchema schema) {
        this.schema = schema;
        rows(schema.root(), KeyPath.ROOT);
    }

    /** Tables of the runtime's keys, the most important first, and one for each plugin that ships a schema. */
    public static String markdown(ConfigSchema schema) {
        ConfigDocs docs = new ConfigDocs(schema);
        StringBuilder out = new StringBuilder(important(schema));
        out.append("\n### Rare\n\n").append(HEADER);
        docs.rows.forEach((key, row) -> {
            if (!docs.isRanked(key)) {
                out.append(row);
            }
        });
        for (String id : schema.pluginIds()) {
            schema.plugin(id).ifPresent(plugin -> {
                out.append("\n### Plugin ").append(id).append("\n\n").append(HEADER);
                ConfigDocs own = new ConfigDocs(schema);
                own.rows.clear();
                own.rows(plugin, KeyPath.ROOT.child(id));
                own.rows.values().forEach(out::append);
            });
        }
        return out.toString();
    }

    /** The tables of the keys that most, and that many, will set. */
    public static String important(ConfigSchema schema) {
        ConfigDocs docs = new ConfigDocs(schema);
        return "### Essential\n\n" + HEADER + docs.ranked(ESSENTIAL) + "\n### Frequent\n\n" + HEADER
                + docs.ranked(FREQUENT);
    }

    private String ranked(String rank) {
        return schema.ranked(rank).stream()
                .map(key -> Objects.requireNonNull(rows.get(key), () -> "x-ranks names an unknown key: " + key))
                .collect(Collectors.joining());
    }

    private boolean isRanked(String key) {
        return schema.ranked(ESSENTIAL).contains(key) || schema.ranked(FREQUENT).contains(key);
    }

    private void rows(Schema object, KeyPath path) {
        for (String name : object.propertyNames()) {
            object.property(name).ifPresent(child -> row(child, path.child(name)));
        }
        object.rest().ifPresent(child -> row(child, path.child("<" + nameOfKey(path) + ">")));
    }

    private static String nameOfKey(KeyPath path) {
        return path.toString().startsWith("logging") ? "logger" : "id";
    }

    private void row(Schema described, KeyPath path) {
        boolean section =
                !described.propertyNames().isEmpty() || described.rest().isPresent();
        if (!section || described.types().size() > 1 || described.defaultValue().isPresent()) {
            String key = path.toString();
            rows.put(
                    key,
                    "| `" + key + "` | " + cell(described.typeInWords()) + " | "
                            + described.defaultValue().map(ConfigDocs::code).orElse("") + " | "
                            + cell(meaning(described)) + " |\n");
        }
        rows(described, path);
        described.items().filter(item -> !item.propertyNames().isEmpty()).ifPresent(item -> rows(item, path.list()));
    }

    private static String meaning(Schema schema) {
        String secret = schema.secret().orElse(false) ? " (secret)" : "";
        Optional<String> deprecated = schema.deprecated();
        return schema.description() + secret + (deprecated.isPresent() ? " (deprecated)" : "");
    }

    private static String code(ConfigNode node) {
        Object plain = Config.root(node).toPlain();
        return "`" + (plain instanceof String text ? text : JsonWriter.compact(plain)) + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
