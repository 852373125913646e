package dev.plinth.runtime.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A plugin's jar, compiled and packed as its author would, for tests that need plugins of every temper. */
public final class PluginJar {

    private static final String IMPORTS =
            """
            package made;
            import dev.plinth.plugin.*;
            import io.vertx.core.*;
            import io.vertx.core.json.*;
            import io.vertx.sqlclient.*;
            """;

    private final String id;
    private final String className;
    private String type;
    private final Map<String, String> resources = new LinkedHashMap<>();

    private PluginJar(String id, String className, String type) {
        this.id = id;
        this.className = className;
        this.type = type;
    }

    /** A plugin that starts and does nothing. */
    public static PluginJar of(String id) {
        return new PluginJar(id, "Plugin" + Integer.toHexString(id.hashCode()), "")
                .starting("return Future.succeededFuture();");
    }

    /** A plugin whose class is given whole, without package and imports. */
    public static PluginJar ofType(String id, String className, String type) {
        return new PluginJar(id, className, type);
    }

    /** The body of {@code start(PluginContext context)}. */
    public PluginJar starting(String javaStatements) {
        type =
                """
                public final class %s implements Plugin {
                    @Override public String id() { return "%s"; }
                    @Override public Future<?> start(PluginContext context) throws Exception { %s }
                }
                """
                        .formatted(className, id, javaStatements);
        return this;
    }

    /** A file in the jar. */
    public PluginJar with(String path, String text) {
        resources.put(path, text);
        return this;
    }

    /** Writes {@code <id>.jar} into the directory. */
    public Path writeTo(Path directory) throws IOException {
        Path classes = Files.createTempDirectory("plugin-classes");
        SourceCompiler.compile(Map.of("made." + className, IMPORTS + type), classes);
        Path jar = Files.createDirectories(directory).resolve(id + ".jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> compiled = Files.walk(classes)) {
            for (Path path : compiled.filter(Files::isRegularFile).toList()) {
                add(out, classes.relativize(path).toString(), Files.readAllBytes(path));
            }
            add(
                    out,
                    "META-INF/services/dev.plinth.plugin.Plugin",
                    ("made." + className).getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, String> resource : resources.entrySet()) {
                add(out, resource.getKey(), resource.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private static void add(JarOutputStream out, String name, byte[] content) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(content);
        out.closeEntry();
    }
}
