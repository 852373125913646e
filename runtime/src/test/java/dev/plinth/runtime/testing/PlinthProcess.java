package dev.plinth.runtime.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The built fat jar, started as a user starts it, in a directory of its own. */
public final class PlinthProcess implements AutoCloseable {

    private static final Path ROOT = Path.of(System.getProperty("plinth.root"));
    private static final Path JAR = ROOT.resolve("runtime/target/plinth.jar");
    /** Processes that live for seconds gain nothing from the better of the compilers. */
    private static final List<String> JAVA = List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:CompileThresholdScaling=3",
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            // Java's own warnings go to stdout by default.
            "-Xlog:disable",
            "-Xlog:all=warning:stderr");

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);
    private static final String READY = "plinth ready http://127.0.0.1:";

    private static final Pattern ADMIN = Pattern.compile("(http://[^ ,]+), for plinth status");

    private final Process process;
    private final Path errors;
    private final CompletableFuture<String> readyLine = new CompletableFuture<>();
    private final List<String> output = new ArrayList<>();
    private final Thread reader;
    private final HttpClient client = HttpClient.newHttpClient();

    private PlinthProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.reader = new Thread(this::readOutput, "plinth-stdout");
        this.reader.setDaemon(true);
        this.reader.start();
    }

    /** Runs {@code java -jar plinth.jar <arguments>} in the directory. */
    public static PlinthProcess run(Path directory, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(JAVA);
        command.add("-XX:SharedArchiveFile=" + LoadedClasses.ARCHIVE);
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(List.of(arguments));
        return launch(directory, command, environment);
    }

    private static PlinthProcess launch(Path directory, List<String> command, Map<String, String> environment)
            throws IOException {
        Path errors = Files.createTempFile(directory, "stderr", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors.toFile());
        Map<String, String> clean = new HashMap<>();
        clean.put("PATH", System.getenv("PATH"));
        clean.put("HOME", directory.toString());
        clean.putAll(environment);
        builder.environment().clear();
        builder.environment().putAll(clean);
        return new PlinthProcess(builder.start(), errors);
    }

    /** Starts a backend with the example plugins on a free port, and waits until it is up. */
    public static PlinthProcess start(Path directory, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> all = new ArrayList<>(List.of("start", "--port", "0"));
        all.addAll(List.of(arguments));
        PlinthProcess plinth = run(directory, environment, all.toArray(String[]::new));
        plinth.awaitReady();
        return plinth;
    }

    /** The directory with the example plugins' jar. */
    public static Path examplePlugins() {
        return ROOT.resolve("plugins-example/target");
    }

    /** A configuration directory with one base file. */
    public static void configure(Path directory, String yaml) throws IOException {
        Path conf = Files.createDirectories(directory.resolve("conf"));
        Files.writeString(conf.resolve("app-config.yaml"), yaml);
    }

    /** For plugins with SQLite files, in the directory that this answers. */
    public static Path configureForPlugins(Path directory) throws IOException {
        configure(
                directory,
                """
                backend:
                  pluginDirectories: [plugins]
                  database: {client: sqlite, connection: {directory: data}}
                """);
        return Files.createDirectories(directory.resolve("plugins"));
    }

    public String awaitReady() {
        try {
            return readyLine.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            process.destroyForcibly();
            throw new AssertionError("not ready; stderr:\n" + errors(), e);
        }
    }

    public int port() {
        String line = awaitReady();
        return Integer.parseInt(line.substring(READY.length(), line.indexOf(' ', READY.length())));
    }

    /** Where it listens to operators, as its start says. */
    public String adminUrl() {
        awaitReady();
        Matcher url = ADMIN.matcher(errors());
        if (!url.find()) {
            throw new AssertionError("no admin server in\n" + errors());
        }
        return url.group(1);
    }

    public HttpResponse<String> get(String path) {
        return send(request(path).GET());
    }

    /** Without waiting for the answer. */
    public CompletableFuture<HttpResponse<String>> getLater(String path) {
        return client.sendAsync(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    /** What an operator asks for, without a body. */
    public HttpResponse<String> order(String path) {
        return send(HttpRequest.newBuilder(URI.create(adminUrl() + path))
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.noBody()));
    }

    public HttpResponse<String> post(String path, String json) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    /** Asks until the answer is as wanted; fails with the last answer when it never is. */
    public HttpResponse<String> getUntil(String path, Predicate<HttpResponse<String>> wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            HttpResponse<String> response = get(path);
            if (wanted.test(response)) {
                return response;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        path + " answered " + response.statusCode() + " " + response.body() + "\n" + errors());
            }
            rest();
        }
    }

    /** Not spinning: what is waited for needs the processor too. */
    private static void rest() {
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(PATIENCE);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(errors(), e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything on stderr so far. */
    public String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything on stdout, once the process has ended. */
    public String output() throws InterruptedException {
        reader.join(PATIENCE.toMillis());
        synchronized (output) {
            return String.join("\n", output);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** SIGKILL. */
    public void kill() {
        close();
    }

    /** SIGSTOP: the process is there, and does nothing. */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    public void wake() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exitCode = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .start()
                .waitFor();
        if (exitCode != 0) {
            throw new IOException("kill -" + name + " failed with " + exitCode);
        }
    }

    /** Waits until a text is on stderr. */
    public void awaitError(String text) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!errors().contains(text)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("\"" + text + "\" never came; stderr:\n" + errors());
            }
            rest();
        }
    }

    /** SIGTERM; answers the exit code. */
    public int terminate() {
        process.destroy();
        return exitCode();
    }

    public int exitCode() {
        try {
            return process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS).exitValue();
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new AssertionError("did not exit; stderr:\n" + errors(), e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (output) {
                    output.add(line);
                }
                if (line.startsWith(READY)) {
                    readyLine.complete(line);
                }
            }
            readyLine.completeExceptionally(new IOException("ended without being ready"));
        } catch (IOException e) {
            readyLine.completeExceptionally(e);
        }
    }

    /** What a start loads, stored once for all processes of a test run: they start in two thirds of the time. */
    private static final class LoadedClasses {

        private static final Path ARCHIVE = make();

        /** The first process of tests makes it, while others wait. */
        private static Path make() {
            Path directory = ROOT.resolve("runtime/target");
            Path archive = directory.resolve("loaded-classes-" + Runtime.version() + ".jsa");
            try (FileChannel file = FileChannel.open(
                    directory.resolve("loaded-classes.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                var unused = file.lock(); // as long as it is open
                if (!isOfThisJar(archive)) {
                    make(archive);
                }
                return archive;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static boolean isOfThisJar(Path archive) throws IOException {
            return Files.exists(archive)
                    && Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(JAR)) > 0;
        }

        private static void make(Path archive) throws IOException {
            Path directory = Files.createTempDirectory("loaded-classes");
            Path made = directory.resolve("plinth.jsa");
            List<String> command = new ArrayList<>(JAVA);
            command.add("-XX:ArchiveClassesAtExit=" + made);
            command.addAll(List.of("-jar", JAR.toString(), "start", "--port", "0"));
            command.addAll(List.of("--set", "backend.database.client=better-sqlite3"));
            command.addAll(List.of("--set", "backend.database.connection=:memory:"));
            command.addAll(List.of("--set", "backend.pluginDirectories=[\"" + examplePlugins() + "\"]"));
            // Changes nothing, but makes the start read its arguments as all other verbs do.
            command.add("--");
            try (PlinthProcess plinth = launch(directory, command, Map.of())) {
                plinth.get("/health/ready");
                plinth.terminate();
            }
            Files.move(made, archive, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
