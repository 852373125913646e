package dev.plinth.runtime.config;

import java.util.Optional;

/** Writes what the schemas say as Markdown. */
public final class ConfigDocs {

    private static final String HEADER = "| key | type | default | meaning |\n| --- | --- | --- | --- |\n";

    private final StringBuilder out = new StringBuilder();

    private ConfigDocs() {}

    /** A table of the runtime's keys, and one for each plugin that ships a schema. */
    public static String markdown(ConfigSchema schema) {
        ConfigDocs docs = new ConfigDocs();
        docs.out.append(HEADER);
        docs.rows(schema.root(), KeyPath.ROOT);
        for (String id : schema.pluginIds()) {
            schema.plugin(id).ifPresent(plugin -> {
                docs.out.append("\n### ").append(id).append("\n\n").append(HEADER);
                docs.rows(plugin, KeyPath.ROOT.child(id));
            });
        }
        return docs.out.toString();
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

    private void row(Schema schema, KeyPath path) {
        boolean section = !schema.propertyNames().isEmpty() || schema.rest().isPresent();
        if (!section || schema.types().size() > 1 || schema.defaultValue().isPresent()) {
            out.append("| `").append(path).append("` | ");
            out.append(cell(schema.typeInWords())).append(" | ");
            out.append(schema.defaultValue().map(ConfigDocs::code).orElse("")).append(" | ");
            out.append(cell(meaning(schema))).append(" |\n");
        }
        rows(schema, path);
        schema.items().filter(item -> !item.propertyNames().isEmpty()).ifPresent(item -> rows(item, path.list()));
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
