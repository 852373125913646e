package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.testing.ReservedPort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A PostgreSQL of one test's own, to be killed, frozen and started again. */
final class OwnServer implements AutoCloseable {

    private final Path data;
    private final ReservedPort port = new ReservedPort();
    private EmbeddedPostgres postgres;

    OwnServer(Path directory) throws IOException {
        data = Files.createDirectory(directory.resolve("data"));
        postgres = start();
    }

    private EmbeddedPostgres start() throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setPort(port.number())
                .setServerConfig("fsync", "off")
                .setServerConfig("max_connections", "100")
                .setPGStartupWait(Duration.ofSeconds(60))
                .start();
    }

    int port() {
        return port.number();
    }

    /** Ends it as an operator does: sessions are told. */
    void stop() throws IOException {
        postgres.close();
    }

    /** Every process of the server at once, without a word to anyone. */
    void kill() throws IOException, InterruptedException {
        signal("KILL");
        postgres.close(); // gives the lock on the directory up; there is no process left to stop
    }

    /** Stops every process of the server where it is; sockets stay open. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** Lets nobody in from now on, and ends with the last session. */
    void stopSmartly() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-TERM", String.valueOf(postmaster()))
                .start()
                .waitFor();
    }

    void startAgain() throws IOException {
        postgres = start();
    }

    private void signal(String name) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        ProcessHandle postmaster =
                ProcessHandle.of(postmaster()).orElseThrow(() -> new AssertionError("the server does not run"));
        Stream.concat(Stream.of(postmaster), postmaster.descendants())
                .forEach(process -> command.add(String.valueOf(process.pid())));
        new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    }

    private long postmaster() throws IOException {
        return Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).get(0).trim());
    }

    /** Runs statements as the superuser. */
    void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** As the superuser. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port() + "/postgres", "postgres", "postgres");
    }

    @Override
    public void close() throws IOException {
        try (port) {
            postgres.close();
        }
    }
}
