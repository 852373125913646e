package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Problem;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What was found on the class path and in the plugin directories.
 *
 * @param plugins ready to be started, each id once
 * @param schemas of the plugins' configuration
 * @param problems each names the jar and, where known, the plugin that is left out
 */
public record Discovery(List<PluginDescriptor> plugins, List<ConfigSchema> schemas, List<Problem> problems) {

    public Discovery {
        plugins = List.copyOf(plugins);
        schemas = List.copyOf(schemas);
        problems = List.copyOf(problems);
    }

    /** The text of a {@code plinth-config.schema.json} and the jar it stands in. */
    record ConfigSchema(String source, String text) {}

    /**
     * Looks for plugins. Blocks, and runs their constructors, but starts none.
     *
     * @param classPath the runtime's class loader
     * @param directories of jars, in order; one that does not exist is skipped
     */
    public static Discovery run(ClassLoader classPath, List<Path> directories) {
        PluginFinder finder = new PluginFinder(classPath);
        finder.searchClassPath();
        directories.forEach(finder::searchDirectory);
        return finder.result();
    }

    /** Looks into one jar. Blocks. */
    static Discovery ofJar(ClassLoader classPath, Path jar) {
        PluginFinder finder = new PluginFinder(classPath);
        finder.searchJar(jar);
        return finder.result();
    }

    /** What keeps plugins from running; warnings aside. */
    String errors() {
        return problems.stream().filter(Problem::isError).map(Problem::toString).collect(Collectors.joining("; "));
    }

    /**
     * What each plugin's own section may hold, as the text of a JSON Schema; empty for a plugin that does not say. The schema of
     * a jar with one plugin is that plugin's; the schema of a jar with several has a property for each.
     */
    public Map<String, String> configSchemas() {
        Map<String, String> texts = new LinkedHashMap<>();
        plugins.forEach(plugin -> texts.put(plugin.id(), schemaOf(plugin)));
        return texts;
    }

    private String schemaOf(PluginDescriptor plugin) {
        Optional<String> text = schemas.stream()
                .filter(schema -> schema.source().equals(plugin.source()))
                .map(ConfigSchema::text)
                .findFirst();
        boolean alone = plugins.stream()
                        .filter(other -> other.source().equals(plugin.source()))
                        .count()
                == 1;
        return alone
                ? text.orElse("")
                : text.map(whole -> part(whole, plugin.id())).orElse("");
    }

    private static String part(String whole, String pluginId) {
        try {
            JsonObject properties = new JsonObject(whole).getJsonObject("properties", new JsonObject());
            return properties.getValue(pluginId) instanceof JsonObject own ? own.encode() : "";
        } catch (DecodeException | ClassCastException e) {
            // Not split: whoever reads it says what is wrong with it.
            return whole;
        }
    }
}
