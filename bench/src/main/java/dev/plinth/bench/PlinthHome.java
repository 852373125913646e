package dev.plinth.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** A directory as an operator would have it: the fat jar, a configuration, and plugins' jars. */
record PlinthHome(Path directory, Path jar) implements AutoCloseable {

    private static final String HAND_WRITTEN = "hand-written.jar";
    private static final List<Class<?>> HAND_WRITTEN_CLASSES =
            List.of(HandWritten.class, HandWritten.Empty.class, HttpPlugin.class);
    private static final String LOADED = "loaded-classes";
    private static final String ARCHIVE = "archive.jsa";
    private static final String TOOK = "took ";

    /**
     * With one plugin.
     *
     * @param database what stands below {@code backend.database}
     */
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
        Files.createDirectory(directory.resolve("plugins"));
        // A copy: an archive is made beside it.
        Path jar = Files.copy(root.resolve("runtime/target/plinth.jar"), directory.resolve("plinth.jar"));
        PlinthHome home = new PlinthHome(directory, jar);
        home.addPlugin(HttpPlugin.ID);
        Map<String, byte[]> code = new LinkedHashMap<>();
        for (Class<?> type : HAND_WRITTEN_CLASSES) {
            code.put(path(type), code(type));
        }
        // Without it, it would log at level debug.
        code.put("logback.xml", content("/logback.xml"));
        Jars.write(directory.resolve(HAND_WRITTEN), code);
        return home;
    }

    /** One more of the same kind. */
    void addPlugin(String id) throws IOException {
        Map<String, byte[]> content = new LinkedHashMap<>();
        content.put(path(HttpPlugin.class), code(HttpPlugin.class));
        content.put(HttpPlugin.ID_FILE, bytes(id));
        content.put("META-INF/services/dev.plinth.plugin.Plugin", bytes(HttpPlugin.class.getName()));
        content.put("db/migration/V1__bench.sql", bytes(HttpPlugin.MIGRATION));
        Jars.write(directory.resolve("plugins").resolve(id + ".jar"), content);
    }

    Path log() {
        return directory.resolve("stderr.log");
    }

    /** Plinth. */
    Child start(List<String> javaOptions, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("-jar", jar.toString(), "start"));
        all.addAll(List.of(arguments));
        return run(javaOptions, all);
    }

    /** Makes the archive of the jar, and answers the options of Java that use it. */
    static List<String> optimize(Path jar) throws IOException, InterruptedException {
        Path log = jar.resolveSibling("optimize.log");
        Process process = new ProcessBuilder(Child.JAVA, "-jar", jar.toString(), "optimize")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("no archive: " + Files.readString(log));
        }
        return List.of("@" + jar.resolveSibling("plinth.options"));
    }

    /** Where the time of the last start went that was asked to tell. */
    String lastTook() throws IOException {
        try (Stream<String> lines = Files.lines(log())) {
            return lines.map(String::strip)
                    .filter(line -> line.startsWith(TOOK))
                    .map(line -> line.substring(TOOK.length()).strip())
                    .reduce("", (earlier, later) -> later);
        }
    }

    /** Another server with Plinth's libraries. */
    Child java(List<String> javaOptions, String... mainAndArguments) throws IOException {
        return run(javaOptions, classPathAnd(mainAndArguments));
    }

    private Child run(List<String> javaOptions, List<String> arguments) throws IOException {
        return Child.start(
                directory,
                log(),
                Stream.concat(javaOptions.stream(), arguments.stream()).toList());
    }

    private List<String> classPathAnd(String... mainAndArguments) {
        List<String> arguments = new ArrayList<>(List.of("-cp", jar + ":" + directory.resolve(HAND_WRITTEN)));
        arguments.addAll(List.of(mainAndArguments));
        return arguments;
    }

    /** Makes a class-data archive for the other server, and answers the options of Java that use it. */
    List<String> archive(String main) throws IOException, InterruptedException {
        try (Child recorded = java(List.of("-XX:DumpLoadedClassList=" + directory.resolve(LOADED)), main)) {
            recorded.get("/hello");
        }
        List<String> command = new ArrayList<>(List.of(
                Child.JAVA,
                "-XX:+UseG1GC",
                "-Xshare:dump",
                "-Xlog:disable",
                "-XX:SharedClassListFile=" + directory.resolve(LOADED),
                "-XX:SharedArchiveFile=" + directory.resolve(ARCHIVE)));
        command.addAll(classPathAnd());
        Process dump = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("dump.log").toFile())
                .start();
        if (dump.waitFor() != 0) {
            throw new IOException("no archive: " + Files.readString(directory.resolve("dump.log")));
        }
        return List.of("-Xlog:disable", "-XX:SharedArchiveFile=" + directory.resolve(ARCHIVE));
    }

    private static String path(Class<?> type) {
        return type.getName().replace('.', '/') + ".class";
    }

    private static byte[] code(Class<?> type) throws IOException {
        return content("/" + path(type));
    }

    private static byte[] content(String resource) throws IOException {
        try (InputStream in = PlinthHome.class.getResourceAsStream(resource)) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
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
