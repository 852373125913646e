package dev.plinth.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What plugins with a SQLite file each cost the fat jar's process while nobody asks for anything. */
final class SqliteAtRest implements Benchmark {

    private static final List<Metric> METRICS =
            List.of(new Metric("threads", false), new Metric("MB resident", false), new Metric("% of a core", false));

    @Override
    public String name() {
        return "sqlite-at-rest";
    }

    @Override
    public String title() {
        return "SQLite: plugins at rest";
    }

    @Override
    public String explanation() {
        return """
        The fat jar as a process of its own: without a plugin, and with plugins in a jar each, which have a SQLite file each and have
        written and read it at their start. Threads and resident memory of the whole process, and the processor time that it needs
        while nobody asks for anything, with the options of Java that `./plinth` gives.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) {
        return List.of(new Shape("idle", METRICS, List.of(new Idle(setup.root(), 0), new Idle(setup.root(), 100))));
    }

    private static final class Idle implements Contender {

        private final Path root;
        private final int plugins;
        private @Nullable Child process;

        Idle(Path root, int plugins) {
            this.root = root;
            this.plugins = plugins;
        }

        @Override
        public String name() {
            return plugins == 0 ? "no plugin" : plugins + " plugins";
        }

        @Override
        public void open() throws IOException {
            Path directory = Files.createTempDirectory("plinth-bench");
            Path jars = Files.createDirectory(directory.resolve("plugins"));
            for (int i = 0; i < plugins; i++) {
                writeJar(jars.resolve("p" + i + ".jar"), "p" + i);
            }
            Path conf = Files.createDirectory(directory.resolve("conf"));
            Files.writeString(
                    conf.resolve("app-config.yaml"),
                    """
                    backend:
                      listen: 127.0.0.1:0
                      admin: {listen: 127.0.0.1:0}
                      pluginDirectories: [plugins]
                      database: {client: better-sqlite3, connection: {directory: data}}
                    """);
            process = Child.start(
                    directory,
                    directory.resolve("stderr.log"),
                    List.of("-jar", root.resolve("runtime/target/plinth.jar").toString(), "start"));
            String expected = plugins + " plugins ready";
            if (!process.ready().contains(expected)) {
                throw new IllegalStateException("expected " + expected + ", but plinth said: " + process.ready());
            }
        }

        private static void writeJar(Path jar, String id) throws IOException {
            String type = RestingPlugin.class.getName();
            byte[] code = Objects.requireNonNull(RestingPlugin.class.getResourceAsStream("RestingPlugin.class"))
                    .readAllBytes();
            Map<String, byte[]> files = Map.of(
                    type.replace('.', '/') + ".class",
                    code,
                    RestingPlugin.ID,
                    id.getBytes(StandardCharsets.UTF_8),
                    "META-INF/services/dev.plinth.plugin.Plugin",
                    type.getBytes(StandardCharsets.UTF_8),
                    "db/migration/V1__item.sql",
                    RestingPlugin.MIGRATION.getBytes(StandardCharsets.UTF_8));
            Jars.write(jar, files);
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            Child resting = Objects.requireNonNull(process);
            double before = resting.processorSeconds();
            Thread.sleep(time.toMillis());
            double used = (resting.processorSeconds() - before) / (time.toNanos() / 1e9);
            return new double[] {resting.threads(), resting.megabytes(), Math.max(0.001, 100 * used)};
        }

        @Override
        public void close() throws IOException {
            if (process != null) {
                process.close();
            }
        }
    }
}
