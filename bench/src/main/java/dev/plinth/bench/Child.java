package dev.plinth.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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

    private static final String READY = "ready ";
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final URI url;
    private final double millis;

    private Child(Process process, URI url, double millis) {
        this.process = process;
        this.url = url;
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
        command.add("-XX:+UseSerialGC");
        command.addAll(arguments);
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int ready = line.indexOf(READY);
            if (ready >= 0) {
                URI url = URI.create(line.substring(ready + READY.length()).split(" ", -1)[0]);
                return new Child(process, url, (System.nanoTime() - begin) / 1e6);
            }
        }
        throw new IOException("it did not start: " + Files.readString(errors));
    }

    int port() {
        return url.getPort();
    }

    /** Asks once, whatever the answer is. */
    void get(String path) throws IOException {
        try (InputStream answer = url.resolve(path).toURL().openStream()) {
            answer.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** How long it took to be ready. */
    double millis() {
        return millis;
    }

    /** What it has of the machine's memory. */
    double megabytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            String line =
                    lines.filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
            return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
        }
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
