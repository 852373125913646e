package dev.plinth.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's own load generator on one thread, one statement in flight on each connection: the outer limit. */
final class Pgbench implements Contender {

    private static final Pattern RESULT = Pattern.compile("tps = ([0-9.]+)");

    private final Postgres server;
    private final int connections;
    private final String script;
    private @Nullable Path file;

    /** @param script with pgbench's variables in place of parameters */
    Pgbench(Postgres server, int connections, String script) {
        this.server = server;
        this.connections = connections;
        this.script = script;
    }

    static boolean isInstalled() {
        return List.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator)).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "pgbench")));
    }

    @Override
    public String name() {
        return "pgbench";
    }

    @Override
    public void open() throws IOException {
        file = Files.writeString(Files.createTempFile("bench", ".sql"), script);
    }

    /** Whole seconds only. */
    @Override
    public double[] measure(Duration time) throws Exception {
        long seconds = Math.max(1, Math.round(time.toMillis() / 1000.0));
        ProcessBuilder builder = new ProcessBuilder(
                "pgbench",
                "-n",
                "-M",
                "prepared",
                "-j",
                "1",
                "-c",
                String.valueOf(connections),
                "-T",
                String.valueOf(seconds),
                "-f",
                String.valueOf(file),
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(server.port()),
                "-U",
                "postgres",
                "postgres");
        builder.environment().put("PGPASSWORD", Postgres.PASSWORD);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher result = RESULT.matcher(output);
        if (process.waitFor() != 0 || !result.find()) {
            throw new IOException("pgbench failed: " + output);
        }
        return new double[] {Double.parseDouble(result.group(1))};
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            Files.delete(file);
        }
    }
}
