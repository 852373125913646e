package dev.plinth.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server in a process of its own, which says on stdout where it listens. Used by one thread. */
final class Child implements AutoCloseable {

    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    /** As {@code ./plinth} and {@code plinth optimize} give them. */
    private static final List<String> OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-Xms96m",
            "-XX:NewSize=16m",
            "-XX:MetaspaceSize=64m",
            "-XX:CompileThresholdScaling=3",
            "-XX:+UseCountedLoopSafepoints",
            "-XX:LoopStripMiningIter=1000");

    private static final String READY = "ready ";
    private static final long PATIENCE_SECONDS = 60;
    private static final double CLOCK_TICKS_A_SECOND = 100;

    private final Process process;
    private final String ready;
    private final URI url;
    private final double millis;

    private Child(Process process, String ready, double millis) {
        this.process = process;
        this.ready = ready;
        this.url = URI.create(ready.split(" ", -1)[0]);
        this.millis = millis;
    }

    /**
     * Blocks until it is ready.
     *
     * @param errors where its stderr goes
     * @param arguments of Java
     */
    static Child start(Path directory, Path errors, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(JAVA);
        command.addAll(OPTIONS);
        command.addAll(arguments);
        return start(new ProcessBuilder(command).directory(directory.toFile()), errors);
    }

    /** Blocks until any command is ready. */
    static Child start(ProcessBuilder command, Path errors) throws IOException {
        long begin = System.nanoTime();
        Process process = command.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int ready = line.indexOf(READY);
            if (ready >= 0) {
                return new Child(process, line.substring(ready + READY.length()), (System.nanoTime() - begin) / 1e6);
            }
        }
        throw new IOException("it did not start: " + Files.readString(errors));
    }

    /** What it said when it was ready, from its address on. */
    String ready() {
        return ready;
    }

    int port() {
        return url.getPort();
    }

    /** Asks once, and wants 200. */
    void get(String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) url.resolve(path).toURL().openConnection();
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new IOException(path + " answers " + connection.getResponseCode());
        }
        try (InputStream answer = connection.getInputStream()) {
            answer.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** How long it took to be ready. */
    double millis() {
        return millis;
    }

    /** What it has of the machine's memory. */
    double megabytes() throws IOException {
        return status("VmRSS:") / 1024;
    }

    double threads() throws IOException {
        return status("Threads:");
    }

    private double status(String key) throws IOException {
        try (Stream<String> lines = Files.lines(proc("status"))) {
            String line = lines.filter(text -> text.startsWith(key)).findFirst().orElseThrow();
            return Double.parseDouble(line.replaceAll("[^0-9]", ""));
        }
    }

    /** In user and in kernel mode: the fields behind the command's name, which is in parentheses. */
    double processorSeconds() throws IOException {
        String stat = Files.readString(proc("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Double.parseDouble(fields[11]) + Double.parseDouble(fields[12])) / CLOCK_TICKS_A_SECOND;
    }

    private Path proc(String file) {
        return Path.of("/proc", String.valueOf(process.pid()), file);
    }

    /** Bytes in use after a collection. */
    long heap() throws IOException {
        tool("GC.run");
        String info = tool("GC.heap_info");
        return info.lines()
                        .filter(line -> line.contains(" used "))
                        .filter(line -> line.contains("generation") || line.contains("garbage-first"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll(".* used (\\d+)K.*", "$1")))
                        .sum()
                * 1024;
    }

    private String tool(String order) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(JAVA).resolveSibling("jcmd").toString(), String.valueOf(process.pid()), order)
                .redirectErrorStream(true)
                .start();
        return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        if (!hasEnded()) {
            process.destroyForcibly();
            throw new IOException("process " + process.pid() + " did not end");
        }
    }

    private boolean hasEnded() {
        try {
            return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
