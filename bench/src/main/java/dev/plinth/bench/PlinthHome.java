package dev.plinth.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A directory as an operator would have it: a configuration, and one plugin's jar. */
record PlinthHome(Path directory, Path jar) implements AutoCloseable {

    /** @param database what stands below {@code backend.database}, indented by nothing */
    static PlinthHome make(Path root, String database) throws IOException {
        Path directory = Files.createTempDirectory("plinth-bench");
        Files.writeString(
                directory.resolve("app-config.yaml"),
                """
                backend:
                  listen: 127.0.0.1:0
                  admin: {listen: 127.0.0.1:0}
                  pluginDirectories: [plugins]
                  database:
                """
                        + database.indent(4));
        Path plugins = Files.createDirectory(directory.resolve("plugins"));
        writePlugin(plugins.resolve("bench.jar"));
        return new PlinthHome(directory, root.resolve("runtime/target/plinth.jar"));
    }

    Path log() {
        return directory.resolve("stderr.log");
    }

    Child start(String... javaOptions) throws IOException {
        return Child.start(
                directory,
                log(),
                Stream.concat(Stream.of(javaOptions), Stream.of("-jar", jar.toString(), "start"))
                        .toList());
    }

    /** Another server with Plinth's libraries, and one of our classes. */
    Child java(String... arguments) throws IOException {
        String classes = Path.of("bench/target/classes").toAbsolutePath().toString();
        return Child.start(
                directory,
                log(),
                Stream.concat(Stream.of("-cp", jar + ":" + classes), Stream.of(arguments))
                        .toList());
    }

    private static void writePlugin(Path target) throws IOException {
        try (OutputStream file = Files.newOutputStream(target);
                JarOutputStream out = new JarOutputStream(file)) {
            String code = HttpPlugin.class.getName().replace('.', '/') + ".class";
            try (InputStream in = HttpPlugin.class.getResourceAsStream("/" + code)) {
                add(out, code, Objects.requireNonNull(in).readAllBytes());
            }
            add(out, "META-INF/services/dev.plinth.plugin.Plugin", bytes(HttpPlugin.class.getName()));
            add(out, "db/migration/V1__bench.sql", bytes(HttpPlugin.MIGRATION));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void add(JarOutputStream out, String name, byte[] content) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(content);
        out.closeEntry();
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
