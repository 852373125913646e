package dev.plinth.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
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
        while nobody asks for anything. The young generation is 8 MB, as garbage of the start would otherwise be counted.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) {
        return List.of(new Shape("idle", METRICS, List.of(new Idle(setup.root(), 0), new Idle(setup.root(), 100))));
    }

    private static final class Idle implements Contender {

        private static final double CLOCK_TICKS_A_SECOND = 100;

        private final Path root;
        private final int plugins;
        private @Nullable Process process;

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
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-XX:+UseSerialGC",
                            "-Xmn8m",
                            "-jar",
                            root.resolve("runtime/target/plinth.jar").toString(),
                            "start")
                    .directory(directory.toFile())
                    .redirectError(directory.resolve("stderr.log").toFile())
                    .start();
            awaitReady(process, plugins + " plugins ready");
        }

        private static void awaitReady(Process started, String expected) throws IOException {
            Reader reader = started.inputReader(StandardCharsets.UTF_8);
            String line = new BufferedReader(reader).readLine();
            if (line == null || !line.contains(expected)) {
                throw new IllegalStateException("expected " + expected + ", but plinth said: " + line);
            }
        }

        private static void writeJar(Path jar, String id) throws IOException {
            String type = RestingPlugin.class.getName();
            byte[] code = Objects.requireNonNull(
                            RestingPlugin.class.getResourceAsStream("RestingPlugin.class"))
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
            try (OutputStream file = Files.newOutputStream(jar);
                    JarOutputStream out = new JarOutputStream(file)) {
                for (Map.Entry<String, byte[]> entry : files.entrySet()) {
                    out.putNextEntry(new JarEntry(entry.getKey()));
                    out.write(entry.getValue());
                    out.closeEntry();
                }
            }
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            double before = processorSeconds();
            Thread.sleep(time.toMillis());
            double used = (processorSeconds() - before) / (time.toNanos() / 1e9);
            return new double[] {status("Threads:"), status("VmRSS:") / 1024, Math.max(0.001, 100 * used)};
        }

        private Path proc(String file) {
            return Path.of("/proc", String.valueOf(Objects.requireNonNull(process).pid()), file);
        }

        private double status(String key) throws IOException {
            try (Stream<String> lines = Files.lines(proc("status"))) {
                String line =
                        lines.filter(text -> text.startsWith(key)).findFirst().orElseThrow();
                return Double.parseDouble(line.replaceAll("[^0-9]", ""));
            }
        }

        /** In user and in kernel mode: the fields behind the command's name, which is in parentheses. */
        private double processorSeconds() throws IOException {
            String stat = Files.readString(proc("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Double.parseDouble(fields[11]) + Double.parseDouble(fields[12])) / CLOCK_TICKS_A_SECOND;
        }

        @Override
        public void close() throws InterruptedException {
            if (process != null) {
                process.destroy();
                process.waitFor();
            }
        }
    }
}
