package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar while the password of its login changes. */
@ExtendWith(PostgresExtension.class)
class PasswordRotationIT {

    @TempDir
    private Path directory;

    @Test
    void newConnectionsUseThePasswordThatTheFileHasNow(Server server) throws Exception {
        String user = server.uniqueName("rotating");
        String prefix = user + "_";
        String database = prefix + "todo";
        server.execute("postgres", "CREATE ROLE " + user + " LOGIN PASSWORD 'first'");
        server.execute("postgres", "CREATE DATABASE " + database + " OWNER " + user);
        server.requirePasswords(database);
        configure(server.port(), user, prefix);
        Path secret = directory.resolve("conf/password.txt");
        Files.writeString(secret, "first");

        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            plinth.getUntil("/api/todo/items", answer -> answer.statusCode() == 200);

            server.execute("postgres", "ALTER ROLE " + user + " PASSWORD 'second'");
            endSessions(server, user);
            assertThat(plinth.get("/api/todo/items").statusCode()).isNotEqualTo(200);

            Files.writeString(secret, "second");
            plinth.getUntil("/api/todo/items", answer -> answer.statusCode() == 200);
            assertThat(plinth.errors()).doesNotContain("first").doesNotContain("second");
        }
    }

    private static void endSessions(Server server, String user) throws Exception {
        server.execute(
                "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + user + "'");
    }

    private void configure(int port, String user, String prefix) throws Exception {
        PlinthProcess.configure(
                directory,
                """
                backend:
                  pluginDirectories: [%s]
                  database:
                    client: better-sqlite3
                    connection: ':memory:'
                    prefix: %s
                    plugin:
                      todo:
                        client: pg
                        connection: {host: 127.0.0.1, port: %d, user: %s, password: {$file: password.txt}}
                """
                        .formatted(PlinthProcess.examplePlugins(), prefix, port, user));
    }
}
