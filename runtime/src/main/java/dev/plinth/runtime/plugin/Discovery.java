package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Problem;
import java.nio.file.Path;
import java.util.List;
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
    public record ConfigSchema(String source, String text) {}

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
}
