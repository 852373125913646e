package dev.plinth.runtime.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of every key: the runtime's own schema, and those that installed plugins ship. Immutable. */
public final class ConfigSchema {

    /** Where a plugin's jar has its schema, which describes the plugin's own section. */
    public static final String RESOURCE = "plinth-config.schema.json";

    private final Config document;
    private final Schema runtime;
    private final Map<String, Config> plugins;

    private ConfigSchema(Config document, Map<String, Config> plugins) {
        this.document = document;
        this.runtime = Schema.of(document);
        this.plugins = plugins;
    }

    /** The runtime's own schema, with no plugin. */
    public static ConfigSchema runtime() {
        return Own.SCHEMA;
    }

    /** Read once, when it is first asked for. */
    private static final class Own {
        private static final ConfigSchema SCHEMA = own();
    }

    private static ConfigSchema own() {
        try (InputStream in = Objects.requireNonNull(ConfigSchema.class.getResourceAsStream(RESOURCE))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new ConfigSchema(Config.root(JsonReader.read(text, Origin.DEFAULT)), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JsonReader.JsonException e) {
            throw new IllegalStateException("the runtime's own schema is broken: " + e.reason(), e);
        }
    }

    /**
     * This with the schemas of installed plugins.
     *
     * @param schemas text of the schema by plugin id; empty text for a plugin that ships none
     * @param problems gets a warning for each schema that cannot be read, which then counts as none
     */
    public ConfigSchema withPlugins(Map<String, String> schemas, Problems problems) {
        Map<String, Config> read = new LinkedHashMap<>();
        schemas.forEach((id, text) -> read.put(id, text.isEmpty() ? Config.empty() : read(id, text, problems)));
        return new ConfigSchema(document, read);
    }

    private static Config read(String pluginId, String text, Problems problems) {
        String message;
        try {
            ConfigNode node = JsonReader.read(text, new Origin(RESOURCE, 1, 1));
            if (node instanceof ConfigNode.Mapping) {
                return Config.root(node);
            }
            message = "expected an object";
        } catch (JsonReader.JsonException e) {
            message = "line " + e.origin().line() + ": " + e.reason();
        }
        problems.add(Problem.warning(
                "invalid-schema",
                pluginId,
                RESOURCE,
                "the schema of plugin '" + pluginId + "' cannot be read: " + message,
                "tell the plugin's author; its keys are not checked"));
        return Config.empty();
    }

    /** Keys of the runtime that most, or many, set: dotted paths as the documentation writes them. */
    List<String> ranked(String rank) {
        return document.at("x-ranks").child(rank).items().stream()
                .flatMap(item -> item.string().stream())
                .toList();
    }

    /** Ids of the installed plugins. */
    Set<String> pluginIds() {
        return plugins.keySet();
    }

    Schema root() {
        return runtime;
    }

    /** The schema of a plugin's section; empty when the plugin is not installed or ships none. */
    Optional<Schema> plugin(String id) {
        return Optional.ofNullable(plugins.get(id))
                .filter(config -> !config.children().isEmpty())
                .map(Schema::of);
    }

    /** The schema of a place; empty when no schema describes it. */
    Optional<Schema> at(List<String> path) {
        Optional<Schema> schema = Optional.of(runtime);
        for (int i = 0; i < path.size() && schema.isPresent(); i++) {
            String step = path.get(i);
            schema = i == 0 && plugins.containsKey(step)
                    ? plugin(step)
                    : schema.get().property(step);
        }
        return schema;
    }

    /** A plugin's section, with the defaults of its schema where the configuration says nothing. */
    public Config section(Config root, String pluginId) {
        Config section = root.child(pluginId);
        Optional<Schema> schema = plugin(pluginId);
        if (schema.isEmpty() || (section.isPresent() && !section.isObject())) {
            return section;
        }
        ConfigNode filled = Defaults.fill(section.node().orElse(null), schema.get());
        return filled == null ? section : section.withNode(filled);
    }

    /** The configuration with all plugins' sections as {@link #section} gives them. */
    public Config withDefaults(Config root) {
        if (!(root.node().orElse(null) instanceof ConfigNode.Mapping mapping)) {
            return root;
        }
        Map<String, ConfigNode> entries = new LinkedHashMap<>(mapping.entries());
        plugins.keySet().forEach(id -> section(root, id).node().ifPresent(node -> entries.put(id, node)));
        return root.withNode(new ConfigNode.Mapping(Collections.unmodifiableMap(entries), mapping.origin()));
    }

    /** One JSON Schema of the whole configuration, for editors. */
    public String toJson() {
        Map<String, @Nullable Object> whole = object(document.toPlain());
        Map<String, @Nullable Object> properties = object(whole.get("properties"));
        plugins.forEach((id, schema) -> properties.put(id, embedded(id, schema)));
        whole.put("properties", properties);
        return JsonWriter.pretty(whole);
    }

    /** With an id of its own, so that the references inside still find their targets. */
    private static Map<String, @Nullable Object> embedded(String pluginId, Config schema) {
        Map<String, @Nullable Object> plain = object(schema.toPlain());
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put("$id", "urn:plinth:plugin:" + pluginId);
        result.putAll(plain);
        result.putIfAbsent("description", "Settings of the plugin " + pluginId);
        return result;
    }

    private static Map<String, @Nullable Object> object(@Nullable Object plain) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        if (plain instanceof Map<?, ?> map) {
            map.forEach((key, value) -> result.put(String.valueOf(key), value));
        }
        return result;
    }
}
