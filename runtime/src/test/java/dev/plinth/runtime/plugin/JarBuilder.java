package dev.plinth.runtime.plugin;

import dev.plinth.runtime.testing.SourceCompiler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Compiles and packs a plugin jar as an author's build would. */
final class JarBuilder {

    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, String> files = new LinkedHashMap<>();

    JarBuilder source(String className, String text) {
        sources.put(className, text);
        return this;
    }

    JarBuilder file(String name, String text) {
        files.put(name, text);
        return this;
    }

    JarBuilder service(Class<?> service, String... classNames) {
        return file("META-INF/services/" + service.getName(), String.join("\n", classNames));
    }

    /** A plugin with this id, found in the jar. */
    JarBuilder plugin(String className, String id) {
        return source(className, pluginSource(className, id));
    }

    static String pluginSource(String className, String id) {
        return """
                package %s;
                public class %s implements dev.plinth.plugin.Plugin {
                    public String id() { return "%s"; }
                    public io.vertx.core.Future<?> start(dev.plinth.plugin.PluginContext context) {
                        return io.vertx.core.Future.succeededFuture();
                    }
                }
                """
                .formatted(packageOf(className), className.substring(className.lastIndexOf('.') + 1), id);
    }

    Path build(Path jar) throws IOException {
        Path classes = Files.createTempDirectory(jar.getParent(), "classes");
        if (!sources.isEmpty()) {
            SourceCompiler.compile(sources, classes);
        }
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                put(packed, file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
            }
            for (Path file : filesBelow(classes)) {
                put(packed, classes.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        }
        return jar;
    }

    private static List<Path> filesBelow(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void put(JarOutputStream jar, String name, byte[] content) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(content);
        jar.closeEntry();
    }

    private static String packageOf(String className) {
        return className.substring(0, className.lastIndexOf('.'));
    }
}
