package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Problem;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was found on the class path and in the plugin directories.
 *
 * @param plugins ready to be started, each id once
 * @param schemas of the plugins' configuration
 * @param problems each names the jar and, where known, the plugin that is left out
 */
public record Discovery(List<PluginDescriptor> plugins, List<ConfigSchema> schemas, List<Problem> problems) {

    /** The code of the problem that another jar has a plugin already. */
    static final String DUPLICATE = "duplicate-plugin";

    public Discovery {
        plugins = List.copyOf(plugins);
        schemas = List.copyOf(schemas);
        problems = List.copyOf(problems);
    }

    /**
     * The text of a {@code plinth-config.schema.json} and the jar it stands in.
     *
     * @param pluginId whose alone it is, as a descriptor says; empty for a schema of the whole jar
     */
    record ConfigSchema(String source, String pluginId, String text) {

        ConfigSchema(String source, String text) {
            this(source, "", text);
        }
    }

    /**
     * Looks for plugins, for whoever does not run them. Blocks, and runs their constructors; jars whose code takes longer than a
     * plugin's start may are left out.
     *
     * @param classPath the runtime's class loader
     * @param directories of jars, in order; one that does not exist is skipped
     * @param checksums that jars must have, by plugin id in lower case
     */
    public static Discovery run(ClassLoader classPath, List<Path> directories, Map<String, String> checksums) {
        PluginFinder finder = new PluginFinder(classPath, checksums, Optional.empty());
        finder.searchClassPath();
        try (JarReader reader = new JarReader((jar, reading) -> {
            PluginFinder ofJar = new PluginFinder(classPath, checksums, Optional.empty());
            ofJar.searchJar(jar, reading);
            return ofJar.result();
        })) {
            directories.stream()
                    .flatMap(directory -> finder.jarsIn(directory).stream())
                    .map(reader::begin)
                    .toList()
                    .forEach(reading -> finder.add(reading, PluginSettings.DEFAULT.startLimit(), slow -> {
                        finder.add(Problem.error("broken-plugin", "", slow.jar().toString(), slow.slowness(), ""));
                        slow.giveUp(new CancellationException());
                    }));
        }
        return finder.result();
    }

    /** Lets go of all jars. */
    public void close() {
        plugins.forEach(PluginDescriptor::close);
    }

    /** The same, for whoever does not run the plugins: it keeps none of their classes. */
    public Discovery withoutCode() {
        return new Discovery(plugins.stream().map(PluginDescriptor::withoutCode).toList(), schemas, problems);
    }

    /** These plugins, and those of another discovery in place of what comes from the same sources. */
    public Discovery with(Discovery jar) {
        Set<String> sources = jar.plugins.stream().map(PluginDescriptor::source).collect(Collectors.toSet());
        return new Discovery(
                Stream.concat(
                                plugins.stream().filter(plugin -> !sources.contains(plugin.source())),
                                jar.plugins.stream())
                        .toList(),
                Stream.concat(
                                schemas.stream().filter(schema -> !sources.contains(schema.source())),
                                jar.schemas.stream())
                        .toList(),
                List.of());
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
        Optional<String> own = schemaOf(plugin.source(), plugin.id());
        if (own.isPresent()) {
            return own.get();
        }
        Optional<String> text = schemaOf(plugin.source(), "");
        if (text.isEmpty()) {
            return "";
        }
        boolean alone = plugins.stream()
                        .filter(other -> other.source().equals(plugin.source()))
                        .count()
                == 1;
        return alone ? text.get() : part(text.get(), plugin.id());
    }

    private Optional<String> schemaOf(String source, String pluginId) {
        return schemas.stream()
                .filter(schema ->
                        schema.source().equals(source) && schema.pluginId().equals(pluginId))
                .map(ConfigSchema::text)
                .findFirst();
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
