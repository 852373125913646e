package dev.plinth.runtime.cli;

import dev.plinth.plugin.Plugin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A start of the fat jar in a directory of its own, with the {@link TrainingPlugin}s alone. Blocks; used by one thread. */
final class TrainingRun implements AutoCloseable {

    /** The collector that starts fastest and needs the least memory. */
    static final String GC = "-XX:+UseSerialGC";

    /** Java would begin with a part of the machine's memory, and fill it with garbage before it looks for any. */
    static final String HEAP = "-Xms96m -XX:NewSize=16m -XX:MetaspaceSize=64m";

    /** A start runs much code a few times: to compile it would take a third of all it takes. */
    static final String COMPILER = "-XX:CompileThresholdScaling=3";

    /** This collector's default is that no thread can pause within a loop that counts: a plugin that computes would hold up all others. */
    static final String LOOPS = "-XX:+UseCountedLoopSafepoints -XX:LoopStripMiningIter=1000";

    private static final String READY = "plinth ready ";
    private static final int REQUESTS = 5;
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final long LIMIT_SECONDS = 120;

    /** One plugin on SQLite, one with a database and one with a schema on a server that only seems to be one. */
    private static final String CONFIGURATION =
            """
            backend:
              listen: 127.0.0.1:0
              pluginDirectories: [plugins]
              database:
                client: better-sqlite3
                connection: {directory: data}
                plugin:
                  training-database:
                    client: pg
                    connection: {host: 127.0.0.1, port: PORT, user: training, password: training}
                  training-schema:
                    client: pg
                    pluginDivisionMode: schema
                    connection: {host: 127.0.0.1, port: PORT, user: training, password: training, database: training}
            """;

    private final Path jar;
    private final Path directory;
    private final TrainingServer server;

    private TrainingRun(Path jar, Path directory, TrainingServer server) {
        this.jar = jar;
        this.directory = directory;
        this.server = server;
    }

    static TrainingRun prepare(Path jar) throws IOException {
        Path directory = Files.createTempDirectory("plinth-optimize");
        TrainingRun run = new TrainingRun(jar, directory, TrainingServer.start());
        Files.writeString(
                directory.resolve("app-config.yaml"), CONFIGURATION.replace("PORT", String.valueOf(run.server.port())));
        run.writePlugin(Files.createDirectory(directory.resolve("plugins")).resolve("training.jar"));
        return run;
    }

    Path directory() {
        return directory;
    }

    /** Starts, uses and stops a backend under a Java with these options. */
    void start(List<String> javaOptions) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(javaOptions);
        // The dashes change nothing, but picocli is loaded to read them, for the sake of other verbs.
        arguments.addAll(List.of(GC, "-jar", jar.toString(), "start", "--"));
        Process process = launch(arguments);
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String ready = lines.readLine();
            if (ready != null && ready.startsWith(READY)) {
                use(URI.create(ready.substring(READY.length(), ready.indexOf(' ', READY.length()))));
            }
            process.destroy();
            await(process);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs Java to its end. */
    void java(List<String> arguments) throws IOException, InterruptedException {
        Process process = launch(arguments);
        try (InputStream output = process.getInputStream()) {
            output.transferTo(OutputStream.nullOutputStream());
            await(process);
        } finally {
            process.destroyForcibly();
        }
    }

    private Process launch(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors().toFile());
        // What the operator sets for the real start has no place here.
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("APP_CONFIG_")
                        || name.startsWith("PLINTH_")
                        || name.equals("JAVA_TOOL_OPTIONS")
                        || name.equals("JDK_JAVA_OPTIONS"));
        return builder.start();
    }

    private void await(Process process) throws IOException, InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("Java did not end within " + LIMIT_SECONDS + " s; its last words:\n" + lastWords());
        }
        if (process.exitValue() != 0) {
            throw new IOException("Java ended with " + process.exitValue() + "; its last words:\n" + lastWords());
        }
    }

    private Path errors() {
        return directory.resolve("errors.log");
    }

    private String lastWords() throws IOException {
        return Files.readString(errors()).strip();
    }

    private static void use(URI url) throws IOException {
        for (int i = 0; i < REQUESTS; i++) {
            request(url.resolve("/health/ready"), "GET");
            request(url.resolve("/api/training/items"), "POST");
            request(url.resolve("/api/training/items"), "GET");
        }
    }

    private static void request(URI url, String method) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setRequestMethod(method);
        if (method.equals("POST")) {
            connection.setDoOutput(true);
            connection.getOutputStream().write("{\"name\":\"one\"}".getBytes(StandardCharsets.UTF_8));
        }
        connection.getResponseCode();
        connection.disconnect();
    }

    private void writePlugin(Path target) throws IOException {
        try (OutputStream file = Files.newOutputStream(target);
                JarOutputStream out = new JarOutputStream(file)) {
            List<String> services = new ArrayList<>();
            for (Class<?> type : TrainingPlugin.CLASSES) {
                String path = type.getName().replace('.', '/') + ".class";
                try (InputStream code = type.getResourceAsStream("/" + path)) {
                    add(out, path, Objects.requireNonNull(code, path).readAllBytes());
                }
                if (Plugin.class.isAssignableFrom(type)) {
                    services.add(type.getName());
                }
            }
            add(out, "META-INF/services/dev.plinth.plugin.Plugin", bytes(String.join("\n", services)));
            add(out, "db/migration/V1__item.sql", bytes(TrainingPlugin.MIGRATION));
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
    public void close() {
        try (server;
                Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + directory, e);
        }
    }
}
